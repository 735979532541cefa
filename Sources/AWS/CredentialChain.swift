internal import Formats
package import Platform
package import Signing
internal import Transport

/// Finds credentials, keeps them, and replaces them before they expire.
///
/// Looks at the environment, the profile's files and the container endpoint, in that order, and at
/// none before the first call. A class: all who sign share what was found.
package final class CredentialChain {
    /// Credentials that expire sooner are replaced, if that is possible.
    package static let advisoryMargin = Duration.seconds(15 * 60)
    /// Credentials that expire sooner are worth several attempts at replacing them.
    package static let mandatoryMargin = Duration.seconds(10 * 60)
    /// After a failure, how long credentials that are still valid are used without another try.
    package static let pauseAfterFailure = Duration.seconds(30)
    /// What an advisory refresh may take away from the call that needs credentials.
    private static let advisoryBudget = Duration.milliseconds(500)

    private let settings: AWSSettings
    private var current: Credentials?
    private var nextTry: Instant?

    package init(_ settings: AWSSettings) { self.settings = settings }

    /// Credentials that are valid when the budget begins.
    ///
    /// Expiry is judged by the wall clock at every call, because a process may be frozen between
    /// two. A refresh that fails is an error only once the old credentials have expired.
    package func credentials(within budget: TimeBudget) throws(AWSError) -> Credentials {
        guard let current else { return try reload(within: budget) }
        guard let expiration = current.expiration else { return current }
        let left = Duration.microseconds(expiration.microseconds - budget.now.microseconds)
        guard left < Self.advisoryMargin else { return current }
        let isExpired = left <= .zero
        if !isExpired, let nextTry, Instant.now < nextTry { return current }
        let isAdvisory = left >= Self.mandatoryMargin
        do throws(AWSError) {
            return try reload(
                within: isAdvisory ? budget.capped(at: Self.advisoryBudget) : budget)
        } catch {
            guard !isExpired else { throw error }
            nextTry = .now + Self.pauseAfterFailure
            return current
        }
    }

    /// Forgets the credentials, because AWS has refused them: the next call loads them anew.
    package func invalidate() {
        current = nil
        nextTry = nil
    }

    private func reload(within budget: TimeBudget) throws(AWSError) -> Credentials {
        let found = try load(within: budget)
        if let expiration = found.expiration, expiration <= budget.now {
            throw .container("they have expired")
        }
        current = found
        nextTry = nil
        return found
    }

    private func load(within budget: TimeBudget) throws(AWSError) -> Credentials {
        if let found = try environment() { return found }
        if let found = try profile() { return found }
        if let container = try ContainerCredentials(settings.system) {
            return try container.load(within: budget)
        }
        let webIdentity = "AWS_WEB_IDENTITY_TOKEN_FILE"
        if settings.system[webIdentity] != nil { throw .unsupportedCredentials(webIdentity) }
        throw .credentialsMissing
    }

    private func environment() throws(AWSError) -> Credentials? {
        let system = settings.system
        return try Self.pair(
            id: system["AWS_ACCESS_KEY_ID"], idName: "AWS_ACCESS_KEY_ID",
            secret: system["AWS_SECRET_ACCESS_KEY"], secretName: "AWS_SECRET_ACCESS_KEY",
            token: system["AWS_SESSION_TOKEN"])
    }

    private func profile() throws(AWSError) -> Credentials? {
        let shared = settings.shared
        try shared.requireNamedProfile()
        if try shared.credential("role_arn") != nil { throw .unsupportedCredentials("role_arn") }
        let found = try Self.pair(
            id: shared.credential("aws_access_key_id"), idName: "aws_access_key_id",
            secret: shared.credential("aws_secret_access_key"),
            secretName: "aws_secret_access_key",
            token: shared.credential("aws_session_token", or: "aws_security_token"))
        if let found { return found }
        for key in ["sso_session", "sso_start_url", "credential_process", "login_session"]
        where try shared.credential(key) != nil {
            throw .unsupportedCredentials(key)
        }
        return nil
    }

    private static func pair(
        id: String?, idName: String, secret: String?, secretName: String, token: String?
    ) throws(AWSError) -> Credentials? {
        switch (id?.isEmpty == false ? id : nil, secret?.isEmpty == false ? secret : nil) {
        case (nil, nil): return nil
        case (nil, _): throw .credentialsIncomplete(idName)
        case (_, nil): throw .credentialsIncomplete(secretName)
        case (let id?, let secret?):
            try check(id, idName)
            try check(secret, secretName)
            try check(token ?? "", "the session token")
            return Credentials(
                accessKeyID: id, secretAccessKey: secret,
                sessionToken: token?.isEmpty == false ? token : nil)
        }
    }

    /// They become header values: a line break at the end of one is a common slip.
    private static func check(_ value: String, _ name: String) throws(AWSError) {
        guard value.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else {
            throw .malformedSetting(name, expected: "no spaces and no line breaks")
        }
    }
}
