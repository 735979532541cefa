internal import Formats
internal import Warehouse

/// A request as Query Service takes it.
///
/// Source: Teradata Query Service Installation, Configuration, and Usage Guide, "Request body".
enum TeradataRequest {
    /// A request waits at most so long for a session, in seconds, and never longer than a third of
    /// its time.
    private static let queueTimeout = 20

    /// A query, or a statement that is run once for each of these rows.
    ///
    /// Waiting for a session and running take so many seconds at most; the database itself ends what
    /// takes longer.
    static func body(_ query: String, _ rows: ArraySlice<Row>?, seconds: Int) -> [UInt8] {
        let size = rows?.reduce(0) { $0 + $1.size } ?? 0
        var writer = JSONWriter(reserving: query.utf8.count + size * 5 / 4 + 256)
        writer.object { body in
            body.member("query", query)
            if let rows {
                body.name("params")
                body.array { list in
                    for row in rows { list.array { write(row, to: &$0) } }
                }
                body.member("batch", true)
            }
            body.member("format", "array")
            let queue = min(seconds / 3, queueTimeout)
            body.member("queueTimeout", queue)
            body.member("queryTimeout", seconds - queue)
            body.name("queryBands")
            body.object { $0.member("ApplicationName", "inlet") }
        }
        return writer.bytes
    }

    private static func write(_ row: Row, to list: inout JSONWriter) {
        for cell in row.cells {
            switch cell {
            case .null: list.null()
            case .time(let time): list.string(utf8: timestamp(time).span)
            case .text(let text), .json(let text), .number(let text):
                list.string(utf8: text.span)
            case .boolean(let value): list.string(value ? "1" : "0")
            }
        }
    }

    /// `YYYY-MM-DD HH:MM:SS.ffffff` in UTC, which every version converts.
    private static func timestamp(_ time: Timestamp) -> [UInt8] {
        var text = time.rfc3339Microseconds
        text[10] = UInt8(ascii: " ")
        text.removeLast()
        return text
    }
}
