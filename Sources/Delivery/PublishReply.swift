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
        self.init(to: ids)
        do throws(XMLError) {
            var reader = try XMLReader(body)
            guard case .start(let root) = try reader.next() else { return nil }
            let hasResult: Bool
            if ids.count == 1, reader.equals(root, "PublishResponse") {
                hasResult = try readPublished(&reader)
            } else if ids.count > 1, reader.equals(root, "PublishBatchResponse") {
                hasResult = try readBatch(&reader)
            } else {
                return nil
            }
            // Nothing may follow.
            _ = try reader.next()
            guard hasResult else { return nil }
        } catch {
            return nil
        }
    }

    /// Reads the rest of a PublishResponse; false if it does not have the message's id.
    private mutating func readPublished(_ reader: inout XMLReader) throws(XMLError) -> Bool {
        var hasID = false
        try reader.forEachChild(named: "PublishResult") { reader throws(XMLError) in
            try reader.forEachChild(named: "MessageId") { reader throws(XMLError) in
                hasID = try reader.hasContent()
            }
        }
        guard hasID else { return false }
        take(.accepted, at: 0)
        return true
    }

    /// Reads the rest of a PublishBatchResponse; false if it has no result.
    private mutating func readBatch(_ reader: inout XMLReader) throws(XMLError) -> Bool {
        var hasResult = false
        try reader.forEachChild(named: "PublishBatchResult") { reader throws(XMLError) in
            hasResult = true
            try reader.forEachChild { reader, name throws(XMLError) in
                let isSuccessful = reader.equals(name, "Successful")
                guard isSuccessful || reader.equals(name, "Failed") else {
                    return try reader.skip()
                }
                try reader.forEachChild { reader, _ throws(XMLError) in
                    let member = try BatchMember.rest(of: &reader)
                    guard let entry = isSuccessful ? member.success : member.failure else { return }
                    take(entry, of: member.id)
                }
            }
        }
        return hasResult
    }
}

/// An element of one of the lists in a reply to PublishBatch.
private struct BatchMember {
    private(set) var id: String?
    private var hasMessageID = false
    private var code: String?
    private var message: String?
    private var isSenderFault = false

    /// Reads the rest of the element.
    static func rest(of reader: inout XMLReader) throws(XMLError) -> BatchMember {
        var member = BatchMember()
        try reader.forEachChild { reader, name throws(XMLError) in
            if reader.equals(name, "Id") {
                member.id = try reader.content()
            } else if reader.equals(name, "MessageId") {
                member.hasMessageID = try reader.hasContent()
            } else if reader.equals(name, "Code") {
                member.code = try reader.content()
            } else if reader.equals(name, "Message") {
                member.message = try reader.content()
            } else if reader.equals(name, "SenderFault") {
                member.isSenderFault = try reader.content() == "true"
            } else {
                try reader.skip()
            }
        }
        return member
    }

    var success: PublishReply.Entry? { hasMessageID ? .accepted : nil }

    var failure: PublishReply.Entry? {
        .failed(code: code ?? "Unknown", message: message, isSenderFault: isSenderFault)
    }
}
