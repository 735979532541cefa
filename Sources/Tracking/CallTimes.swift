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
    init(ofClient fields: CallFields, sentAt batchSentAt: JSONValue?, arrival: Arrival) {
        let original = fields[.originalTimestamp] ?? fields[.timestamp]
        let sentAt = fields[.sentAt] ?? batchSentAt
        self.receivedAt = arrival.text
        self.original = original?.raw
        self.sentAt = sentAt?.raw
        guard let made = Self.instant(original) else {
            timestamp = arrival.text
            return
        }
        guard let sent = Self.instant(sentAt) else {
            timestamp = Self.text(made) ?? arrival.text
            return
        }
        let corrected = Timestamp(
            microseconds: arrival.time.microseconds - (sent.microseconds - made.microseconds))
        timestamp = Self.text(corrected) ?? arrival.text
    }

    private static func instant(_ value: JSONValue?) -> Timestamp? {
        guard let value else { return nil }
        if let plain = value.plainContent { return Timestamp(rfc3339: plain) }
        return value.utf8.flatMap { Timestamp(rfc3339: $0) }
    }

    /// A JSON string; nil for an instant outside the years 0000 to 9999.
    fileprivate static func text(_ time: Timestamp) -> ArraySlice<UInt8>? {
        var text: [UInt8] = []
        text.reserveCapacity(26)
        text.append(UInt8(ascii: "\""))
        guard time.append(to: &text) else { return nil }
        text.append(UInt8(ascii: "\""))
        return text[...]
    }
}

/// When a request came, and how that is written: the same for all its calls.
struct Arrival {
    let time: Timestamp
    let text: ArraySlice<UInt8>

    init(_ time: Timestamp) {
        self.time = time
        text = CallTimes.text(time) ?? []
    }
}
