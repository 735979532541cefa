internal import Formats

/// The forms that Publish, PublishBatch and GetTopicAttributes take.
///
/// Source: Amazon SNS API Reference, version 2010-03-31.
enum PublishBody {
    /// Of one PublishBatch.
    static let limits = RequestLimits(items: 10, size: Publication.maximumSize)

    /// A Publish of one, or a PublishBatch of more; an entry's id is its place among the items.
    static func encode(
        _ places: [Int], of items: [Publication], with attributes: AttributeForms
    ) -> [UInt8] {
        guard let first = places.first else { return [] }
        // Fewer than half of JSON's characters are escaped, which triples them.
        let size = places.reduce(512) { $0 + items[$1].text.count * 2 + 2048 }
        var form = Form(reserving: size)
        form.add("Action", places.count == 1 ? "Publish" : "PublishBatch")
        form.add("Version", version)
        form.add("TopicArn", items[first].sink.arn)
        guard places.count > 1 else {
            form.add(items[first], with: attributes)
            return form.bytes
        }
        for (number, place) in places.enumerated() {
            form.begin(entry: number + 1)
            form.add("Id", String(place))
            form.add(items[place], with: attributes)
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

/// The attributes of entries, encoded once for each number that an entry can have.
final class AttributeForms {
    private var header: PublicationHeader?
    /// By the number of the entry: 0 is that of a Publish.
    private var forms: [AttributeForm?] = []

    fileprivate func form(of header: PublicationHeader, entry: Int) -> AttributeForm {
        if header !== self.header {
            self.header = header
            forms = Array(repeating: nil, count: PublishBody.limits.items + 1)
        }
        if let form = forms[entry] { return form }
        let form = AttributeForm(header, entry: entry)
        forms[entry] = form
        return form
    }
}

/// The attributes of one entry but for the values that are a publication's own.
private struct AttributeForm {
    /// For each own value what stands between it and the one before.
    let beforeOwn: [[UInt8]]

    init(_ header: PublicationHeader, entry: Int) {
        var form = Form(reserving: 1024)
        if entry > 0 { form.begin(entry: entry) }
        // The entry's message comes first.
        form.isEmpty = false
        for (number, attribute) in header.attributes.enumerated() {
            form.beginAttribute(number + 1, attribute.name)
            PercentEncoding.append(attribute.value.utf8.span, to: &form.bytes)
        }
        var beforeOwn: [[UInt8]] = []
        for (number, name) in header.ownNames.enumerated() {
            form.beginAttribute(header.attributes.count + number + 1, name)
            beforeOwn.append(form.bytes)
            form.bytes = []
        }
        self.beforeOwn = beforeOwn
    }
}

/// A form under construction; names need no encoding.
private struct Form {
    var bytes: [UInt8] = []
    /// The number of the entry whose fields are added; 0 for fields of the request.
    private(set) var entry = 0
    /// What the names of the entry's fields begin with.
    private var prefix: [UInt8] = []
    var isEmpty = true

    init(reserving capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func begin(entry: Int) {
        self.entry = entry
        prefix = Array("PublishBatchRequestEntries.member.\(entry).".utf8)
    }

    mutating func add(_ name: String, _ value: String) {
        begin()
        bytes.append(contentsOf: name.utf8)
        bytes.append(UInt8(ascii: "="))
        PercentEncoding.append(value.utf8.span, to: &bytes)
    }

    mutating func add(_ publication: Publication, with attributes: AttributeForms) {
        begin()
        bytes.append(contentsOf: "Message=".utf8)
        PercentEncoding.append(publication.text.span, to: &bytes)
        let form = attributes.form(of: publication.header, entry: entry)
        var place = 0
        publication.forEachOwn { _, value in
            bytes.append(contentsOf: form.beforeOwn[place])
            PercentEncoding.append(value, to: &bytes)
            place += 1
        }
        if let id = publication.groupID { add("MessageGroupId", id) }
        if let id = publication.deduplicationID { add("MessageDeduplicationId", id) }
    }

    /// Adds an attribute but for its value.
    mutating func beginAttribute(_ number: Int, _ name: AttributeName) {
        begin(attribute: number)
        bytes.append(contentsOf: ".Name=".utf8)
        bytes.append(contentsOf: name.rawValue.utf8)
        begin(attribute: number)
        bytes.append(contentsOf: ".Value.DataType=".utf8)
        bytes.append(contentsOf: Attribute.type.utf8)
        begin(attribute: number)
        bytes.append(contentsOf: ".Value.StringValue=".utf8)
    }

    /// Begins a field of an attribute; SNS takes ten at most.
    private mutating func begin(attribute number: Int) {
        begin()
        bytes.append(contentsOf: "MessageAttributes.entry.".utf8)
        if number > 9 { bytes.append(UInt8(ascii: "0") + UInt8(number / 10)) }
        bytes.append(UInt8(ascii: "0") + UInt8(number % 10))
    }

    /// Begins a field of the entry.
    private mutating func begin() {
        if !isEmpty { bytes.append(UInt8(ascii: "&")) }
        isEmpty = false
        bytes.append(contentsOf: prefix)
    }
}
