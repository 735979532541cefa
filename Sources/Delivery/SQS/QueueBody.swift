internal import Formats

/// The JSON of SendMessageBatch and of its answer.
///
/// Source: Amazon SQS API Reference, version 2012-11-05.
enum QueueBody {
    /// Of one request, which may have 1 MiB since August 2025.
    ///
    /// If a queue takes less, the request is halved.
    static let limits = RequestLimits(items: 10, size: 1 << 20)

    /// A SendMessageBatch, of one message too; an entry's id is its place among the items.
    static func encode(_ places: [Int], of items: [Publication], to url: String) -> [UInt8] {
        var writer = JSONWriter(
            reserving: places.reduce(256) { $0 + items[$1].text.count * 5 / 4 + 1024 })
        writer.object { object in
            object.member("QueueUrl", url)
            object.name("Entries")
            object.array { list in
                for place in places {
                    list.object { entry in
                        entry.member("Id", String(place))
                        entry.add(items[place])
                    }
                }
            }
        }
        return writer.bytes
    }

    /// What the answer says of each entry; nil for anything but an answer.
    static func reply(_ body: [UInt8], ids: [Int]) -> PublishReply? {
        guard let root = (try? JSONText(body))?.root,
            root["Successful"] != nil || root["Failed"] != nil
        else { return nil }
        var reply = PublishReply(to: ids)
        if let list = root["Successful"] {
            for entry in list.elements where entry["MessageId"]?.string?.isEmpty == false {
                reply.take(.accepted, of: entry["Id"]?.string)
            }
        }
        if let list = root["Failed"] {
            for entry in list.elements {
                let failure = PublishReply.Entry.failed(
                    code: entry["Code"]?.string ?? "Unknown", message: entry["Message"]?.string,
                    isSenderFault: entry["SenderFault"]?.bool == true)
                reply.take(failure, of: entry["Id"]?.string)
            }
        }
        return reply
    }
}

extension JSONWriter {
    fileprivate mutating func add(_ publication: Publication) {
        name("MessageBody")
        string(utf8: publication.text.escapingNoncharacters.span)
        name("MessageAttributes")
        object { attributes in
            publication.forEachAttribute { name, value in
                attributes.name(name.rawValue)
                attributes.beginObject()
                attributes.member("DataType", Attribute.type)
                attributes.name("StringValue")
                attributes.string(utf8: value)
                attributes.endObject()
            }
        }
        if let id = publication.groupID { member("MessageGroupId", id) }
        if let id = publication.deduplicationID { member("MessageDeduplicationId", id) }
    }
}

extension [UInt8] {
    /// A JSON text in which U+FFFE and U+FFFF are escaped: SQS takes all that stands unescaped in
    /// JSON but these two.
    fileprivate var escapingNoncharacters: [UInt8] {
        guard indices.contains(where: isNoncharacter) else { return self }
        var escaped: [UInt8] = []
        var at = 0
        while at < count {
            if isNoncharacter(at) {
                escaped += Array(self[at + 2] == 0xBE ? #"\ufffe"#.utf8 : #"\uffff"#.utf8)
                at += 3
            } else {
                escaped.append(self[at])
                at += 1
            }
        }
        return escaped
    }

    /// True where EF BF BE or EF BF BF begins.
    private func isNoncharacter(_ at: Int) -> Bool {
        self[at] == 0xEF && at + 2 < count && self[at + 1] == 0xBF && self[at + 2] >= 0xBE
    }
}
