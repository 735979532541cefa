import Formats

extension Command {
    private static let id = Option(
        name: "id", value: "ID", help: "drop this message; may be repeated")
    private static let every = Option(
        name: "all", help: "drop all messages, or those that --partner, --code and --since choose")
    private static let yes = Option(name: "yes", letter: "y", help: "do not ask")

    static let rejectedDrop = Command(
        words: ["rejected", "drop"], summary: "Delete rejected input for good.",
        options: [id, every, yes] + RejectFilter.options + [
            RejectedQueue.option, Place.option, Sweep.limit,
        ],
        details: """
            What is dropped cannot be replayed. --all asks first, unless --yes is given. The exit code is
            1 if a message of --id was not found, or could not be deleted.
            """,
        examples: [
            Example("inlet rejected drop --all --code validation_failed --yes", "all of one kind"),
            Example("inlet rejected drop --all --partner crm --yes", "all of a partner"),
        ]
    ) { session throws(InletError) in
        var choice = try RejectChoice(session, id: id, every: every, of: ["rejected", "drop"])
        let queue = try RejectedQueue(session)
        let sweep = try Sweep(session, queue)
        if choice.isEvery, !session.arguments.has(yes) {
            try session.confirm("Drop rejected input? It cannot be undone. [y/N] ")
        }
        var report = DropReport()
        try sweep.run { entry throws(InletError) in
            guard choice.takes(entry) else { return (isGone: false, goesOn: true) }
            do throws(InletError) {
                try queue.delete(entry)
                report.dropped.append(entry.id)
            } catch {
                report.kept.append((entry.id, error.message))
                return (isGone: false, goesOn: choice.goesOn)
            }
            return (isGone: true, goesOn: choice.goesOn)
        }
        for id in choice.missing { report.kept.append((id, RejectChoice.reasonMissing)) }
        try session.print(report)
        guard report.kept.isEmpty else { throw .negative }
    }
}

/// What became of the messages that were to be dropped.
private struct DropReport {
    var dropped: [String] = []
    var kept: [(id: String, reason: String)] = []

    func write(to writer: inout JSONWriter) {
        writer.object { object in
            object.member("dropped", dropped.count)
            object.member("kept", kept.count)
            object.name("messages")
            object.array { array in
                for id in dropped {
                    array.object {
                        $0.member("id", id)
                        $0.member("dropped", true)
                    }
                }
                for message in kept {
                    array.object {
                        $0.member("id", message.id)
                        $0.member("dropped", false)
                        $0.member("reason", message.reason)
                    }
                }
            }
        }
    }
}

extension Session {
    /// Asks whether to go ahead with what cannot be undone.
    func confirm(_ question: String) throws(InletError) {
        guard let answer = console.ask(question) else { throw .notAsked }
        guard ["y", "yes"].contains(answer.lowercased()) else { throw .declined }
    }

    fileprivate func print(_ report: DropReport) throws(InletError) {
        if isJSON { return try print(json: { report.write(to: &$0) }) }
        guard !report.dropped.isEmpty || !report.kept.isEmpty else {
            return console.note("There is nothing to drop.")
        }
        var table = Table("ID", "RESULT", "REASON")
        for id in report.dropped { table.add(id, "dropped", "") }
        for message in report.kept { table.add(message.id, "kept", message.reason) }
        try print(table)
    }
}
