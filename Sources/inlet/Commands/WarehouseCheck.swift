import Formats
import Partners
import Platform
import Warehouse
import WarehouseStore

extension Command {
    private static let partner = Option(
        name: "partner", value: "NAME", help: "the message's attribute partner (default: empty)")
    private static let sender = Option(
        name: "sender", value: "SENDER",
        help: "the message's attribute sender (default: segment-api)",
        choices: SenderName.allCases.map(\.rawValue))

    static let warehouseCheck = Command(
        words: ["warehouse", "check"],
        summary: "Show the rows that published messages become, without a warehouse.",
        operands: [Operand(name: "FILE", kind: .file)],
        options: [partner, sender],
        details: """
            FILE holds published messages, one JSON object in a line; - is standard input. Each row
            is shown with the type that every database has for each of its columns; - stands for a
            column that a database does not have. The exit code is 1 if a message would be rejected.
            """,
        examples: [
            Example("inlet warehouse check messages.jsonl", "what the loader would store")
        ]
    ) { session throws(InletError) in
        let contents = try session.contents(of: session.arguments.operands[0])
        let lines = contents.split { $0 == UInt8(ascii: "\n") }.filter {
            !$0.allSatisfy(JSONText.isSpace)
        }
        let mapper = MessageMapper(loadedAt: session.system.now())
        var isRejected = false
        for (number, line) in lines.enumerated() {
            let message = PublishedMessage(
                body: Array(line), partner: session.arguments.value(partner) ?? "",
                sender: session.arguments.value(sender) ?? SenderName.segmentAPI.rawValue,
                recordID: "line-\(number + 1)", queuedAt: session.system.now())
            switch mapper.map(message) {
            case .rejected(let row):
                isRejected = true
                try session.print([row])
            case .stored(let rows): try session.print(rows.rows + rows.discards)
            }
        }
        guard !isRejected else { throw .negative }
    }
}

extension Session {
    private static let dialects = WarehouseDialects.all

    fileprivate func print(_ rows: [Row]) throws(InletError) {
        for row in rows {
            guard !isJSON else {
                try print(json: { writer in row.write(to: &writer) })
                continue
            }
            var table = Table(
                heading: [row.table.name.uppercased(), "VALUE"] + Self.dialects.map(\.name))
            for (column, cell) in zip(row.table.columns, row.cells) {
                guard let value = cell.plainText else { continue }
                table.add(
                    [column.name, String(decoding: value, as: UTF8.self)]
                        + Self.dialects.map { dialect in
                            dialect.columns(of: row.table).contains(column)
                                ? dialect.type(column, of: row.table) : "-"
                        })
            }
            try print(table)
        }
    }
}

extension Row {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { object in
            object.member("table", table.name)
            object.name("row")
            object.object { row in
                for (column, cell) in zip(table.columns, cells) {
                    row.name(column.name)
                    switch cell {
                    case .null: row.null()
                    case .boolean(let value): row.bool(value)
                    case .number(let bytes), .json(let bytes): row.raw(bytes)
                    case .text, .time:
                        row.string(String(decoding: cell.plainText ?? [], as: UTF8.self))
                    }
                }
            }
        }
    }
}
