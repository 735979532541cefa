import Formats
import Synchronization
import Testing

/// Looks for the secrets of the run in whatever leaves: what is published, rejected, logged or
/// answered.
///
/// Every harness hands its secrets in here, and every stand-in shows here what it receives, so no
/// test has to ask and none can forget to. What is found is an issue of the run.
package final class SecretWatch: Sendable {
    package static let shared = SecretWatch { Issue.record("\($0)") }

    /// For tests that put secrets anywhere themselves.
    package static let blind = SecretWatch { _ in }

    /// Secrets of fewer bytes would be found by chance; they are not looked for.
    package static let shortest = SecretForms.window
    /// A fault that shows everywhere is told this often.
    private static let maximumReports = 20

    private let state = Mutex((forms: SecretForms(), reports: 0))
    private let report: @Sendable (String) -> Void

    /// `report` is told where something was found, from any thread.
    package init(report: @escaping @Sendable (String) -> Void) { self.report = report }

    /// From now on this must not be seen anywhere.
    package func keep(_ secret: String) {
        state.withLock { $0.forms.insert(Array(secret.utf8)) }
    }

    /// Looks through bytes that have left; `place` is for the report.
    package func look(in bytes: [UInt8], of place: @autoclosure () -> String) {
        let forms = state.withLock { $0.forms }
        guard let found = forms.first(in: bytes) else { return }
        let isTold = state.withLock { state in
            state.reports += 1
            return state.reports <= Self.maximumReports
        }
        guard isTold else { return }
        let around =
            bytes[max(0, found.lowerBound - 60)..<min(bytes.count, found.upperBound + 60)]
        report("a secret is in \(place()): …\(String(decoding: around, as: UTF8.self))…")
    }

    package func look(in text: String, of place: @autoclosure () -> String) {
        look(in: Array(text.utf8), of: place())
    }
}

extension SecretWatch {
    /// Keeps the secrets of partners, as `INLET_PARTNERS` has them in JSON.
    ///
    /// One that is its partner's name as well cannot be told from it.
    package func keep(partners text: String) {
        guard let root = (try? JSONText(Array(text.utf8)))?.root else { return }
        for partner in root.elements {
            let token = partner["webhook_token"]
            let lists = [token, partner["validation_config"]?["signing"]?["secrets"]]
            let values = [token].compactMap(\.self) + lists.compactMap(\.self).flatMap(\.elements)
            for value in values {
                guard let secret = (value["token"] ?? value).string,
                    secret != partner["name"]?.string, !Self.isElsewhere(secret)
                else { continue }
                keep(secret)
            }
        }
    }

    /// Keeps the secrets of a program's environment.
    package func keep(environment: [String: String]) {
        let names = [
            "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN",
            "INLET_SEGMENT_WRITE_KEY",
        ]
        for (name, value) in environment {
            if names.contains(name), !Self.isElsewhere(value) { keep(value) }
            if let password = Self.password(in: value) { keep(password) }
            if value.drop(while: \.isWhitespace).hasPrefix("[") { keep(partners: value) }
        }
    }

    /// Keeps the secrets of partners that a program is told as a parameter of a template.
    package func keep(parameter argument: String) {
        guard let mark = argument.firstRange(of: "Partners=") else { return }
        keep(partners: String(argument[mark.upperBound...]))
    }

    /// Keeps the tokens that `inlet` has made and shown.
    package func keepTokens(in output: String) {
        for match in output.matches(of: /inlet_[A-Za-z0-9_-]{32}/) { keep(String(match.0)) }
    }

    /// True for a hash, and for the name of a secret that is kept somewhere else.
    private static func isElsewhere(_ text: String) -> Bool {
        ["sha256:", "secretsmanager:", "ssm:"].contains { text.hasPrefix($0) }
    }

    /// The password of `postgresql://user:password@host/…`.
    private static func password(in uri: String) -> String? {
        guard let match = uri.prefixMatch(of: /postgres(?:ql)?:\/\/[^:@\/]*:([^@\/]+)@/) else {
            return nil
        }
        return String(match.1)
    }
}
