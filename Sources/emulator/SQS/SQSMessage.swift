import Formats

/// A message that was given to SQS, after its checks.
///
/// Source: Amazon SQS API Reference, "SendMessage".
struct SQSMessage {
    static let maximumAttributes = 10

    let body: String
    let attributes: [SNSMessage.Attribute]
    let groupID: String?
    let deduplicationID: String?
    let delay: Duration?

    init(_ parameters: SQSParameters, to queue: MessageQueue) throws(SQSError) {
        body = try parameters.required("MessageBody")
        guard body.unicodeScalars.allSatisfy(Self.isAllowed) else {
            throw .own(
                "InvalidMessageContents", "Invalid characters found in the message body.")
        }
        attributes = try Self.attributes(of: parameters)
        groupID = try Self.id(parameters, "MessageGroupId")
        deduplicationID = try Self.id(parameters, "MessageDeduplicationId")
        delay = try parameters.number("DelaySeconds", in: 0...QueueSettings.maximumDelay)
            .map { .seconds($0) }
        try checkOrder(in: queue)
        let maximum = queue.settings.maximumSize
        guard size <= maximum else {
            throw .invalid(
                "MessageBody", "of \(size) bytes", "Message must be shorter than \(maximum) bytes.")
        }
    }

    var size: Int {
        attributes.reduce(body.utf8.count) { sum, attribute in
            sum + attribute.name.utf8.count + attribute.type.utf8.count + attribute.bytes.count
        }
    }

    private func checkOrder(in queue: MessageQueue) throws(SQSError) {
        guard queue.queue.isFIFO else {
            guard deduplicationID == nil else {
                throw .invalid(
                    "MessageDeduplicationId", deduplicationID ?? "",
                    "The request includes a parameter that is not valid for this queue type")
            }
            return
        }
        guard groupID != nil else { throw .missing("MessageGroupId") }
        guard deduplicationID != nil || queue.settings.deduplicatesByContent else {
            throw .common(
                "InvalidParameterValueException", code: "InvalidParameterValue",
                "The queue should either have ContentBasedDeduplication enabled or "
                    + "MessageDeduplicationId provided explicitly")
        }
        guard delay == nil else {
            throw .invalid(
                "DelaySeconds", String(delay?.components.seconds ?? 0),
                "The request include parameter that is not valid for this queue type.")
        }
    }

    /// Source: XML 1.0, "Characters".
    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x9, 0xA, 0xD, 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: true
        default: false
        }
    }

    private static func id(
        _ parameters: SQSParameters, _ name: String
    ) throws(SQSError) -> String? {
        guard let id = try parameters.text(name) else { return nil }
        guard (1...128).contains(id.utf8.count), id.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw .invalid(
                name, id, "\(name) can only include alphanumeric and punctuation characters.")
        }
        return id
    }

    private static func attributes(
        of parameters: SQSParameters
    ) throws(SQSError) -> [SNSMessage.Attribute] {
        guard let root = parameters.root["MessageAttributes"]?.unlessNull else { return [] }
        guard root.kind == .object else { throw .malformed("MessageAttributes must be an object") }
        var attributes: [SNSMessage.Attribute] = []
        for member in root.members {
            attributes.append(
                try SNSMessage.Attribute(
                    member.name.string ?? "", SQSParameters(root: member.value)))
        }
        guard attributes.count <= maximumAttributes else {
            throw .invalid(
                "MessageAttributes", "of \(attributes.count)",
                "Number of message attributes exceeds the allowed maximum [\(maximumAttributes)].")
        }
        return attributes
    }
}

extension SNSMessage.Attribute {
    /// Reads an attribute as SQS's JSON protocol has it.
    fileprivate init(_ name: String, _ parameters: SQSParameters) throws(SQSError) {
        let type = try parameters.required("DataType")
        let kind = type.split(separator: ".", maxSplits: 1).first.map(String.init) ?? ""
        let value = try parameters.text(kind == "Binary" ? "BinaryValue" : "StringValue") ?? ""
        guard Self.isValid(name: name), ["String", "Number", "Binary"].contains(kind) else {
            throw .invalid(
                "MessageAttributes.\(name)", type,
                "The name, or the type of the attribute is not one that SQS takes.")
        }
        guard !value.isEmpty, kind != "Binary" || Base64.decode(value.utf8) != nil,
            kind != "Number" || Double(value) != nil
        else {
            throw .invalid(
                "MessageAttributes.\(name)", "of type \(type)",
                "It must contain a non-empty message attribute value that fits its type.")
        }
        self.init(name: name, type: type, value: value)
    }

    /// True if the value is Base64 of bytes.
    var isBinary: Bool { type == "Binary" || type.hasPrefix("Binary.") }

    /// The value as bytes.
    var bytes: [UInt8] { isBinary ? Base64.decode(value.utf8) ?? [] : Array(value.utf8) }
}
