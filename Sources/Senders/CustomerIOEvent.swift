internal import Formats
internal import Store

/// One event of a reporting webhook, in the format of today or in that of 2015.
///
/// Nothing but `event_id` is required: what is sent differs from what is documented.
struct CustomerIOEvent {
    let root: JSONValue
    /// Text that is not blank, or a number.
    let id: JSONValue
    let kind: CustomerIOKind
    /// The whole kind in the format of 2015; nil in that of today.
    let eventType: String?
    let data: CustomerIOData
    /// Nil where there is none that can be read.
    let time: Timestamp?

    /// Nil for an object without an id: Customer.io's events all have one.
    init?(_ root: JSONValue) {
        guard let id = root["event_id"], id.isText else { return nil }
        self.root = root
        self.id = id
        data = CustomerIOData(root["data"])
        time = root["timestamp"].flatMap(Self.time)
        // The schema of one event spells it so.
        let object = root["object_type"]?.unlessNull ?? root["object_type_type"]?.unlessNull
        eventType = object == nil ? root["event_type"]?.string : nil
        if let eventType {
            let parts = CustomerIOKind.parts(ofEventType: eventType)
            kind = CustomerIOKind(
                object: parts?.object, metric: parts?.metric, isMessage: true)
        } else {
            kind = CustomerIOKind(
                object: object?.string, metric: root["metric"]?.string,
                isMessage: data[.recipient]?.unlessNull != nil || data[.emailAddress] == nil)
        }
    }

    func name(_ naming: Partner.Naming) -> String {
        switch naming {
        case .standard:
            if let eventType, kind.object == nil {
                return CustomerIOKind.words(eventType) ?? CustomerIOKind.unknown
            }
            return kind.name
        case .legacy:
            let parts = [kind.object, kind.metric].compactMap(\.self)
            let joined = parts.count == 2 ? parts.joined(separator: "_") : "unknown"
            return "customerio:" + (eventType ?? joined)
        }
    }

    /// From here on a number of seconds is taken for milliseconds: the year is 5138.
    private static let firstMilliseconds: Int64 = 100_000_000_000

    /// Seconds since 1970 as a number or as text, with or without a fraction; milliseconds by
    /// mistake; or a date of RFC 3339.
    private static func time(_ value: JSONValue) -> Timestamp? {
        guard value.kind == .number || value.kind == .string else { return nil }
        let text = value.utf8 ?? Array(value.raw)
        let parts = text.split(
            separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0 &- 0x30 < 10 } }),
            let whole = Int64(String(decoding: parts[0], as: UTF8.self)), whole > 0
        else { return Timestamp(rfc3339: text) }
        let time: Timestamp
        if whole >= firstMilliseconds {
            guard whole < firstMilliseconds * 1000 else { return nil }
            time = Timestamp(milliseconds: whole)
        } else {
            var fraction: Int64 = 0
            var scale: Int64 = 100
            for digit in (parts.count == 2 ? parts[1] : []).prefix(3) {
                fraction += Int64(digit - 0x30) * scale
                scale /= 10
            }
            time = Timestamp(milliseconds: whole * 1000 + fraction)
        }
        return time.rfc3339 == nil ? nil : time
    }
}
