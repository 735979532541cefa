import AWS
import Formats
import Partners
import Platform
import Senders
import Store
import Tracking

extension Command {
    private static let sender = Option(
        name: "sender", value: "SENDER",
        help: "the protocol of the payload (default: by the partner's senders and signing)",
        choices: SenderName.allCases.map(\.rawValue))

    private static let header = Option(
        name: "header", value: "LINE",
        help: "a header of the webhook, such as 'X-GitHub-Event: push'; may be repeated")

    private static let type = Option.callType(
        help: "the type that the path says, as /v1/track does; the tracking API's alone")

    static let check = Command(
        words: ["check"],
        summary: "Say whether a payload passes a partner's rules, and what it would become.",
        operands: [
            Operand(name: "NAME", kind: .partner), Operand(name: "FILE", kind: .file),
        ],
        options: [sender, header, type],
        details: """
            FILE holds the body of one request; - is standard input. The messages that would be
            published are printed, one in a line, and so is everything that is wrong. The exit code is
            1 if something is wrong, or if the partner's token does not open the sender's routes.
            A call of the tracking API without a type of its own is checked as its path has it: with
            --type track for /v1/track. Nothing is published. A messageId that would be random differs each time.
            """,
        examples: [
            Example("inlet check crm webhook.json", "what a webhook of crm would become"),
            Example("inlet check web-app - --type track <call.json", "a body of /v1/track"),
        ]
    ) { session throws(InletError) in
        let (name, path) = (session.arguments.operands[0], session.arguments.operands[1])
        let body = try session.contents(of: path)
        let partner = try session.reading(name) { catalog throws(StoreError) in
            try catalog.entry(name: name).partner()
        }
        let asked = session.arguments.value(sender).flatMap(SenderName.init(rawValue:))
        let sender = asked ?? partner.mainSender
        let ofPath = session.arguments.value(type).flatMap(CallType.init(rawValue:))
        guard ofPath == nil || sender == .segmentAPI else {
            throw .usage(
                "--type is for --sender segment-api: no path of \(sender.rawValue) says a type",
                ["check"])
        }
        let headers = try session.arguments.values(header).map { line throws(InletError) in
            try HTTPField(line: line, "--header")
        }
        let context = BodyContext(
            receivedAt: session.system.now(),
            header: { name in headers.last { $0.name == name }?.value },
            randomID: Session.randomID)
        let intake = RouteTable.sender(sender).reread(
            KeptInput(body, from: partner, type: ofPath, context: context))
        let passes = intake.rejects.isEmpty && partner.maySend(as: sender)
        try session.print(intake, passes: passes)
        if let reason = partner.refusal(as: sender) {
            session.console.note("Today the partner would be refused: \(reason).")
        }
        guard passes else { throw .negative }
    }
}

extension Option {
    /// The type of a call whose path says it.
    static func callType(help: String) -> Option {
        Option(
            name: "type", value: "TYPE", help: help,
            choices: CallType.allCases.filter { $0 != .delete }.map(\.rawValue))
    }
}

extension Session {
    fileprivate func print(_ intake: Intake, passes: Bool) throws(InletError) {
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
            for warning in intake.warnings {
                let place = warning.index.map { "item \($0): " } ?? ""
                console.note("\(place)\(warning.call.code.rawValue): \(warning.call.field)")
            }
            return
        }
        try print(json: { writer in
            writer.object { object in
                object.member("passes", passes)
                object.name("messages")
                object.array { array in
                    for message in intake.messages { array.raw(message.json[...]) }
                }
                object.name("rejected")
                object.array { array in for reject in intake.rejects { reject.write(to: &array) } }
                object.name("warnings")
                intake.warnings.write(to: &object)
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
