import Formats
import Partners
import Senders

/// The senders that `--sender` gives a partner, and those in a configuration.
enum SenderChoice {
    static let option = Option(
        name: "sender", value: "SENDER",
        help: "a sender whose routes the token opens; may be repeated (default: \(usual))",
        choices: SenderName.allCases.map(\.rawValue))

    /// What a partner may send as whose record says nothing.
    static let usual = SenderName.list(ValidationConfig.standardSenders)

    private static let member = "senders"

    /// The senders that `--sender` names; nil without it.
    static func given(_ arguments: Arguments) -> [SenderName]? {
        guard arguments.has(option) else { return nil }
        return arguments.values(option).compactMap(SenderName.init(rawValue:))
    }

    /// A configuration with these senders in place of its own.
    ///
    /// A configuration that is not a JSON object stays as it is, and is refused when it is stored.
    static func config(_ config: [UInt8], with senders: [SenderName]?) -> [UInt8] {
        guard let senders, let root = (try? JSONText(config))?.root, root.kind == .object else {
            return config
        }
        var writer = JSONWriter(reserving: config.count + 64)
        writer.object { object in
            object.name(member)
            object.array { array in for sender in senders { array.string(sender.rawValue) } }
            for other in root.members where !other.name.equals(member) {
                object.member(other)
            }
        }
        return writer.bytes
    }

    /// True if a configuration names its senders.
    static func isNamed(in config: [UInt8]) -> Bool {
        (try? JSONText(config))?.root[member]?.unlessNull != nil
    }
}

extension Partner {
    /// The sender that a payload of this partner most likely follows.
    ///
    /// It is the one whose signatures the partner makes, else the first that it may send as.
    var mainSender: SenderName {
        let senders = validation.senders
        let signed = signing.flatMap { rule in
            senders.first { RouteTable.sender($0).isSigned(by: rule.scheme) }
        }
        return signed ?? senders[0]
    }

    /// Contradictions between senders and signing, each as a sentence for the operator.
    var hints: [String] {
        validation.senders.compactMap { RouteTable.sender($0).hint(about: self) }
    }

    /// Why the partner would be refused as this sender today; nil if it would not.
    func refusal(as sender: SenderName) -> String? {
        guard maySend(as: sender) else {
            return "its senders are \(SenderName.list(validation.senders)), and not "
                + sender.rawValue
        }
        return standing == .active ? nil : "it is \(status.rawValue)"
    }
}
