import Formats

extension Command {
    private static let requestID = Option(
        name: "request-id", value: "ID", help: "the requestId of a reply, a message or a reject")
    private static let messageID = Option(
        name: "message-id", value: "ID", help: "the messageId of a call")

    static let find = Command(
        words: ["find"], summary: "Find what became of a request, by an id.",
        options: [
            requestID, messageID, Place.option, LogSearch.group, LogSearch.since,
        ],
        details: """
            From an emulator, what it recorded of the request is shown; else what the functions have
            logged, by CloudWatch Logs Insights. The log has hashes of messageIds, and nothing else of a call.
            Insights takes some seconds, and AWS charges for what it reads: --since bounds that.
            The exit code is 1 if nothing is found.
            """,
        examples: [
            Example("inlet find --request-id r-1", "what became of the request with this id"),
            Example("inlet find --message-id e-1 --json", "the same by a call's own id"),
        ]
    ) { session throws(InletError) in
        let key: LogQuery.Key
        switch (session.arguments.value(requestID), session.arguments.value(messageID)) {
        case (let id?, nil): key = .request(id)
        case (nil, let id?): key = .message(id)
        default: throw .usage("say which: --request-id, or --message-id", ["find"])
        }
        switch try session.place() {
        case .emulator(let address):
            try session.show(requests: EmulatorSearch(address: address).requests(key))
        case .aws: try session.show(lines: LogSearch(session).lines(LogQuery(key: key)))
        }
    }
}

extension Session {
    fileprivate func show(requests: JSONText) throws(InletError) {
        try show(
            Array(requests.root.elements),
            columns: [
                ("TIME", "time"), ("ID", "id"), ("METHOD", "method"), ("PATH", "path"),
                ("STATUS", "status"), ("SENDER", "sender"), ("PARTNER", "partner"),
                ("OUTCOME", "outcome"), ("CODE", "code"),
            ])
    }

    fileprivate func show(lines: [JSONText]) throws(InletError) {
        try show(
            lines.map(\.root),
            columns: [
                ("TIME", "timestamp"), ("LEVEL", "level"), ("MESSAGE", "message"),
                ("REQUEST ID", "requestId"), ("STATUS", "status"), ("SENDER", "sender"),
                ("PARTNER", "partner"), ("OUTCOME", "outcome"), ("CODE", "code"),
                ("REASON", "reason"),
            ])
    }

    private func show(
        _ found: [JSONValue], columns: [(title: String, member: String)]
    ) throws(InletError) {
        if isJSON {
            try print(json: { writer in
                writer.array { array in for value in found { array.raw(value.raw) } }
            })
        } else if !found.isEmpty {
            var table = Table(heading: columns.map(\.title))
            for value in found {
                table.add(
                    columns.map { column in
                        guard let value = value[column.member]?.unlessNull else { return "" }
                        return value.string ?? String(decoding: value.raw, as: UTF8.self)
                    })
            }
            try print(table)
        }
        guard !found.isEmpty else {
            console.note("Nothing was found under that id.")
            throw .negative
        }
    }
}
