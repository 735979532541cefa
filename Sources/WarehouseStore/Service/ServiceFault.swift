internal import AWS
internal import Formats
internal import Secrets
internal import Transport

/// Why one call of a warehouse's service failed.
struct ServiceFault: Error {
    /// Databases commit in seconds, and a warehouse that starts takes minutes.
    static let policy = RetryPolicy(
        maximumAttempts: 6, pause: .growing(upTo: .seconds(2)), shortestAttempt: .seconds(1))

    /// Whether the same call may succeed.
    let kind: FailureKind
    /// What it means to the caller once no further attempt is made.
    let error: WarehouseError
    /// How long the service wants to be left alone.
    let asked: Duration

    init(_ kind: FailureKind, _ error: WarehouseError, asked: Duration = .zero) {
        self.kind = kind
        self.error = error
        self.asked = asked
    }

    /// An answer that is not what the protocol says: whether the call was made is unknown.
    static let unreadable = ServiceFault(
        .transient, WarehouseError(.unavailable, "an unreadable answer"))

    init(_ error: TransportError) {
        self.init(
            error.kind, error == .timedOut ? .outOfTime : WarehouseError(.unavailable, error.reason)
        )
    }

    init(_ error: SecretError) {
        self.init(
            .permanent,
            WarehouseError(.unavailable, "a secret could not be read: \(error.reason)"))
    }

    /// What a status alone says, for services that have no more to say.
    init(_ response: HTTPResponse, code: String? = nil, at now: Timestamp) {
        let status = response.status
        let reason = "HTTP \(status)"
        let asked = response.retryAfter(at: now) ?? .zero
        switch status {
        case 413: self.init(.permanent, WarehouseError(.tooLarge, code: code, reason))
        case 429:
            self.init(.throttling, WarehouseError(.unavailable, code: code, reason), asked: asked)
        case 408, 500, 502, 503, 504:
            self.init(.transient, WarehouseError(.unavailable, code: code, reason), asked: asked)
        case 400, 401:
            self.init(.permanent, WarehouseError(.denied, code: code, reason))
        case 403:
            self.init(
                .permanent, WarehouseError(.denied, code: code, "\(reason): a right is missing"))
        case 404:
            self.init(
                .permanent,
                WarehouseError(.denied, code: code, "\(reason): nothing is at this address"))
        default: self.init(.permanent, WarehouseError(.unavailable, code: code, reason))
        }
    }
}

extension String {
    /// This text if it looks like a code and not like what somebody wrote: it may be logged then.
    var asCode: String? { utf8.count <= 64 && isName(with: "_") ? self : nil }
}
