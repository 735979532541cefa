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
            form.append(form.id, to: &bytes)
            bytes.append(decimal: place)
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
        form.append(form.message, to: &bytes)
        PercentEncoding.append(publication.text.span, to: &bytes)
        // In the order of the header's `ownNames`, as the form has them.
        var place = 0
        publication.forEachOwn { name, value in
            form.append(form.ownAttributes[place], to: &bytes)
            if name.hasPlainValue {
                bytes.append(copying: value)
            } else {
                PercentEncoding.append(value, to: &bytes)
            }
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
/// Each part is all that stands before such a value: `…Id=`, `…Message=`, then the attributes up to
/// the first own value, up to the second, and so on. Names need no encoding.
private struct EntryForm {
    /// Where a part is.
    ///
    /// No `Range`: an array of them is a type that is made when it is first used.
    struct Part {
        let start: Int
        let end: Int
    }

    /// What the names of the entry's fields begin with.
    private let start: [UInt8]
    /// All parts, one after the other.
    private let parts: [UInt8]
    let id: Part
    let message: Part
    /// The first has the header's attributes, too.
    private(set) var ownAttributes: [Part] = []

    init(_ header: PublicationHeader, entry: Int) {
        let start =
            entry == 0
            ? [UInt8(ascii: "&")] : Array("&PublishBatchRequestEntries.member.\(entry).".utf8)
        self.start = start
        var parts: [UInt8] = []
        parts.reserveCapacity(2048)
        parts += start
        parts += Self.id
        id = Part(start: 0, end: parts.count)
        parts += start
        parts += Self.message
        message = Part(start: id.end, end: parts.count)
        var number = 0
        for attribute in header.attributes {
            number += 1
            Self.begin(attribute.name, number, of: start, in: &parts)
            PercentEncoding.append(attribute.value.utf8.span, to: &parts)
        }
        var end = message.end
        for name in header.ownNames {
            number += 1
            Self.begin(name, number, of: start, in: &parts)
            ownAttributes.append(Part(start: end, end: parts.count))
            end = parts.count
        }
        self.parts = parts
    }

    func append(_ part: Part, to bytes: inout [UInt8]) {
        bytes.append(copying: parts.span.extracting(part.start..<part.end))
    }

    /// One more field.
    func field(_ name: String, _ value: String) -> [UInt8] {
        var bytes = start + Array("\(name)=".utf8)
        PercentEncoding.append(value.utf8.span, to: &bytes)
        return bytes
    }

    /// Adds an attribute but for its value.
    private static func begin(
        _ name: AttributeName, _ number: Int, of start: [UInt8], in bytes: inout [UInt8]
    ) {
        begin(number, of: start, in: &bytes)
        bytes += Self.name
        PercentEncoding.append(name.rawValue.utf8.span, to: &bytes)
        begin(number, of: start, in: &bytes)
        bytes += type
        begin(number, of: start, in: &bytes)
        bytes += value
    }

    /// Begins a field of an attribute: SNS takes ten of them, and there are fewer.
    private static func begin(_ number: Int, of start: [UInt8], in bytes: inout [UInt8]) {
        bytes += start
        bytes += attribute
        bytes.append(UInt8(ascii: "0") + UInt8(number))
    }

    private static let id = Array("Id=".utf8)
    private static let message = Array("Message=".utf8)
    private static let attribute = Array("MessageAttributes.entry.".utf8)
    private static let name = Array(".Name=".utf8)
    private static let type = Array(".Value.DataType=\(Attribute.type)".utf8)
    private static let value = Array(".Value.StringValue=".utf8)
}
