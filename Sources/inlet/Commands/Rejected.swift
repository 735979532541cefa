import Delivery
import Formats
import Secrets
import Store
import Tracking

extension Command {
    private static let showBody = Option(
        name: "show-body", help: "also print what was sent, which may hold personal data")

    static let rejectedList = Command(
        words: ["rejected", "list"], summary: "List the input that was rejected, and why.",
        options: RejectFilter.options + [
            RejectedQueue.option, Place.option, Sweep.limit, showBody,
        ],
        details: """
            Reads the queue behind the rejected topic, and leaves everything in it. Messages that
            somebody else is reading at the time are not shown.
            """,
        examples: [
            Example("inlet rejected list", "all of it, without what was sent"),
            Example("inlet rejected list --partner crm --show-body", "one partner's, in full"),
            Example(
                "inlet rejected list --since 24h --code validation_failed", "one kind, of a day"),
        ]
    ) { session throws(InletError) in
        let filter = try RejectFilter(session)
        var entries: [RejectedEntry] = []
        var others = 0
        try Sweep(session, try RejectedQueue(session)).run { entry throws(InletError) in
            if filter.takes(entry) {
                entries.append(entry)
            } else {
                others += 1
            }
            return (isGone: false, goesOn: true)
        }
        if entries.isEmpty { try session.tellNothing(of: filter.partner, among: others) }
        entries.sort { ($0.time, $0.id) < ($1.time, $1.id) }
        try session.list(entries, showingBody: session.arguments.has(showBody))
    }
}

extension Session {
    /// Says that the queue holds nothing of a partner, and how many messages of others.
    ///
    /// - Throws: an error if no partner has this name, nor had it.
    func tellNothing(of partner: String?, among others: Int) throws(InletError) {
        guard let partner else {
            return console.note(
                others == 0
                    ? "The queue holds nothing." : "The queue holds \(others) other messages.")
        }
        console.note(
            "The queue holds nothing of partner \"\(printable(partner))\", and \(others) messages "
                + "of others.")
        // The queue can be read without knowing where the partners are kept.
        guard setting(.registry, Self.registryVariable) != nil else { return }
        _ = try reading(partner) { catalog throws(StoreError) in
            try catalog.entries(named: partner)
        }
    }

    fileprivate func list(
        _ entries: [RejectedEntry], showingBody showsBody: Bool
    ) throws(InletError) {
        if isJSON {
            return try print(json: { writer in
                writer.array { array in
                    for entry in entries { entry.write(to: &array, showingBody: showsBody) }
                }
            })
        }
        guard !entries.isEmpty else { return }
        guard !showsBody else {
            for entry in entries { try show(entry) }
            return
        }
        let further = isWide ? ["REQUEST"] : []
        let heading = ["ID", "TIME", "SENDER", "PARTNER", "CODE"]
        var table = Table(heading: heading + further + ["MESSAGE"])
        for entry in entries {
            let cells = [
                entry.id, entry.time, entry.content?.sender ?? "", entry.content?.partner ?? "",
                entry.content?.code ?? "unreadable",
            ]
            let details = isWide ? [entry.content?.requestID ?? ""] : []
            let message = entry.content?.message ?? "This is not a message of the rejected topic."
            table.add(cells + details + [message])
        }
        try print(table)
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
