internal import Formats
internal import Partners

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
        time = root["timestamp"].flatMap(Timestamp.init(reading:))
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
                isMessage: data["recipient"]?.unlessNull != nil || data["email_address"] == nil)
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
}
