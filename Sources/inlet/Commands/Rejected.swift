import Delivery
import Formats
import Secrets
import Store
import Tracking

extension Command {
    private static let showBody = Option(
        name: "show-body", help: "also print what was sent, which may hold personal data")
    private static let id = Option(
        name: "id", value: "ID", help: "replay this message; may be repeated")
    private static let every = Option(name: "all", help: "replay all messages")
    private static let type = Option.callType(
        help: "the type of tracking calls that had it in the path only")

    static let rejectedList = Command(
        words: ["rejected", "list"], summary: "List the input that was rejected, and why.",
        options: [RejectedQueue.option, Place.option, Sweep.partner, Sweep.limit, showBody],
        details: """
            Reads the queue behind the rejected topic, and leaves everything in it. Messages that
            somebody else is reading at the time are not shown.
            """,
        examples: [
            Example("inlet rejected list", "all of it, without what was sent"),
            Example("inlet rejected list --partner crm --show-body", "one partner's, in full"),
        ]
    ) { session throws(InletError) in
        let partner = session.arguments.value(Sweep.partner)
        var entries: [RejectedEntry] = []
        var others = 0
        try Sweep(session, try RejectedQueue(session)).run { entry throws(InletError) in
            if partner == nil || entry.content?.partner == partner {
                entries.append(entry)
            } else {
                others += 1
            }
            return (isGone: false, goesOn: true)
        }
        if entries.isEmpty { try session.tellNothing(of: partner, among: others) }
        entries.sort { ($0.time, $0.id) < ($1.time, $1.id) }
        let showsBody = session.arguments.has(showBody)
        if session.isJSON {
            return try session.print(json: { writer in
                writer.array { array in
                    for entry in entries { entry.write(to: &array, showingBody: showsBody) }
                }
            })
        }
        guard !entries.isEmpty else { return }
        guard showsBody else {
            let further = session.isWide ? ["REQUEST"] : []
            let heading = ["ID", "TIME", "SENDER", "PARTNER", "CODE"]
            var table = Table(heading: heading + further + ["MESSAGE"])
            for entry in entries {
                let cells = [
                    entry.id, entry.time, entry.content?.sender ?? "",
                    entry.content?.partner ?? "", entry.content?.code ?? "unreadable",
                ]
                let details = session.isWide ? [entry.content?.requestID ?? ""] : []
                let message =
                    entry.content?.message ?? "This is not a message of the rejected topic."
                table.add(cells + details + [message])
            }
            return try session.print(table)
        }
        for entry in entries { try session.show(entry) }
    }

    static let rejectedReplay = Command(
        words: ["rejected", "replay"],
        summary: "Take rejected input in again, by today's rules.",
        options: [
            id, every, Sweep.partner, RejectedQueue.option, Place.option, Replayer.topic, type,
            Sweep.limit,
        ],
        details: """
            Input that is valid now is published with the messageId that it would have had. It leaves
            the queue once SNS holds it. Input that is still invalid stays, and so does input of a
            partner that may no longer send, or not as that sender. The exit code is then 1.
            A message keeps the input's time of arrival. The write key was removed from the input,
            so a messageId that is derived from bytes with one differs.
            """,
        examples: [
            Example("inlet rejected replay --all --partner crm", "after crm's rules were mended")
        ]
    ) { session throws(InletError) in
        let arguments = session.arguments
        var ids = Set(arguments.values(id))
        guard ids.isEmpty == arguments.has(every) else {
            throw .usage("say which: --id, or --all", ["rejected", "replay"])
        }
        let isEvery = ids.isEmpty
        let partner = arguments.value(Sweep.partner)
        let queue = try RejectedQueue(session)
        let replayer = try Replayer(
            session, type: arguments.value(type).flatMap(CallType.init(rawValue:)))
        var report = ReplayReport()
        var others = 0
        try Sweep(session, queue).run { entry throws(InletError) in
            let isChosen = isEvery || ids.remove(entry.id) != nil
            guard isChosen, partner == nil || entry.content?.partner == partner else {
                others += 1
                return (isGone: false, goesOn: true)
            }
            var outcome = replayer.replay(entry)
            var isGone = false
            if case .published(let messageIDs) = outcome {
                do throws(InletError) {
                    try queue.delete(entry)
                    isGone = true
                } catch {
                    let names = messageIDs.joined(separator: ", ")
                    outcome = .kept(
                        reason: "It is published (\(names)) and still queued: \(error.message).")
                }
            }
            report.add(entry, outcome)
            return (isGone: isGone, goesOn: isEvery || !ids.isEmpty)
        }
        for id in ids.sorted() { report.addMissing(id) }
        if report.isEmpty, let partner { try session.tellNothing(of: partner, among: others) }
        try session.print(report)
        guard report.isClean else { throw .negative }
    }
}

/// What became of the messages that were to be replayed.
struct ReplayReport {
    private var lines: [(id: String, messageIDs: [String], reason: String?)] = []

    mutating func add(_ entry: RejectedEntry, _ outcome: Replayer.Outcome) {
        switch outcome {
        case .published(let messageIDs): lines.append((entry.id, messageIDs, nil))
        case .kept(let reason): lines.append((entry.id, [], reason))
        }
    }

    mutating func addMissing(_ id: String) {
        lines.append((id, [], "It was not found: it is gone, or somebody else is reading it."))
    }

    var isEmpty: Bool { lines.isEmpty }

    var isClean: Bool { lines.allSatisfy { $0.reason == nil } }

    func write(to writer: inout JSONWriter) {
        writer.object { object in
            object.member("replayed", lines.count { $0.reason == nil })
            object.member("kept", lines.count { $0.reason != nil })
            object.name("messages")
            object.array { array in
                for line in lines {
                    array.object { object in
                        object.member("id", line.id)
                        object.member("replayed", line.reason == nil)
                        if let reason = line.reason { object.member("reason", reason) }
                        object.name("messageIds")
                        object.array { array in
                            for id in line.messageIDs { array.string(id) }
                        }
                    }
                }
            }
        }
    }

    var text: String {
        guard !lines.isEmpty else { return "There is nothing to replay.\n" }
        var table = Table("ID", "RESULT", "MESSAGE IDS OR REASON")
        for line in lines {
            table.add(
                line.id, line.reason == nil ? "replayed" : "kept",
                line.reason ?? line.messageIDs.joined(separator: " "))
        }
        return table.text
    }
}

extension Session {
    /// Says that the queue holds nothing of a partner, and how many messages of others.
    ///
    /// - Throws: an error if no partner has this name, nor had it.
    fileprivate func tellNothing(of partner: String?, among others: Int) throws(InletError) {
        guard let partner else { return console.note("The queue holds nothing.") }
        console.note(
            "The queue holds nothing of partner \"\(printable(partner))\", and \(others) messages "
                + "of others.")
        // The queue can be read without knowing where the partners are kept.
        guard setting(.registry, Self.registryVariable) != nil else { return }
        _ = try reading(partner) { catalog throws(StoreError) in
            try catalog.entries(named: partner)
        }
    }

    fileprivate func print(_ report: ReplayReport) throws(InletError) {
        if isJSON { return try print(json: { report.write(to: &$0) }) }
        try printLines(report.text)
    }

    /// An entry with its body.
    fileprivate func show(_ entry: RejectedEntry) throws(InletError) {
        var table = Table("id", printable(entry.id))
        table.add("time", entry.time)
        guard let content = entry.content else {
            table.add("code", "unreadable")
            return try printLines(table.text + "\n")
        }
        for (name, value) in [
            ("sender", content.sender), ("partner", content.partner), ("code", content.code),
            ("message", content.message), ("request", content.requestID),
            ("body", content.text ?? "(\(content.input.count) bytes that are not text)"),
        ] {
            table.add(name, value)
        }
        try printLines(table.text + "\n")
    }
}

extension RejectedEntry {
    fileprivate func write(to writer: inout JSONWriter, showingBody: Bool) {
        writer.object { object in
            object.member("id", id)
            object.member("time", time)
            guard let content else { return object.member("code", "unreadable") }
            object.member("sender", content.sender)
            object.member("partner", content.partner)
            object.member("code", content.code)
            object.member("message", content.message)
            object.member("requestId", content.requestID)
            if let index = content.index { object.member("index", index) }
            if !content.isWhole { object.member("bodyBytes", content.inputLength) }
            guard showingBody else { return }
            if let text = content.text {
                object.member("body", text)
            } else {
                let encoded = Base64.encode(content.input)
                object.name("bodyBase64")
                object.string(utf8: encoded.span)
            }
        }
    }
}
