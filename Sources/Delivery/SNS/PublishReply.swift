internal import AWS
internal import Formats

/// What SNS says of each entry in a reply with status 200.
///
/// An entry that the reply does not mention has none: whether it was published is unknown.
struct PublishReply {
    enum Entry: Equatable {
        case accepted
        case failed(code: String, message: String?, isSenderFault: Bool)
    }

    private var words: [Word] = []

    /// What is said of one entry.
    private struct Word {
        let id: Int
        let entry: Entry
    }

    /// Nil for anything but the XML of Publish or PublishBatch.
    ///
    /// `ids` are the entries of the request; a Publish has one.
    init?(_ body: [UInt8], ids: [Int]) {
        guard let root = try? XMLElement.parse(body) else { return nil }
        switch root.name {
        case "PublishResponse" where ids.count == 1:
            guard root["PublishResult"]?["MessageId"]?.text.isEmpty == false else {
                return nil
            }
            words.append(Word(id: ids[0], entry: .accepted))
        case "PublishBatchResponse" where ids.count > 1:
            guard let result = root["PublishBatchResult"] else { return nil }
            for member in result["Successful"]?.children ?? [] {
                guard let id = Self.id(of: member, among: ids),
                    member["MessageId"]?.text.isEmpty == false
                else { continue }
                words.append(Word(id: id, entry: .accepted))
            }
            for member in result["Failed"]?.children ?? [] {
                guard let id = Self.id(of: member, among: ids) else { continue }
                let failure = Entry.failed(
                    code: member["Code"]?.text ?? "Unknown", message: member["Message"]?.text,
                    isSenderFault: member["SenderFault"]?.text == "true")
                words.append(Word(id: id, entry: failure))
            }
        default:
            return nil
        }
    }

    /// What is said of an entry; of several the last counts.
    subscript(id: Int) -> Entry? { words.last { $0.id == id }?.entry }

    private static func id(of member: XMLElement, among ids: [Int]) -> Int? {
        guard let id = member["Id"].flatMap({ Int($0.text) }), ids.contains(id) else { return nil }
        return id
    }
}
