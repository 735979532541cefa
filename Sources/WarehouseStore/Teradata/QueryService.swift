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
            // The answer takes a moment too.
            let seconds = max(1, left.seconds - 1)
            let response = try connection.send(
                HTTPRequest(
                    method: "POST", url: setting.url,
                    headers: [
                        try authorization(within: budget), HTTPField("Accept", Self.accept),
                        HTTPField("Content-Type", "application/json"),
                    ], body: TeradataRequest.body(query, rows, seconds: seconds)),
                timeout: left)
            guard response.status == 200 else {
                let fault = TeradataFault.fault(response, at: connection.system.now())
                if let done, fault.error.code == done { return [] }
                throw fault
            }
            guard let reply = try? JSONText(response.body).root else {
                throw ServiceFault.unreadable
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
