internal import Formats

/// A statement as the Statement Execution API takes it.
///
/// Source: Databricks REST API reference, "Execute a SQL statement", 2.0.
struct DatabricksStatement {
    let text: String
    /// The value of `:rows`, a JSON text; nil for a statement without it.
    let rows: [UInt8]?

    init(_ text: String, rows: [UInt8]? = nil) {
        self.text = text
        self.rows = rows
    }

    /// The request's body; the answer comes after `wait` seconds at the latest, 0 or 5 to 50.
    func body(_ setting: DatabricksSetting, wait: Int) -> [UInt8] {
        var writer = JSONWriter(reserving: text.utf8.count + (rows?.count ?? 0) * 5 / 4 + 256)
        writer.object { body in
            body.member("warehouse_id", setting.warehouseID)
            body.member("catalog", setting.catalog)
            body.member("statement", text)
            body.member("wait_timeout", "\(wait)s")
            body.member("on_wait_timeout", "CONTINUE")
            guard let rows else { return }
            body.name("parameters")
            body.array { list in
                list.object { parameter in
                    parameter.member("name", "rows")
                    parameter.member("type", "STRING")
                    parameter.name("value")
                    parameter.string(utf8: rows.span)
                }
            }
        }
        return writer.bytes
    }
}

/// What the API says about a statement.
struct DatabricksReply {
    enum State: String {
        case pending = "PENDING"
        case running = "RUNNING"
        case succeeded = "SUCCEEDED"
        case failed = "FAILED"
        case canceled = "CANCELED"
        /// It succeeded, and its result is gone.
        case closed = "CLOSED"
    }

    let state: State
    let id: String?
    private let root: JSONValue

    /// Nil for what is no answer about a statement.
    init?(_ body: [UInt8]) {
        guard let root = try? JSONText(body).root,
            let state = root["status"]?["state"]?.string.flatMap(State.init)
        else { return nil }
        self.root = root
        self.state = state
        // It becomes a part of a URL.
        id = root["statement_id"]?.string.flatMap { $0.isName(with: "-_") ? $0 : nil }
    }

    var isUnderWay: Bool { state == .pending || state == .running }

    var sqlState: String? {
        (root["status"]?["sql_state"] ?? root["status"]?["error"]?["sql_state"])?.string?.asCode
    }

    var errorCode: String? { root["status"]?["error"]?["error_code"]?.string?.asCode }

    /// The error class that the message begins with, in brackets; the rest may repeat values.
    var errorClass: Substring? {
        guard let message = root["status"]?["error"]?["message"]?.string, message.hasPrefix("["),
            let end = message.firstIndex(of: "]")
        else { return nil }
        return message[..<end].dropFirst()
    }

    /// The first chunk of the result.
    var rows: [[String?]] {
        (root["result"]?["data_array"]?.elements).map { rows in
            rows.map { row in row.elements.map(\.string) }
        } ?? []
    }

    /// How many rows a MERGE says it has inserted; nil if it does not say so.
    ///
    /// Nothing may depend on it: what a MERGE returns is not a part of the API.
    var insertedRows: Int? {
        let columns = root["manifest"]?["schema"]?["columns"]
        let place = columns?.elements.enumerated().first {
            $0.element["name"]?.equals("num_inserted_rows") == true
        }?.offset
        guard let place, let row = rows.first, place < row.count else { return nil }
        return row[place].flatMap { Int($0) }
    }
}
