package import Formats
package import Platform
internal import Transport

/// One event and what Lambda says about it.
///
/// Source: AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes".
package struct Invocation: Sendable {
    /// The same for every attempt that Lambda makes at one asynchronous event.
    package let requestID: String
    /// The id that the caller knows, such as API Gateway's; nil until ``known(as:)`` has set it.
    package private(set) var knownID: String?
    /// Differs for each attempt; sent back with the answer, so that a late one is not taken for
    /// another attempt's.
    package let invocationID: String?
    /// When Lambda ends the invocation; absent in some emulators.
    package let deadline: Timestamp?
    package let functionARN: String?
    /// For X-Ray: `Root=…;Parent=…;Sampled=…`.
    package let traceID: String?
    /// JSON of the caller's SDK.
    package let clientContext: String?
    /// JSON.
    package let cognitoIdentity: String?
    package let tenantID: String?
    package let contentType: String?
    package let event: [UInt8]
    /// By the wall clock.
    package let receivedAt: Timestamp
    /// By the clock that never jumps; waits are measured from here.
    package let received: Instant

    /// The same with the id that the caller knows, by which lines of the log are found.
    package func known(as id: String) -> Invocation {
        var invocation = self
        invocation.knownID = id
        return invocation
    }

    /// Lambda allows 15 minutes; a clock or an emulator may say anything.
    private static let longestLimit = Duration.seconds(24 * 3600)

    /// How long after ``received`` Lambda ends the invocation, a day at most.
    package var timeLimit: Duration? {
        deadline.map { deadline in
            let left = Duration.microseconds(deadline.microseconds - receivedAt.microseconds)
            return max(.zero - Self.longestLimit, min(left, Self.longestLimit))
        }
    }

    /// Reads the headers of `/next`; an empty one counts as absent.
    init(
        _ response: HTTPResponse, receivedAt: Timestamp, received: Instant
    ) throws(RuntimeAPIError) {
        func header(_ name: String) -> String? {
            guard let value = response.headers[name], !value.isEmpty else { return nil }
            return value
        }
        guard let requestID = header("lambda-runtime-aws-request-id") else {
            throw .requestIDMissing
        }
        self.requestID = requestID
        invocationID = header("lambda-runtime-invocation-id")
        deadline = header("lambda-runtime-deadline-ms").flatMap(Int64.init)
            .flatMap { (0...Self.latestDeadline).contains($0) ? Timestamp(milliseconds: $0) : nil }
        functionARN = header("lambda-runtime-invoked-function-arn")
        traceID = header("lambda-runtime-trace-id")
        clientContext = header("lambda-runtime-client-context")
        cognitoIdentity = header("lambda-runtime-cognito-identity")
        tenantID = header("lambda-runtime-aws-tenant-id")
        contentType = header("content-type")
        event = response.body
        self.receivedAt = receivedAt
        self.received = received
    }

    /// The end of the year 9999 in milliseconds: more is no date.
    private static let latestDeadline: Int64 = 253_402_300_799_999
}
