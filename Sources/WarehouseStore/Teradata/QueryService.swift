internal import Formats
internal import Platform
internal import Secrets
internal import Transport
internal import Warehouse

/// Runs one request at a time on a Teradata system, in sessions that Query Service makes and keeps.
///
/// No session is ours, so none is left behind when the process is frozen or killed.
/// Source: Teradata Query Service Installation, Configuration, and Usage Guide, 4.01.
struct QueryService {
    /// The only form of answers there is; without it none comes.
    private static let accept = "application/vnd.com.teradata.rest-v1.0+json"
    /// A request waits at most so long for a session, in seconds.
    private static let queueTimeout = 20

    private let setting: TeradataSetting
    private let connection: ServiceConnection
    private let user: SettingSecret
    private let password: SettingSecret

    init(_ setting: TeradataSetting, _ secrets: SecretCache) {
        self.setting = setting
        connection = ServiceConnection(
            to: setting.address, authorities: setting.authorities, system: setting.system)
        user = SettingSecret(setting.user, secrets)
        password = SettingSecret(setting.password, secrets)
    }

    /// Runs a query, or a statement once for each of these rows; again where that is of use: to repeat
    /// it must do no harm.
    ///
    /// An error with the number `done` means that there was nothing to do. Returns the rows of the
    /// result.
    @discardableResult
    func run(
        _ query: String, forEach rows: ArraySlice<Row>? = nil, done: String? = nil,
        within budget: TimeBudget
    ) throws(WarehouseError) -> [[String?]] {
        try connection.retrying(within: budget) { () throws(ServiceFault) in
            let left = budget.left
            let response = try connection.send(
                HTTPRequest(
                    method: "POST", url: setting.url,
                    headers: [
                        try authorization(within: budget), HTTPField("Accept", Self.accept),
                        HTTPField("Content-Type", "application/json"),
                    ], body: Self.body(query, rows, seconds: max(1, left.seconds))),
                timeout: left)
            guard response.status == 200 else {
                let fault = TeradataFault.fault(response, at: connection.system.now())
                if let done, fault.error.code == done { return [] }
                throw fault
            }
            guard let reply = try? JSONText(response.body).root else {
                throw ServiceFault(
                    .transient, WarehouseError(.unavailable, "an unreadable answer"))
            }
            return Self.rows(reply)
        }
    }

    private func authorization(within budget: TimeBudget) throws(ServiceFault) -> HTTPField {
        do throws(SecretError) {
            let pair =
                try user.value(within: budget).value + [UInt8(ascii: ":")]
                + password.value(within: budget).value
            let basic = String(decoding: Base64.encode(pair), as: UTF8.self)
            return HTTPField("Authorization", "Basic \(basic)")
        } catch {
            throw ServiceFault(error)
        }
    }

    private static func body(_ query: String, _ rows: ArraySlice<Row>?, seconds: Int) -> [UInt8] {
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
            body.member("queueTimeout", min(seconds, queueTimeout))
            body.member("queryTimeout", seconds)
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

    /// Of the first result, values as texts.
    private static func rows(_ reply: JSONValue) -> [[String?]] {
        let data = reply["results"]?.elements.first?["data"]
        return (data?.elements).map { rows in
            rows.map { row in
                row.elements.map { value in
                    guard !value.isNull else { return nil }
                    return value.string ?? String(decoding: value.raw, as: UTF8.self)
                }
            }
        } ?? []
    }
}
