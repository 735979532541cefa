package import Formats
package import Platform
internal import Signing
internal import Transport

/// Calls services by JSON or by the query protocol, one call at a time, with retries.
package final class AWSClient {
    /// Bytes of one answer: a secret has up to 64 KiB, a page of DynamoDB up to 1 MiB, and escapes
    /// make both longer.
    private static let maximumBody = 8 * 1024 * 1024
    /// For one attempt; a service that takes longer is better asked again.
    private static let attemptTimeout = Duration.seconds(5)

    /// What calls go by: clock, randomness, sleep.
    package var system: System { settings.system }

    private let settings: AWSSettings
    private let credentials: CredentialChain
    private var signer = RequestSigner()
    private var connection: HTTPConnection?

    /// Makes no connection and reads nothing yet.
    package init(_ settings: AWSSettings, credentials: CredentialChain) {
        self.settings = settings
        self.credentials = credentials
    }

    /// Calls the operation that `target` names, `secretsmanager.GetSecretValue` for one.
    ///
    /// - Returns: the reply's body.
    /// - Throws: ``AWSError/failed(_:)`` after the last attempt that the settings and the deadline
    ///   allow, and other cases when no request could be made.
    package func call(
        _ service: AWSService, region: String? = nil, target: String, body: [UInt8],
        within budget: TimeBudget
    ) throws(AWSError) -> JSONText {
        let headers = [
            HTTPField("Content-Type", "application/x-amz-json-\(service.jsonVersion)"),
            HTTPField("X-Amz-Target", target),
        ]
        return try send(
            Call(to: try settings.endpoint(of: service, region: region), headers, body),
            // An operation without a result may have an empty body.
            within: budget, read: { try? JSONText($0.isEmpty ? Array("{}".utf8) : $0) },
            fail: { AWSFailure(json: $0, at: $1) })
    }

    /// Calls an action of the query protocol, whose replies are XML.
    ///
    /// `parameters` are the action's own, and `version` is that of the service's API.
    ///
    /// - Returns: the reply's root element, `DescribeStacksResponse` for one.
    /// - Throws: as ``call(_:region:target:body:within:)``.
    package func query(
        _ service: AWSService, region: String? = nil, version: String, action: String,
        _ parameters: [NamedValue] = [], within budget: TimeBudget
    ) throws(AWSError) -> XMLElement {
        let pairs = [NamedValue("Action", action), NamedValue("Version", version)] + parameters
        let form = pairs.map { pair in
            "\(PercentEncoding.encode(pair.name))=\(PercentEncoding.encode(pair.value))"
        }.joined(separator: "&")
        let headers = [HTTPField("Content-Type", "application/x-www-form-urlencoded")]
        return try send(
            Call(
                to: try settings.endpoint(of: service, region: region), headers, Array(form.utf8)),
            within: budget, read: { try? XMLElement.parse($0) },
            fail: { AWSFailure(query: $0, at: $1) })
    }

    /// What is signed and sent, again if need be.
    private struct Call {
        let endpoint: Endpoint
        let headers: [HTTPField]
        let body: [UInt8]

        init(to endpoint: Endpoint, _ headers: [HTTPField], _ body: [UInt8]) {
            self.endpoint = endpoint
            self.headers = headers
            self.body = body
        }
    }

    /// `read` reads a success, and `fail` a refusal that came at a time.
    private func send<Reply>(
        _ call: Call, within budget: TimeBudget, read: ([UInt8]) -> Reply?,
        fail: (HTTPResponse, Timestamp) -> AWSFailure
    ) throws(AWSError) -> Reply {
        var retries = RetryState(policy: try settings.retryPolicy())
        while true {
            let now = system.now()
            let request = signer.request(
                to: call.endpoint, headers: call.headers, body: call.body,
                credentials: try credentials.credentials(
                    within: budget), at: now)
            let failure: AWSFailure
            var refusal: HTTPResponse?
            switch attempt(request, within: budget, read: read) {
            case .reply(let reply): return reply
            case .refused(let response):
                (failure, refusal) = (fail(response, system.now()), response)
            case .failed(let reason): failure = reason
            }
            let step = retries.step(
                after: failure.kind, left: budget.left, random: system.random())
            switch step {
            case .giveUp: throw .failed(failure)
            case .again(let wait): system.sleep(wait)
            case .mend(let remedy): mend(remedy, after: refusal)
            }
            guard !budget.isSpent else { throw .failed(failure) }
        }
    }

    private func mend(_ remedy: Remedy, after response: HTTPResponse?) {
        switch remedy {
        case .reloadCredentials: credentials.invalidate()
        case .correctClock:
            if let response { signer.correctClock(by: response, at: system.now()) }
        }
    }

    private enum Outcome<Reply> {
        case reply(Reply)
        case refused(HTTPResponse)
        case failed(AWSFailure)
    }

    private func attempt<Reply>(
        _ request: HTTPRequest, within budget: TimeBudget, read: ([UInt8]) -> Reply?
    ) -> Outcome<Reply> {
        do throws(TransportError) {
            let timeout = min(Self.attemptTimeout, budget.left)
            guard timeout > .zero else { throw .timedOut }
            let response = try send(request, timeout: timeout)
            guard response.status == 200 else { return .refused(response) }
            guard let reply = read(response.body) else {
                return .failed(.unreadable(status: response.status))
            }
            return .reply(reply)
        } catch {
            return .failed(AWSFailure(error))
        }
    }

    private func send(
        _ request: HTTPRequest, timeout: Duration
    ) throws(TransportError) -> HTTPResponse {
        // Taken out while in use: it cannot be copied.
        let connection =
            if let kept = self.connection.take() { kept } else {
                try HTTPConnection(proxy: .environment)
            }
        do throws(TransportError) {
            let response = try connection.send(
                request, timeout: timeout, maximumBody: Self.maximumBody)
            self.connection = consume connection
            return response
        } catch {
            // A connection that failed is of no further use.
            throw error
        }
    }
}
