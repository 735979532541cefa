internal import Formats

/// The forms that Publish, PublishBatch and GetTopicAttributes take.
///
/// Source: Amazon SNS API Reference, version 2010-03-31.
enum PublishBody {
    /// Of one PublishBatch.
    static let limits = RequestLimits(items: 10, size: Publication.maximumSize)

    /// A Publish of one, or a PublishBatch of more; an entry's id is its place among the items.
    static func encode(_ places: [Int], of items: [Publication]) -> [UInt8] {
        guard let first = places.first else { return [] }
        let size = places.reduce(512) { $0 + items[$1].text.count * 2 + 1024 }
        var form = Form(reserving: size)
        form.add("Action", places.count == 1 ? "Publish" : "PublishBatch")
        form.add("Version", version)
        form.add("TopicArn", items[first].sink.arn)
        guard places.count > 1 else {
            form.add(items[first])
            return form.bytes
        }
        for (number, place) in places.enumerated() {
            form.prefix = Array("PublishBatchRequestEntries.member.\(number + 1).".utf8)
            form.add("Id", String(place))
            form.add(items[place])
        }
        return form.bytes
    }

    /// A GetTopicAttributes.
    static func inquiry(about topic: Sink) -> [UInt8] {
        var form = Form(reserving: 256)
        form.add("Action", "GetTopicAttributes")
        form.add("Version", version)
        form.add("TopicArn", topic.arn)
        return form.bytes
    }

    private static let version = "2010-03-31"
}

/// A form under construction; names need no encoding.
private struct Form {
    var bytes: [UInt8] = []
    /// What the names of the fields begin with.
    var prefix: [UInt8] = []

    init(reserving capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func add(_ name: String, _ value: String) {
        begin(name)
        end(value)
    }

    mutating func add(_ publication: Publication) {
        begin("Message")
        bytes.append(UInt8(ascii: "="))
        PercentEncoding.append(publication.text.span, to: &bytes)
        let start = [UInt8(ascii: "&")] + prefix + Self.entry
        for (number, attribute) in publication.attributes.enumerated() {
            // SNS takes ten attributes at most: one digit, or two of the last.
            bytes.append(contentsOf: start)
            append(number + 1)
            bytes.append(contentsOf: attribute.name.field)
            bytes.append(contentsOf: start)
            append(number + 1)
            bytes.append(contentsOf: Self.type)
            bytes.append(contentsOf: start)
            append(number + 1)
            bytes.append(contentsOf: Self.value)
            PercentEncoding.append(attribute.value.utf8.span, to: &bytes)
        }
        if let id = publication.groupID { add("MessageGroupId", id) }
        if let id = publication.deduplicationID { add("MessageDeduplicationId", id) }
    }

    // What is the same in all attributes is encoded once.
    private static let entry = Array("MessageAttributes.entry.".utf8)
    private static let type = Array(".Value.DataType=\(Publication.attributeType)".utf8)
    private static let value = Array(".Value.StringValue=".utf8)

    private mutating func append(_ number: Int) {
        if number > 9 { bytes.append(UInt8(ascii: "0") + UInt8(number / 10)) }
        bytes.append(UInt8(ascii: "0") + UInt8(number % 10))
    }

    /// Begins a field whose name is the prefix and this.
    private mutating func begin(_ name: String) {
        if !bytes.isEmpty { bytes.append(UInt8(ascii: "&")) }
        bytes.append(contentsOf: prefix)
        bytes.append(contentsOf: name.utf8)
    }

    private mutating func end(_ value: String) {
        bytes.append(UInt8(ascii: "="))
        PercentEncoding.append(value.utf8.span, to: &bytes)
    }
}
