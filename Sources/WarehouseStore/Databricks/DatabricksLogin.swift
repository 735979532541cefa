internal import Formats
internal import Platform
internal import Secrets
internal import Transport

/// The token that each statement is sent with: an operator's, or one for an hour that a service
/// principal gets and keeps.
///
/// Source: Databricks documentation, "Authorize service principal access with OAuth".
final class DatabricksLogin {
    private enum Source {
        case fixed(SettingSecret)
        case principal(id: SettingSecret, secret: SettingSecret)
    }

    private struct Token {
        let text: String
        let moment: Moment
        /// From ``moment`` on.
        let lifetime: Duration

        func isGood(at now: Timestamp, for time: Duration) -> Bool {
            moment.age(at: now) + time < lifetime
        }
    }

    /// A token is renewed so long before it ends.
    private static let margin = Duration.seconds(300)

    private let source: Source
    private let connection: ServiceConnection
    private let url: String
    private var token: Token?

    init(_ setting: DatabricksSetting, _ connection: ServiceConnection, _ secrets: SecretCache) {
        source =
            switch setting.credentials {
            case .token(let token): .fixed(SettingSecret(token, secrets))
            case .principal(let id, let secret):
                .principal(
                    id: SettingSecret(id, secrets), secret: SettingSecret(secret, secrets))
            }
        self.connection = connection
        url = setting.address.origin + "/oidc/v1/token"
    }

    /// True if another token may be had.
    var isRenewable: Bool {
        if case .principal = source { return true }
        return false
    }

    /// Has the next request wait for a new token.
    func forget() { token = nil }

    /// The header that says who sends a request.
    func authorization(within budget: TimeBudget) throws(ServiceFault) -> HTTPField {
        switch source {
        case .fixed(let secret):
            return try Self.field(String(decoding: try value(secret, budget), as: UTF8.self))
        case .principal(let id, let secret):
            let now = connection.system.now()
            if let token, token.isGood(at: now, for: Self.margin) {
                return try Self.field(token.text)
            }
            do throws(ServiceFault) {
                let new = try fetch(id: id, secret: secret, within: budget)
                token = new
                return try Self.field(new.text)
            } catch {
                // The old one still serves while no other can be had.
                guard let token, token.isGood(at: now, for: .zero) else { throw error }
                return try Self.field(token.text)
            }
        }
    }

    private func fetch(
        id: SettingSecret, secret: SettingSecret, within budget: TimeBudget
    ) throws(ServiceFault) -> Token {
        let pair =
            try value(id, budget) + [UInt8(ascii: ":")] + value(secret, budget)
        let basic = "Basic " + String(decoding: Base64.encode(pair), as: UTF8.self)
        let request = HTTPRequest(
            method: "POST", url: url,
            headers: [
                HTTPField("Authorization", basic),
                HTTPField("Content-Type", "application/x-www-form-urlencoded"),
            ], body: Array("grant_type=client_credentials&scope=all-apis".utf8))
        let moment = Moment(wall: connection.system.now())
        let response = try connection.send(request, timeout: min(budget.left, .seconds(10)))
        guard response.status == 200 else {
            throw ServiceFault(response, at: connection.system.now())
        }
        guard let reply = try? JSONText(response.body).root,
            let text = reply["access_token"]?.string
        else { throw ServiceFault.unreadable }
        let lifetime = Duration.seconds(max(0, reply["expires_in"]?.int ?? 0))
        return Token(text: text, moment: moment, lifetime: lifetime)
    }

    private func value(
        _ secret: SettingSecret, _ budget: TimeBudget
    ) throws(ServiceFault) -> [UInt8] {
        do throws(SecretError) {
            return try secret.value(within: budget).value
        } catch {
            throw ServiceFault(error)
        }
    }

    private static func field(_ token: String) throws(ServiceFault) -> HTTPField {
        guard !token.isEmpty, token.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else {
            throw ServiceFault(
                .permanent, WarehouseError(.denied, "the token has characters that none can have"))
        }
        return HTTPField("Authorization", "Bearer \(token)")
    }
}
