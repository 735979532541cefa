internal import Formats
internal import Platform
internal import Signing
internal import Transport

/// The endpoint inside the machine that gives out credentials: Lambda with SnapStart, ECS, EKS.
///
/// Source: AWS SDKs and Tools Reference Guide, "Container credential provider".
struct ContainerCredentials {
    /// How long one attempt may take.
    private static let timeout = Duration.seconds(2)
    private static let policy = RetryPolicy(pause: .fixed(.seconds(1)))
    private static let maximumBody = 64 * 1024
    /// Over plain HTTP a secret may not leave the machine.
    private static let plainHosts: Set<String> = [
        "localhost", "169.254.170.2", "169.254.170.23", "fd00:ec2::23", "::1",
    ]

    let url: String
    private let system: System

    /// The endpoint that the environment names, nil when it names none.
    init?(_ system: System) throws(AWSError) {
        self.system = system
        if let path = system["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] {
            guard path.hasPrefix("/") else {
                throw .malformedSetting(
                    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", expected: "a path that begins with /")
            }
            url = "http://169.254.170.2\(path)"
        } else if let full = system["AWS_CONTAINER_CREDENTIALS_FULL_URI"] {
            guard Self.isAllowed(full) else {
                throw .malformedSetting(
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                    expected: "an https URL, or http to this machine or its container host")
            }
            url = full
        } else {
            return nil
        }
    }

    func load(within budget: TimeBudget) throws(AWSError) -> Credentials {
        var retries = RetryState(policy: Self.policy)
        while true {
            do throws(AWSError) {
                return try attempt(within: budget)
            } catch {
                guard retries.pause(after: Self.kind(of: error), left: budget.left, by: system)
                else { throw error }
            }
        }
    }

    /// What the endpoint answers may be better the next time; a setting never is.
    private static func kind(of error: AWSError) -> FailureKind {
        if case .container = error { .transient } else { .permanent }
    }

    private func attempt(within budget: TimeBudget) throws(AWSError) -> Credentials {
        var headers = [HTTPField("Accept", "application/json")]
        if let token = try token() { headers.append(HTTPField("Authorization", token)) }
        let timeout = budget.capped(at: Self.timeout).left
        guard timeout > .zero else { throw .container("no time is left to ask") }
        let response: HTTPResponse
        do throws(TransportError) {
            response = try HTTPConnection(proxy: .never).send(
                HTTPRequest(method: "GET", url: url, headers: headers), timeout: timeout,
                maximumBody: Self.maximumBody)
        } catch {
            throw .container(error.reason)
        }
        guard response.status == 200 else { throw .container("HTTP \(response.status)") }
        return try Self.decode(response.body)
    }

    private static func decode(_ body: [UInt8]) throws(AWSError) -> Credentials {
        guard let root = (try? JSONText(body))?.root,
            let id = root["AccessKeyId"]?.string, !id.isEmpty,
            let secret = root["SecretAccessKey"]?.string, !secret.isEmpty
        else { throw .container("the answer holds no key pair") }
        let expiration = root["Expiration"]?.unlessNull?.utf8.map(Timestamp.init(rfc3339:))
        if case .some(nil) = expiration { throw .container("Expiration is no time") }
        return Credentials(
            accessKeyID: id, secretAccessKey: secret, sessionToken: root["Token"]?.string,
            expiration: expiration ?? nil)
    }

    /// What `Authorization` holds; a token's file is read each time, because it is rotated.
    private func token() throws(AWSError) -> String? {
        let variable = "AWS_CONTAINER_AUTHORIZATION_TOKEN"
        guard let path = system["\(variable)_FILE"] else {
            return try system[variable].map { text throws(AWSError) in
                try Self.checked(text, from: variable)
            }
        }
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try File.read(path)
        } catch {
            throw .file(path: path, error)
        }
        return try Self.checked(String(decoding: bytes, as: UTF8.self), from: path)
    }

    /// A token goes into a header verbatim; a line end in it would begin another header.
    private static func checked(_ token: String, from source: String) throws(AWSError) -> String {
        guard !token.utf8.contains(where: { $0 == 0x0D || $0 == 0x0A || $0 == 0 }) else {
            throw .malformedSetting(source, expected: "a token without line ends")
        }
        return token
    }

    private static func isAllowed(_ url: String) -> Bool {
        if url.lowercased().hasPrefix("https://") { return true }
        guard let endpoint = Endpoint(custom: withoutQuery(url), service: .sts, region: "") else {
            return false
        }
        var host = endpoint.host[...]
        if host.hasPrefix("[") {
            host = host.dropFirst().prefix { $0 != "]" }
        } else {
            host = host.prefix { $0 != ":" }
        }
        if plainHosts.contains(String(host)) { return true }
        guard let address = IPAddress(String(host)) else { return false }
        return IPNetwork("127.0.0.0/8")?.contains(address) == true
    }

    private static func withoutQuery(_ url: String) -> String {
        String(url.prefix { $0 != "?" })
    }
}
