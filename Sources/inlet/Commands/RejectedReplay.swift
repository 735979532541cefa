import Formats
import Tracking

extension Command {
    private static let id = Option(
        name: "id", value: "ID", help: "replay this message; may be repeated")
    private static let every = Option(name: "all", help: "replay all messages")
    private static let type = Option.callType(
        help: "the type of tracking calls that had it in the path only")

    static let rejectedReplay = Command(
        words: ["rejected", "replay"],
        summary: "Take rejected input in again, by today's rules.",
        options: [
            id, every,
        ] + RejectFilter.options + [
            RejectedQueue.option, Place.option, Replayer.topic, type, Sweep.limit,
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
        var choice = try RejectChoice(session, id: id, every: every, of: ["rejected", "replay"])
        let queue = try RejectedQueue(session)
        let replayer = try Replayer(
            session, type: session.arguments.value(type).flatMap(CallType.init(rawValue:)))
        var report = ReplayReport()
        var others = 0
        try Sweep(session, queue).run { entry throws(InletError) in
            guard choice.takes(entry) else {
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
            return (isGone: isGone, goesOn: choice.goesOn)
        }
        for id in choice.missing { report.addMissing(id) }
        if report.isEmpty, let partner = choice.filter.partner {
            try session.tellNothing(of: partner, among: others)
        }
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
        lines.append((id, [], RejectChoice.reasonMissing))
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

    var table: Table {
        var table = Table("ID", "RESULT", "MESSAGE IDS OR REASON")
        for line in lines {
            table.add(
                line.id, line.reason == nil ? "replayed" : "kept",
                line.reason ?? line.messageIDs.joined(separator: " "))
        }
        return table
    }
}

extension Session {
    fileprivate func print(_ report: ReplayReport) throws(InletError) {
        if isJSON { return try print(json: { report.write(to: &$0) }) }
        guard !report.isEmpty else { return try print("There is nothing to replay.") }
        try print(report.table)
    }
}
