package import Formats
internal import Tracking

/// What a partner may send: its `validation_config`.
package struct ValidationConfig: Sendable {
    /// The senders whose routes the partner's token opens: one at least.
    package let senders: [SenderName]
    /// Nil lets every address in.
    package let allowedIPs: [IPNetwork]?
    /// Nil when nothing has to be signed.
    package let signing: SigningRule?
    /// What events of Customer.io are called.
    package let naming: Partner.Naming
    /// Fields that each payload of the partner's own webhooks must have.
    package let requiredFields: [FieldPath]
    /// Nil allows every event.
    package let eventTypes: [String]?
    /// Bytes of one request to the partner's own webhook, inflated; ``CallLimits/webhookBody`` unless
    /// the record asks for fewer.
    package let maximumBytes: Int
    /// The fields that the record says where to find; nil when it says nothing.
    private let ownMapping: WebhookMapping.Sources?

    /// Where payloads have the fields of a call: as the record says, else as a provider has them, or
    /// as the standard does.
    ///
    /// It is made when a webhook comes, and not at the start.
    package func mapping(_ preset: WebhookPreset?) -> WebhookMapping {
        let base = preset?.mapping ?? .standard
        return ownMapping.map(base.overridden) ?? base
    }

    /// The mapping for what the partner's provider usually sends.
    package var mapping: WebhookMapping { mapping(WebhookPreset(usualOf: signing?.scheme)) }

    /// What a record opens that names no senders: a write key is public, because it stands in the
    /// source of pages, so it must open nothing else.
    package static let standardSenders: [SenderName] = [.segmentAPI]
    private static let maximumRequiredFields = 64
    private static let maximumEventTypes = 1000
    /// Bytes of one event's name.
    private static let maximumEventName = 256

    /// The defaults: every address, no signature, any event.
    init() {
        senders = Self.standardSenders
        allowedIPs = nil
        signing = nil
        naming = .standard
        requiredFields = []
        eventTypes = nil
        maximumBytes = CallLimits.webhookBody
        ownMapping = nil
    }

    /// Reads the text of one.
    package init(json bytes: [UInt8], at place: String) throws(PartnerError) {
        let text: JSONText
        do throws(JSONError) {
            text = try JSONText(bytes)
        } catch {
            throw .invalid(place: place, problem: "not JSON: \(error.reason)")
        }
        try self.init(text.root, at: place)
    }

    /// Reads it strictly: an unknown key is an error.
    ///
    /// All mistakes are reported at once.
    package init(_ value: JSONValue, at place: String) throws(PartnerError) {
        var mistakes = MistakeList()
        let record = try RecordReader(
            value, at: place, keys: Self.openKeys + Self.ruleKeys, mistakes: &mistakes)
        allowedIPs =
            try mistakes.gather { () throws(PartnerError) in try Self.networks(record) }
        let signing = try mistakes.gather { () throws(PartnerError) in try Self.signing(record) }
        naming =
            try mistakes.gather { () throws(PartnerError) in try record.choice("naming") }
            ?? .standard
        requiredFields =
            try mistakes.gather { () throws(PartnerError) in try Self.requiredFields(record) } ?? []
        eventTypes =
            try mistakes.gather { () throws(PartnerError) in try Self.eventTypes(record) }
        maximumBytes =
            try mistakes.gather { () throws(PartnerError) in
                try record.number("max_bytes", in: 1...CallLimits.webhookBody)
            } ?? CallLimits.webhookBody
        ownMapping =
            try mistakes.gather { () throws(PartnerError) in try Self.mapping(record, signing) }
        senders =
            try mistakes.gather { () throws(PartnerError) in try Self.senders(record) }
            ?? Self.standardSenders
        self.signing = signing
        try mistakes.check()
    }

    private static func signing(_ record: RecordReader) throws(PartnerError) -> SigningRule? {
        try record["signing"].map { value throws(PartnerError) in
            try SigningRule(value, at: record.place(of: "signing"))
        }
    }

    /// The mapping, which must not publish a signature.
    private static func mapping(
        _ record: RecordReader, _ signing: SigningRule?
    ) throws(PartnerError) -> WebhookMapping.Sources? {
        let mapping = try record["mapping"].map { value throws(PartnerError) in
            try WebhookMapping.own(value, at: record.place(of: "mapping"))
        }
        guard let mapping, let signing else { return mapping }
        for field in WebhookMapping.fields {
            for case .header(signing.recipe.header) in mapping[field] ?? [] {
                throw .invalid(
                    place: "\(record.place(of: "mapping")).\(field.spelling)",
                    problem: "the header of the signature is not published")
            }
        }
        return mapping
    }

    /// The keys that count on every route.
    private static let openKeys: [String] = ["senders", "allowed_ips"]
    /// The keys of rules that count on some senders' routes and not on others.
    private static let ruleKeys: [String] = [
        "signing", "naming", "required_fields", "event_types", "max_bytes", "mapping",
    ]

    /// The senders that the record names; one with rules must name them.
    ///
    /// A rule would otherwise be passed by with the same token on another sender's route.
    private static func senders(_ record: RecordReader) throws(PartnerError) -> [SenderName] {
        let senders: [SenderName]? = try record.list("senders") {
            text, place, before throws(PartnerError) in
            guard let sender = SenderName(rawValue: text) else {
                throw .invalid(place: place, problem: "not one of \(SenderName.known)")
            }
            guard !before.contains(sender) else {
                throw .invalid(place: place, problem: "given twice")
            }
            return sender
        }
        if let senders { return senders }
        if let rule = ruleKeys.first(where: { record[$0] != nil }) {
            throw .invalid(
                place: record.place,
                problem: "\(rule) asks for senders, which say whose routes the token opens; "
                    + "known are \(SenderName.known)")
        }
        return standardSenders
    }

    private static func networks(_ record: RecordReader) throws(PartnerError) -> [IPNetwork]? {
        try record.list("allowed_ips") { text, place, _ throws(PartnerError) in
            guard let network = IPNetwork(text) else {
                throw .invalid(place: place, problem: "not a network such as 203.0.113.0/24")
            }
            return network
        }
    }

    private static func requiredFields(_ record: RecordReader) throws(PartnerError) -> [FieldPath] {
        try record.list("required_fields", most: maximumRequiredFields) {
            text, place, before throws(PartnerError) in
            guard !text.isEmpty else { throw .invalid(place: place, problem: "empty") }
            let path = try FieldPath(text, at: place)
            guard !before.contains(where: { $0.pointer.isSame(as: path.pointer) }) else {
                throw .invalid(place: place, problem: "given twice")
            }
            return path
        } ?? []
    }

    private static func eventTypes(_ record: RecordReader) throws(PartnerError) -> [String]? {
        try record.list("event_types", most: maximumEventTypes) {
            text, place, _ throws(PartnerError) in
            guard !text.isEmpty else { throw .invalid(place: place, problem: "empty") }
            guard text.utf8.count <= maximumEventName else {
                throw .invalid(place: place, problem: "longer than \(maximumEventName) bytes")
            }
            return text
        }
    }
}
