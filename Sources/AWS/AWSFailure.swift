package import Transport

/// Why an AWS call gave no result.
package struct AWSFailure: Error, Equatable, Sendable {
    package let kind: FailureKind
    /// Nil when no response came.
    package let status: Int?
    /// AWS's name for the error, without its namespace.
    package let code: String?
    /// AWS's words, which may repeat what was sent: never log them.
    package let message: String?
    private let cause: TransportError?

    /// An error that AWS named, or one that only a status tells.
    ///
    /// `skew` is how far the server's clock was ahead of ours, if that is known.
    package init(status: Int, code: String? = nil, message: String? = nil, skew: Duration? = nil) {
        kind = Self.kind(status: status, code: code, message: message, skew: skew)
        self.status = status
        self.code = code
        self.message = message
        cause = nil
    }

    package init(_ cause: TransportError) {
        kind = cause.kind
        (status, code, message) = (nil, nil, nil)
        self.cause = cause
    }

    private init(kind: FailureKind, status: Int?) {
        self.kind = kind
        self.status = status
        (code, message, cause) = (nil, nil, nil)
    }

    /// A success whose body is not what the protocol says: whether the call was made is unknown.
    package static func unreadable(status: Int) -> AWSFailure {
        AWSFailure(kind: .transient, status: status)
    }

    /// True if sending again is of no use.
    package var isPermanent: Bool { kind == .permanent }

    /// A phrase for a log line; it holds nothing of what was sent.
    package var reason: String {
        if let cause { return cause.reason }
        guard let status else { return "no answer" }
        guard let code else {
            return 200..<300 ~= status
                ? "an unreadable answer (HTTP \(status))" : "HTTP \(status)"
        }
        // These name who may not do what, which is what the operator must know.
        let denials = ["AccessDenied", "AccessDeniedException", "AuthorizationError"]
        let isDenial = denials.contains(code)
        let detail = isDenial ? message.map { ": \($0.prefix(400))" } ?? "" : ""
        return "\(code) (HTTP \(status))\(detail)"
    }

    // MARK: - Sorting

    private static let transientCodes: Set<String> = [
        "IDPCommunicationError", "InternalError", "InternalFailure", "InternalServerError",
        "InternalServiceError", "PriorRequestNotComplete", "RequestTimeout",
        "RequestTimeoutException", "ServiceUnavailable",
    ]
    /// Source: botocore `retries/standard.py`, and four of sinks that botocore does not know.
    private static let throttlingCodes: Set<String> = [
        "BandwidthLimitExceeded", "EC2ThrottledException", "LimitExceededException",
        "ProvisionedThroughputExceededException", "RequestLimitExceeded", "RequestThrottled",
        "RequestThrottledException", "SlowDown", "Throttling", "ThrottlingException",
        "ThrottledException", "TooManyRequestsException", "TransactionInProgressException",
        "KMSThrottling", "KMSThrottlingException", "KmsThrottled", "Throttled",
    ]
    private static let expiredCodes: Set<String> = [
        "ExpiredToken", "ExpiredTokenException", "UnrecognizedClientException",
    ]
    private static let skewCodes: Set<String> = [
        "RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed",
    ]
    /// These mean clock skew only if the clocks differ or the message says so.
    private static let possibleSkewCodes: Set<String> = [
        "AuthFailure", "InvalidSignatureException", "SignatureDoesNotMatch",
    ]
    /// AWS tolerates five minutes; from here on a signature is at risk.
    private static let tolerableSkew = Duration.seconds(240)

    private static func kind(
        status: Int, code: String?, message: String?, skew: Duration?
    ) -> FailureKind {
        if let code {
            if expiredCodes.contains(code) { return .expiredCredentials }
            if skewCodes.contains(code) { return .clockSkew }
            if possibleSkewCodes.contains(code) {
                let skew = skew ?? .zero
                let isFarOff = skew > tolerableSkew || skew < .zero - tolerableSkew
                let message = message ?? ""
                let saysSo =
                    message.hasPrefix("Signature expired")
                    || message.hasPrefix("Signature not yet current")
                return isFarOff || saysSo ? .clockSkew : .permanent
            }
            if throttlingCodes.contains(code) { return .throttling }
            if transientCodes.contains(code) { return .transient }
        }
        switch status {
        case 429: return .throttling
        case 408, 500, 502, 503, 504: return .transient
        default: return .permanent
        }
    }
}
