import Formats

/// A message that was given to SNS, after its checks.
///
/// Source: Amazon SNS API Reference, "Publish", and Developer Guide, "Message attributes".
struct SNSMessage: Sendable {
    struct Attribute: Sendable {
        let name: String
        let type: String
        /// Base64 for `Binary`.
        let value: String
    }

    let text: String
    let subject: String?
    let attributes: [Attribute]
    let groupID: String?
    let deduplicationID: String?

    /// Bytes of a message with its attributes, and of all messages of a batch together.
    static let maximumSize = 262_144

    /// Reads the parameters with this prefix, which is empty or names an element of a batch.
    init(_ form: SNSForm, prefix: String, topic: Template.Topic) throws(SNSError) {
        guard let text = form[prefix + "Message"] else {
            throw .invalidParameter("Message")
        }
        guard !text.isEmpty else { throw .invalidParameter("Empty message") }
        self.text = text
        subject = form[prefix + "Subject"]
        if let subject {
            let isPlain = subject.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 }
            guard !subject.isEmpty, subject.count < 100, isPlain else {
                throw .invalidParameter("Subject")
            }
        }
        if let structure = form[prefix + "MessageStructure"] {
            guard structure == "json",
                (try? JSONText(Array(text.utf8)))?.root["default"]?.string != nil
            else {
                throw .invalidParameter("Message Structure - No default entry in JSON message body")
            }
        }
        var attributes: [Attribute] = []
        for element in try form.elements(of: prefix + "MessageAttributes.entry") {
            attributes.append(try Attribute(form, prefix: element))
        }
        guard Set(attributes.map(\.name)).count == attributes.count else {
            throw .invalidParameter("Message attribute names must be unique")
        }
        self.attributes = attributes
        groupID = form[prefix + "MessageGroupId"]
        deduplicationID = try Self.deduplicationID(form, prefix, text, topic)
        if let groupID { try Self.check(id: groupID, "MessageGroupId") }
        guard groupID != nil || !topic.isFIFO else {
            throw .invalidParameter("The MessageGroupId parameter is required for FIFO topics")
        }
        guard size <= Self.maximumSize else { throw .invalidParameter("Message too long") }
    }

    var size: Int {
        attributes.reduce(text.utf8.count) { sum, attribute in
            let value =
                attribute.type == "Binary"
                ? Base64.decode(attribute.value.utf8)?.count ?? 0 : attribute.value.utf8.count
            return sum + attribute.name.utf8.count + attribute.type.utf8.count + value
        }
    }

    private static func deduplicationID(
        _ form: SNSForm, _ prefix: String, _ text: String, _ topic: Template.Topic
    ) throws(SNSError) -> String? {
        let given = form[prefix + "MessageDeduplicationId"]
        guard topic.isFIFO else {
            guard given == nil else {
                throw .invalidParameter(
                    "MessageDeduplicationId Reason: The request includes MessageDeduplicationId "
                        + "parameter that is not valid for this topic type")
            }
            return nil
        }
        if let given {
            try check(id: given, "MessageDeduplicationId")
            return given
        }
        guard topic.deduplicatesByContent else {
            throw .invalidParameter(
                "The topic should either have ContentBasedDeduplication enabled or "
                    + "MessageDeduplicationId provided explicitly")
        }
        return Hex.encode(Digest.sha256(Array(text.utf8)))
    }

    private static func check(id: String, _ name: String) throws(SNSError) {
        guard (1...128).contains(id.utf8.count), id.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw .invalidParameter(name) }
    }
}

extension SNSMessage.Attribute {
    init(_ form: SNSForm, prefix: String) throws(SNSError) {
        guard let name = form[prefix + "Name"], Self.isValid(name: name) else {
            throw Self.invalid("An attribute's name is missing or not allowed")
        }
        guard let type = form[prefix + "Value.DataType"] else {
            throw Self.invalid("The message attribute '\(name)' must contain a data type")
        }
        self.name = name
        self.type = type
        let text = form[prefix + "Value.StringValue"]
        let binary = form[prefix + "Value.BinaryValue"]
        guard let value = type == "Binary" ? binary : text, !value.isEmpty,
            text == nil || binary == nil, Self.isValid(value: value, type: type)
        else {
            throw Self.invalid(
                "The message attribute '\(name)' must contain a non-empty value that fits its type")
        }
        self.value = value
    }

    private static func invalid(_ message: String) -> SNSError {
        SNSError(400, "ParameterValueInvalid", message)
    }

    /// By the rule for names that SNS and SQS share.
    static func isValid(name: String) -> Bool {
        let lower = name.lowercased()
        return (1...256).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || "_.-".utf8.contains(byte)
            }
            && !name.hasPrefix(".") && !name.hasSuffix(".") && !lower.hasPrefix("aws.")
            && !lower.hasPrefix("amazon.")
            && name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { $0 != "" }
    }

    private static func isValid(value: String, type: String) -> Bool {
        switch type {
        case "String": return true
        case "Binary": return Base64.decode(value.utf8)?.isEmpty == false
        case "Number": return Double(value).map { abs($0) <= 1_000_000_000 } ?? false
        case "String.Array":
            guard let root = (try? JSONText(Array(value.utf8)))?.root, root.kind == .array else {
                return false
            }
            return root.elements.allSatisfy { $0.kind != .object && $0.kind != .array }
        default: return false
        }
    }
}
