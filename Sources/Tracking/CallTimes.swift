internal import Formats

/// The four times of a call, as they are published.
///
/// Source: Twilio Segment, "Spec: Common Fields", timestamps.
struct CallTimes {
    private(set) var timestamp: ArraySlice<UInt8>?
    let original: ArraySlice<UInt8>?
    let sentAt: ArraySlice<UInt8>?
    let receivedAt: ArraySlice<UInt8>?
    /// Which of the call's own times name no moment that can be read.
    private(set) var unreadable: [CallField] = []

    /// Times that Segment's servers have computed: they stay as they are.
    init(computedBySegment fields: CallDraft) {
        timestamp = fields[.timestamp]?.raw
        original = fields[.originalTimestamp]?.raw
        sentAt = fields[.sentAt]?.raw
        receivedAt = fields[.receivedAt]?.raw
        for name: CallField in [.timestamp, .originalTimestamp, .sentAt, .receivedAt] {
            _ = moment(name, fields)
        }
    }

    /// Times of a client, corrected by how far its clock was off when it sent the call.
    ///
    /// `timestamp` becomes `receivedAt − (sentAt − originalTimestamp)`. Without a time of sending it
    /// is the client's own, and if that cannot be read it is the time of arrival.
    /// `originalTimestamp` keeps what the client wrote.
    init(ofClient fields: CallDraft, batch: SharedTime?, arrival: Arrival) {
        receivedAt = arrival.text
        original = (fields[.originalTimestamp] ?? fields[.timestamp])?.raw
        sentAt = (fields[.sentAt] ?? batch?.value)?.raw
        // Set again below: what reads a time notes what cannot be read.
        timestamp = nil
        let made = moment(.originalTimestamp, fields)
        let stamped = moment(.timestamp, fields)
        let sent = fields[.sentAt] == nil ? batch?.time : moment(.sentAt, fields)
        timestamp = timestamp(of: made ?? stamped, sent: sent, arrival)
    }

    /// The corrected time; that of arrival if there is none, or none that has a text.
    private mutating func timestamp(
        of made: Timestamp?, sent: Timestamp?, _ arrival: Arrival
    ) -> ArraySlice<UInt8> {
        guard let made else { return arrival.text }
        let correction = sent.map { arrival.time.microseconds - $0.microseconds } ?? 0
        let corrected = Timestamp(microseconds: made.microseconds + correction)
        guard let text = Self.text(corrected) else {
            unreadable.append(.sentAt)
            return arrival.text
        }
        return text
    }

    /// The moment that a field names, if any; notes one that cannot be read.
    private mutating func moment(_ name: CallField, _ fields: CallDraft) -> Timestamp? {
        guard let value = fields[name] else { return nil }
        let moment = value.moment
        if moment == nil { unreadable.append(name) }
        return moment
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

/// A time that a batch gives to all its items.
struct SharedTime {
    let value: DraftValue
    /// Nil if it cannot be read.
    let time: Timestamp?

    init(_ value: DraftValue) {
        self.value = value
        time = value.moment
    }
}
