internal import Formats

/// The four times of a call, as they are published.
///
/// Source: Twilio Segment, "Spec: Common Fields", timestamps.
struct CallTimes {
    let timestamp: ArraySlice<UInt8>?
    let original: ArraySlice<UInt8>?
    let sentAt: ArraySlice<UInt8>?
    let receivedAt: ArraySlice<UInt8>?

    /// Times that Segment's servers have computed: they stay as they are.
    init(computedBySegment fields: CallFields) {
        timestamp = fields[.timestamp]?.raw
        original = fields[.originalTimestamp]?.raw
        sentAt = fields[.sentAt]?.raw
        receivedAt = fields[.receivedAt]?.raw
    }

    /// Times of a client, corrected by how far its clock was off when it sent the call.
    ///
    /// `timestamp` becomes `receivedAt − (sentAt − originalTimestamp)`. Without a time of sending it
    /// is the client's own, and where that cannot be read it is the time of arrival.
    init(ofClient fields: CallFields, sentAt batchSentAt: JSONValue?, receivedAt: Timestamp) {
        let original = fields[.originalTimestamp] ?? fields[.timestamp]
        let sentAt = fields[.sentAt] ?? batchSentAt
        let arrival = Self.text(receivedAt) ?? []
        self.receivedAt = arrival[...]
        self.original = original?.raw
        self.sentAt = sentAt?.raw
        guard let made = Self.instant(original) else {
            timestamp = arrival[...]
            return
        }
        guard let sent = Self.instant(sentAt) else {
            timestamp = (Self.text(made) ?? arrival)[...]
            return
        }
        let corrected = Timestamp(
            microseconds: receivedAt.microseconds - (sent.microseconds - made.microseconds))
        timestamp = (Self.text(corrected) ?? arrival)[...]
    }

    private static func instant(_ value: JSONValue?) -> Timestamp? {
        guard let value else { return nil }
        if let plain = value.plainContent { return Timestamp(rfc3339: plain) }
        return value.utf8.flatMap { Timestamp(rfc3339: $0) }
    }

    /// A JSON string; nil for an instant outside the years 0000 to 9999.
    private static func text(_ timestamp: Timestamp) -> [UInt8]? {
        timestamp.rfc3339.map { Array("\"\($0)\"".utf8) }
    }
}
