import AWS
import Delivery
import Formats
import Partners
import Tracking

/// What `inlet tail` shows: what has one of the values that were given for each option.
struct TailFilter {
    static let type = Option(
        name: "type", value: "TYPE", help: "only calls of this type; may be repeated",
        choices: CallType.allCases.map(\.rawValue))
    static let partner = Option(
        name: "partner", value: "NAME", help: "only what this partner sent; may be repeated",
        names: "partner")
    static let sender = Option(
        name: "sender", value: "SENDER", help: "only what came by this sender; may be repeated",
        choices: SenderName.allCases.map(\.rawValue))
    static let event = Option(
        name: "event", value: "NAME", help: "only this event, page or screen; may be repeated")
    static let messageID = Option(
        name: "messageId", value: "ID", help: "only the message of this id; may be repeated")

    static let options = [type, partner, sender, event, messageID]

    private let types: [String]
    private let partners: [String]
    private let senders: [String]
    private let events: [String]
    private let messageIDs: [String]

    /// `messageID` is the option of this command's for an id.
    init(_ arguments: Arguments, messageID: Option = Self.messageID) {
        types = arguments.values(Self.type)
        partners = arguments.values(Self.partner)
        senders = arguments.values(Self.sender)
        events = arguments.values(Self.event)
        messageIDs = arguments.values(messageID)
    }

    func takes(_ item: TailItem) -> Bool {
        func fits(_ values: [String], _ value: String?) -> Bool {
            values.isEmpty || value.map(values.contains) == true
        }
        return fits(types, item.type) && fits(partners, item.partner)
            && fits(senders, item.sender) && fits(events, item.event)
            && fits(messageIDs, item.messageID)
    }

    /// False if no reject can pass: a reject has neither a type nor a name.
    var takesRejects: Bool { types.isEmpty && events.isEmpty }

    /// The filter policy of a subscription to the messages; nil to take them all.
    ///
    /// It lets through what ``takes(_:)`` does, and may let through more.
    var messagePolicy: String? {
        // A name that cannot be an attribute is compared here only.
        let names = events.allSatisfy(\.isDeliveredAttribute) ? events : []
        // Nor can some ids, which are published as their hash.
        let areIDs = messageIDs.allSatisfy {
            $0.isDeliveredAttribute && !$0.hasPrefix(Publication.hashPrefix)
        }
        let ids = areIDs ? messageIDs : []
        return Self.policy([
            ("type", types), ("partner", partners), ("sender", senders), ("event", names),
            ("messageId", ids),
        ])
    }

    /// The same of a subscription to the rejects.
    var rejectPolicy: String? { Self.policy([("partner", partners), ("sender", senders)]) }

    private static func policy(_ keys: [(name: String, values: [String])]) -> String? {
        let keys = keys.filter { !$0.values.isEmpty }
        guard !keys.isEmpty else { return nil }
        var writer = JSONWriter()
        writer.object { writer in
            for key in keys {
                writer.name(key.name)
                writer.array { array in for value in key.values { array.string(value) } }
            }
        }
        return writer.text
    }
}
