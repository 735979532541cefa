internal import Formats

/// The form that Publish and PublishBatch take.
///
/// Source: Amazon SNS API Reference, version 2010-03-31.
enum PublishBody {
    /// Entries that one PublishBatch takes.
    static let maximumEntries = 10

    /// A Publish of one, or a PublishBatch of more, whose entry ids are the numbers given.
    static func encode(_ entries: [(id: Int, publication: Publication)]) -> [UInt8] {
        guard let first = entries.first?.publication else { return [] }
        let size = entries.reduce(512) { $0 + $1.publication.text.count * 2 + 1024 }
        var form = Form(reserving: size)
        form.add("", "Action", entries.count == 1 ? "Publish" : "PublishBatch")
        form.add("", "Version", "2010-03-31")
        form.add("", "TopicArn", first.topic.arn)
        guard entries.count > 1 else {
            form.add(first, prefix: "")
            return form.bytes
        }
        for (number, entry) in entries.enumerated() {
            let prefix = "PublishBatchRequestEntries.member.\(number + 1)."
            form.add(prefix, "Id", String(entry.id))
            form.add(entry.publication, prefix: prefix)
        }
        return form.bytes
    }
}

/// A form under construction; names need no encoding.
private struct Form {
    var bytes: [UInt8] = []

    init(reserving capacity: Int) { bytes.reserveCapacity(capacity) }

    /// The field's name is `prefix` and `name` together.
    mutating func add(_ prefix: String, _ name: String, _ value: String) {
        addName(prefix, name)
        PercentEncoding.append(value.utf8.span, to: &bytes)
    }

    mutating func add(_ publication: Publication, prefix: String) {
        addName(prefix, "Message")
        PercentEncoding.append(publication.text.span, to: &bytes)
        for (number, attribute) in publication.attributes.enumerated() {
            let entry = "\(prefix)MessageAttributes.entry.\(number + 1)."
            add(entry, "Name", attribute.name)
            add(entry, "Value.DataType", Publication.attributeType)
            add(entry, "Value.StringValue", attribute.value)
        }
        if let id = publication.groupID { add(prefix, "MessageGroupId", id) }
        if let id = publication.deduplicationID { add(prefix, "MessageDeduplicationId", id) }
    }

    private mutating func addName(_ prefix: String, _ name: String) {
        if !bytes.isEmpty { bytes.append(UInt8(ascii: "&")) }
        bytes.append(contentsOf: prefix.utf8)
        bytes.append(contentsOf: name.utf8)
        bytes.append(UInt8(ascii: "="))
    }
}
