import AWS
import Formats
import Senders
import Store
import Tracking

extension Command {
    private static let sender = Option(
        name: "sender", value: "SENDER",
        help: "whose protocol the payload follows (default: the partner's own, by its signing)",
        choices: BodyReader.Sender.allCases.map(\.rawValue))

    static let check = Command(
        words: ["check"],
        summary: "Say whether a payload passes a partner's rules, and what it would become.",
        operands: [
            Operand(name: "NAME", kind: .partner), Operand(name: "FILE", kind: .file),
        ],
        options: [sender],
        details: """
            FILE holds the body of one request; - is standard input. Prints the messages that would
            be published, one in a line, and all that is wrong: then the exit code is 1. Nothing is
            published. A messageId that would be random is another each time.
            """
    ) { session throws(InletError) in
        let (name, path) = (session.arguments.operands[0], session.arguments.operands[1])
        let body = try session.contents(of: path)
        let partner = try session.reading(name) { catalog throws(StoreError) in
            try catalog.entry(name: name).partner()
        }
        let sender = session.arguments.value(sender).flatMap(BodyReader.Sender.init(rawValue:))
        let intake = BodyReader(
            receivedAt: session.surroundings.now(), randomID: Session.randomID
        ).read(body, of: sender ?? BodyReader.Sender(of: partner), from: partner)
        try session.print(intake)
        if partner.standing != .active {
            session.console.note(
                "Today it would be refused: the partner is \(partner.status.rawValue).")
        }
        guard intake.rejects.isEmpty else { throw .negative }
    }
}

extension BodyReader.Sender {
    /// Whose protocol a partner speaks on the webhook URL that it was given.
    init(of partner: Partner) {
        switch partner.signing?.scheme {
        case .segment: self = .segmentDestination
        case .customerio: self = .customerIO
        default: self = .partner
        }
    }
}

extension Session {
    fileprivate func print(_ intake: Intake) throws(InletError) {
        guard isJSON else {
            for message in intake.messages {
                try print(String(decoding: message.json, as: UTF8.self))
            }
            for reject in intake.rejects {
                let place = reject.index.map { "item \($0): " } ?? ""
                let sentences =
                    reject.failures.isEmpty ? [reject.message] : reject.failures.map(\.message)
                for sentence in sentences {
                    try print("\(place)\(reject.code): \(printable(sentence))")
                }
            }
            return
        }
        try print(json: { writer in
            writer.object { object in
                object.member("passes", intake.rejects.isEmpty)
                object.name("messages")
                object.array { array in
                    for message in intake.messages { array.raw(message.json[...]) }
                }
                object.name("rejected")
                object.array { array in for reject in intake.rejects { reject.write(to: &array) } }
            }
        })
    }
}

extension Reject {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { object in
            if let index { object.member("index", index) }
            object.member("code", code)
            object.member("message", message)
            guard !failures.isEmpty else { return }
            object.name("details")
            failures.write(to: &object)
        }
    }
}
