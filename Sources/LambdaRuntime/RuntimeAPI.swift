package import Formats
internal import Platform
package import Transport

/// The Lambda Runtime API over one kept connection.
///
/// Source: AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes", and the
/// Runtime Interface Emulator for the statuses that the guide leaves out.
package struct RuntimeAPI: ~Copyable {
    /// Consecutive tries of one call whose connection failed.
    package static let maximumTries = 3
    /// Such a call is made again at once.
    private static let policy = RetryPolicy(
        maximumAttempts: maximumTries, pause: .fixed(.zero))
    /// Lambda sends at most 6 MiB.
    static let maximumEvent = 8 << 20
    /// Replies to posts are a status word.
    static let maximumReply = 64 << 10
    /// For one post with all its tries: it is taken in microseconds, or something is very wrong.
    package static let postTimeout = Duration.seconds(30)
    /// Bytes of a response, 6 MiB and 100.
    ///
    /// Lambda answers more with 413 and fails the event itself.
    package static let maximumResponse = 6_291_556

    /// What became of a posted answer.
    package enum Receipt: Sendable, Equatable {
        case accepted
        /// It will never be taken, and trying again would not help: the reason is for a log line.
        case dropped(status: Int)
        case unsent(TransportError)
    }

    private static let path = "/2018-06-01/runtime"

    private let origin: String
    private let postTimeout: Duration
    private let now: @Sendable () -> Timestamp
    private let connection: HTTPConnection

    /// Makes no connection yet; `authority` is the `host:port` of AWS_LAMBDA_RUNTIME_API.
    package init(
        authority: String, postTimeout: Duration = Self.postTimeout,
        now: @escaping @Sendable () -> Timestamp
    ) throws(RuntimeAPIError) {
        self.postTimeout = postTimeout
        origin = "http://\(authority)"
        self.now = now
        // Functions set HTTP_PROXY for their own calls; this one never leaves the machine.
        do throws(TransportError) {
            connection = try HTTPConnection(proxy: .never)
        } catch {
            throw .setupFailed(error)
        }
    }

    /// Waits for the next event, for as long as it takes: Lambda freezes the process meanwhile.
    package func next() throws(RuntimeAPIError) -> Invocation {
        let request = HTTPRequest(
            method: "GET", url: origin, target: "\(Self.path)/invocation/next")
        var retries = RetryState(policy: Self.policy)
        while true {
            let response: HTTPResponse
            do throws(TransportError) {
                response = try connection.send(
                    request, timeout: nil, maximumBody: Self.maximumEvent)
            } catch {
                // Asking again is safe: an event that was lost on the way is handed out again.
                guard case .again = retries.step(after: .transient, random: 0) else {
                    throw .unreachable(error)
                }
                continue
            }
            guard response.status == 200 else { throw .nextRefused(status: response.status) }
            return try Invocation(response, receivedAt: now(), received: .now)
        }
    }

    /// Posts a handler's answer; a response that Lambda would not take is a failure that says so.
    package func post(
        _ answer: Answer, to invocation: Invocation
    ) throws(RuntimeAPIError) -> Receipt {
        switch answer {
        case .response(let body) where body.count <= Self.maximumResponse:
            return try respond(to: invocation, with: body)
        case .response(let body):
            let message =
                "The response has \(body.count) bytes; Lambda takes \(Self.maximumResponse)."
            return try fail(
                invocation, with: Failure(.function, "ResponseSizeTooLarge", message: message))
        case .failure(let failure):
            return try fail(invocation, with: failure)
        }
    }

    private func respond(
        to invocation: Invocation, with body: [UInt8]
    ) throws(RuntimeAPIError) -> Receipt {
        let headers =
            Self.echo(of: invocation) + [HTTPField("Content-Type", "application/json")]
        return try post("response", for: invocation, headers: headers, body: body)
    }

    private func fail(
        _ invocation: Invocation, with failure: Failure
    ) throws(RuntimeAPIError) -> Receipt {
        let cause = failure.cause.map {
            HTTPField("Lambda-Runtime-Function-XRay-Error-Cause", $0)
        }
        return try post(
            "error", for: invocation,
            headers: Self.echo(of: invocation) + Self.headers(of: failure)
                + [cause].compactMap(\.self),
            body: failure.json)
    }

    /// Posts that the program cannot start; the process must end after it.
    package func failInit(with failure: Failure) throws(RuntimeAPIError) -> Receipt {
        try post(Self.path + "/init/error", headers: Self.headers(of: failure), body: failure.json)
    }

    /// Lambda checks the id only if the runtime sends it back.
    private static func echo(of invocation: Invocation) -> [HTTPField] {
        invocation.invocationID.map { [HTTPField("Lambda-Runtime-Invocation-Id", $0)] } ?? []
    }

    private static func headers(of failure: Failure) -> [HTTPField] {
        [
            HTTPField("Content-Type", "application/json"),
            HTTPField("Lambda-Runtime-Function-Error-Type", failure.type),
        ]
    }

    private func post(
        _ kind: String, for invocation: Invocation, headers: [HTTPField], body: [UInt8]
    ) throws(RuntimeAPIError) -> Receipt {
        let id = PercentEncoding.encode(invocation.requestID)
        return try post(
            Self.path + "/invocation/" + id + "/" + kind, headers: headers, body: body)
    }

    private func post(
        _ target: String, headers: [HTTPField], body: [UInt8]
    ) throws(RuntimeAPIError) -> Receipt {
        let request = HTTPRequest(
            method: "POST", url: origin, target: target, headers: headers, body: body)
        let end = Instant.now + postTimeout
        var retries = RetryState(policy: Self.policy)
        while true {
            let left = end - .now
            guard left > .zero else { return .unsent(.timedOut) }
            let status: Int
            do throws(TransportError) {
                status = try connection.send(
                    request, timeout: left, maximumBody: Self.maximumReply
                ).status
            } catch {
                let step = retries.step(
                    after: Self.kind(of: error), left: end - .now, random: 0)
                guard case .again = step else { return .unsent(error) }
                continue
            }
            return try Self.receipt(
                status, isRepeated: retries.failures > 0 || connection.hasRepeated)
        }
    }

    /// A post may be repeated only if no byte of an answer had come.
    private static func kind(of error: TransportError) -> FailureKind {
        switch error {
        case .cannotConnect, .connectionLost(responseBegan: false): .transient
        default: .permanent
        }
    }

    /// The one place where a status becomes a reaction.
    private static func receipt(
        _ status: Int, isRepeated: Bool
    ) throws(RuntimeAPIError) -> Receipt {
        switch status {
        case 200..<300: return .accepted
        // A repeated post that had arrived the first time is refused: the answer is there.
        case 400 where isRepeated, 403 where isRepeated: return .accepted
        // 400: an unknown or answered id; 403: already answered; 410: the invocation timed out;
        // 413: too large, and Lambda has failed the invocation itself.
        case 400..<500: return .dropped(status: status)
        default: throw .containerError(status: status)
        }
    }
}
