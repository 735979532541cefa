internal import Formats

/// The forms that Publish, PublishBatch and GetTopicAttributes take.
///
/// Source: Amazon SNS API Reference, version 2010-03-31.
enum PublishBody {
    /// Of one PublishBatch.
    static let limits = RequestLimits(items: 10, size: Publication.maximumSize)

    /// A Publish of one, or a PublishBatch of more; an entry's id is its place among the items.
    static func encode(
        _ places: [Int], of items: [Publication], with forms: EntryForms
    ) -> [UInt8] {
        guard let first = places.first else { return [] }
        // Fewer than half of JSON's characters are escaped, which triples them.
        let size = places.reduce(512) { $0 + items[$1].text.count * 2 + 2048 }
        var bytes = request(
            places.count == 1 ? "Publish" : "PublishBatch", to: items[first].sink, reserving: size)
        guard places.count > 1 else {
            add(items[first], as: forms.form(of: items[first].header, entry: 0), to: &bytes)
            return bytes
        }
        for (number, place) in places.enumerated() {
            let form = forms.form(of: items[place].header, entry: number + 1)
            bytes.append(contentsOf: form.id)
            bytes.append(contentsOf: String(place).utf8)
            add(items[place], as: form, to: &bytes)
        }
        return bytes
    }

    /// A GetTopicAttributes.
    static func inquiry(about topic: Sink) -> [UInt8] {
        request("GetTopicAttributes", to: topic, reserving: 256)
    }

    private static func request(
        _ action: String, to topic: Sink, reserving capacity: Int
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(capacity)
        bytes += "Action=\(action)&Version=2010-03-31&TopicArn=".utf8
        PercentEncoding.append(topic.arn.utf8.span, to: &bytes)
        return bytes
    }

    private static func add(
        _ publication: Publication, as form: EntryForm, to bytes: inout [UInt8]
    ) {
        bytes.append(contentsOf: form.message)
        PercentEncoding.append(publication.text.span, to: &bytes)
        var place = 0
        publication.forEachOwn { _, value in
            bytes.append(contentsOf: form.ownAttributes[place])
            PercentEncoding.append(value, to: &bytes)
            place += 1
        }
        if let id = publication.groupID { bytes += form.field("MessageGroupId", id) }
        if let id = publication.deduplicationID {
            bytes += form.field("MessageDeduplicationId", id)
        }
    }
}

/// What is the same in many entries of requests, encoded once for each number of an entry.
final class EntryForms {
    private var header: PublicationHeader?
    /// By the number of the entry: 0 is that of a Publish.
    private var forms: [EntryForm?] = []

    fileprivate func form(of header: PublicationHeader, entry: Int) -> EntryForm {
        if header !== self.header {
            self.header = header
            forms = Array(repeating: nil, count: PublishBody.limits.items + 1)
        }
        if let form = forms[entry] { return form }
        let form = EntryForm(header, entry: entry)
        forms[entry] = form
        return form
    }
}

/// The fields of one entry but for the values that are a publication's own.
///
/// Each part is all that stands before such a value. Names need no encoding.
private struct EntryForm {
    /// What the names of the entry's fields begin with.
    private let start: [UInt8]
    let id: [UInt8]
    let message: [UInt8]
    /// The first has the header's attributes, too.
    private(set) var ownAttributes: [[UInt8]] = []

    init(_ header: PublicationHeader, entry: Int) {
        start =
            entry == 0
            ? [UInt8(ascii: "&")] : Array("&PublishBatchRequestEntries.member.\(entry).".utf8)
        id = start + Self.id
        message = start + Self.message
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1024)
        var number = 0
        for attribute in header.attributes {
            number += 1
            begin(attribute.name, number, in: &bytes)
            PercentEncoding.append(attribute.value.utf8.span, to: &bytes)
        }
        for name in header.ownNames {
            number += 1
            begin(name, number, in: &bytes)
            ownAttributes.append(bytes)
            bytes.removeAll(keepingCapacity: true)
        }
    }

    /// One more field.
    func field(_ name: String, _ value: String) -> [UInt8] {
        var bytes = start + Array("\(name)=".utf8)
        PercentEncoding.append(value.utf8.span, to: &bytes)
        return bytes
    }

    /// Adds an attribute but for its value.
    private func begin(_ name: AttributeName, _ number: Int, in bytes: inout [UInt8]) {
        begin(number, in: &bytes)
        bytes.append(contentsOf: Self.name)
        PercentEncoding.append(name.rawValue.utf8.span, to: &bytes)
        begin(number, in: &bytes)
        bytes.append(contentsOf: Self.type)
        begin(number, in: &bytes)
        bytes.append(contentsOf: Self.value)
    }

    /// Begins a field of an attribute: SNS takes ten of them, and there are fewer.
    private func begin(_ number: Int, in bytes: inout [UInt8]) {
        bytes.append(contentsOf: start)
        bytes.append(contentsOf: Self.attribute)
        bytes.append(UInt8(ascii: "0") + UInt8(number))
    }

    private static let id = Array("Id=".utf8)
    private static let message = Array("Message=".utf8)
    private static let attribute = Array("MessageAttributes.entry.".utf8)
    private static let name = Array(".Name=".utf8)
    private static let type = Array(".Value.DataType=\(Attribute.type)".utf8)
    private static let value = Array(".Value.StringValue=".utf8)
}
