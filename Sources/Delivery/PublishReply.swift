internal import AWS
internal import Formats

/// What a sink says of each entry in a reply with status 200.
struct PublishReply {
    enum Entry: Equatable {
        case accepted
        case failed(code: String, message: String?, isSenderFault: Bool)
    }

    /// In the order of the request.
    ///
    /// An entry that the reply does not mention is nil: whether it was published is unknown.
    private(set) var entries: [Entry?]

    /// The ids of the request's entries, in order.
    private let ids: [Int]

    init(to ids: [Int]) {
        self.ids = ids
        entries = Array(repeating: nil, count: ids.count)
    }

    /// Takes what is said of an entry, by the id that the reply has; of several the last counts.
    mutating func take(_ entry: Entry, of id: String?) {
        guard let id = id.flatMap({ Int($0) }), let place = ids.firstIndex(of: id) else { return }
        entries[place] = entry
    }

    /// Takes what is said of the entry at a place.
    mutating func take(_ entry: Entry, at place: Int) { entries[place] = entry }
}

extension PublishReply {
    /// Nil for anything but SNS's XML of Publish or PublishBatch.
    ///
    /// `ids` are the entries of the request; a Publish has one.
    init?(_ body: [UInt8], ids: [Int]) {
        guard let root = try? XMLElement.parse(body) else { return nil }
        self.init(to: ids)
        switch root.name {
        case "PublishResponse" where ids.count == 1:
            guard root["PublishResult"]?["MessageId"]?.text.isEmpty == false else {
                return nil
            }
            take(.accepted, at: 0)
        case "PublishBatchResponse" where ids.count > 1:
            guard let result = root["PublishBatchResult"] else { return nil }
            for member in result["Successful"]?.children ?? []
            where member["MessageId"]?.text.isEmpty == false {
                take(.accepted, of: member["Id"]?.text)
            }
            for member in result["Failed"]?.children ?? [] {
                let failure = Entry.failed(
                    code: member["Code"]?.text ?? "Unknown", message: member["Message"]?.text,
                    isSenderFault: member["SenderFault"]?.text == "true")
                take(failure, of: member["Id"]?.text)
            }
        default:
            return nil
        }
    }
}
