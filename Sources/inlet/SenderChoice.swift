import Formats
import Partners
import Senders

/// Which senders a partner is given by `--sender`, and what a configuration says of them.
enum SenderChoice {
    static let option = Option(
        name: "sender", value: "SENDER",
        help: "whose routes its token opens; may be repeated (default: segment-api)",
        choices: SenderName.allCases.map(\.rawValue))

    private static let member = "senders"

    /// What `--sender` names; nil where it is not there.
    static func given(_ arguments: Arguments) -> [SenderName]? {
        guard arguments.has(option) else { return nil }
        return arguments.values(option).compactMap(SenderName.init(rawValue:))
    }

    /// A configuration with these senders in place of what it says of them.
    ///
    /// One that is no JSON object stays as it is: whoever keeps it says what is wrong with it.
    static func config(_ config: [UInt8], with senders: [SenderName]?) -> [UInt8] {
        guard let senders, let root = (try? JSONText(config))?.root, root.kind == .object else {
            return config
        }
        var writer = JSONWriter(reserving: config.count + 64)
        writer.object { object in
            object.name(member)
            object.array { array in for sender in senders { array.string(sender.rawValue) } }
            for other in root.members where !other.name.equals(member) {
                object.name(raw: other.name.raw)
                object.raw(other.value.raw)
            }
        }
        return writer.bytes
    }

    /// True for a configuration that names its senders itself.
    static func isNamed(in config: [UInt8]) -> Bool {
        (try? JSONText(config))?.root[member]?.unlessNull != nil
    }
}

extension Partner {
    /// The sender that a payload of the partner's is most likely of: the one that its signature is
    /// made for, or else the first that it may send as.
    var mainSender: SenderName {
        let senders = validation.senders
        let signed: SenderName? =
            switch signing?.scheme {
            case .segment: .segmentDestination
            case .customerio: .customerIO
            case nil: nil
            default: .partner
            }
        return senders.first { $0 == signed } ?? senders.first ?? .segmentAPI
    }

    /// What of senders and signing does not go together: each a sentence for whoever has just said so.
    var hints: [String] {
        var hints: [String] = []
        if maySend(as: .customerIO), signing?.scheme != .customerio {
            hints.append(
                "customerio is answered 503 until there is a signing secret of the scheme customerio."
            )
        }
        if maySend(as: .segmentDestination), let signing, signing.scheme != .segment {
            hints.append(
                "segment-destination is answered 401: Segment signs by the scheme segment, and not by "
                    + "\(signing.scheme.rawValue).")
        }
        if maySend(as: .segmentAPI), signing != nil {
            hints.append("segment-api asks for no signature: the token is enough there.")
        }
        return hints
    }

    /// Why the partner would be refused as this sender today; nil where it would not.
    func refusal(as sender: SenderName) -> String? {
        guard maySend(as: sender) else {
            return "its senders are \(SenderName.list(validation.senders)), and not "
                + sender.rawValue
        }
        return standing == .active ? nil : "it is \(status.rawValue)"
    }
}
