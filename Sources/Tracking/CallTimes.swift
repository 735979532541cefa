internal import Formats

/// The four times of a call, as they are published.
///
/// Source: Twilio Segment, "Spec: Common Fields", timestamps.
struct CallTimes {
    static let fields: [CallField] = [.timestamp, .originalTimestamp, .sentAt, .receivedAt]

    /// The corrected time; nil if that of arrival stands in its place.
    private let timestamp: Timestamp?
    /// Which of the call's own times name no moment that can be read.
    private(set) var unreadable: [CallField] = []

    /// Times that Segment's servers have computed: they stay as they are.
    init(computedBySegment call: borrowing CallDraft) {
        timestamp = nil
        for field in Self.fields { _ = Self.moment(of: field, call, &unreadable) }
    }

    /// Times of a client, corrected by how far its clock was off when it sent the call.
    ///
    /// `timestamp` becomes `receivedAt − (sentAt − originalTimestamp)`. Without a time of sending it
    /// is the client's own, and if that cannot be read it is the time of arrival.
    ///
    /// `sentAt` is the batch's, for a call that has none of its own.
    init(ofClient call: borrowing CallDraft, sentAt: Timestamp?, receivedAt: Timestamp) {
        var unreadable: [CallField] = []
        let made = Self.moment(of: .originalTimestamp, call, &unreadable)
        let stamped = Self.moment(of: .timestamp, call, &unreadable)
        let sent =
            call.has(.sentAt) ? Self.moment(of: .sentAt, call, &unreadable) : sentAt
        let correction = sent.map { receivedAt.microseconds - $0.microseconds } ?? 0
        let corrected = (made ?? stamped).map {
            Timestamp(microseconds: $0.microseconds + correction)
        }
        let hasText = corrected?.hasText ?? true
        if !hasText { unreadable.append(.sentAt) }
        timestamp = hasText ? corrected : nil
        self.unreadable = unreadable
    }

    /// The moment that a field names, if any; notes one that cannot be read.
    private static func moment(
        of field: CallField, _ call: borrowing CallDraft, _ unreadable: inout [CallField]
    ) -> Timestamp? {
        guard call.has(field) else { return nil }
        let moment = call.moment(of: field)
        if moment == nil { unreadable.append(field) }
        return moment
    }

    /// Writes the times of a client's call: `originalTimestamp` keeps what the client wrote.
    func write(
        of call: CallDraft, batch: SharedTime?, arrival: Arrival, to object: inout JSONWriter
    ) {
        if let timestamp {
            object.member(CallField.timestamp.jsonName, timestamp)
        } else {
            object.member(.timestamp, raw: arrival.text)
        }
        let original: CallField = call.has(.originalTimestamp) ? .originalTimestamp : .timestamp
        call.write(original, as: .originalTimestamp, to: &object)
        if call.has(.sentAt) {
            call.write(.sentAt, as: .sentAt, to: &object)
        } else if let batch {
            object.member(.sentAt, raw: batch.value.raw)
        }
        object.member(.receivedAt, raw: arrival.text)
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
final class Arrival: Sendable {
    let time: Timestamp
    let text: ArraySlice<UInt8>

    init(_ time: Timestamp) {
        self.time = time
        text = CallTimes.text(time) ?? []
    }
}

/// A time that a batch gives to all its items.
final class SharedTime {
    let value: DraftValue
    /// Nil if it cannot be read.
    let time: Timestamp?

    init(_ value: DraftValue) {
        self.value = value
        time = value.moment
    }
}
