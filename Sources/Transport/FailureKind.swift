/// Why a call failed, sorted by what may help.
package enum FailureKind: Sendable, Equatable, CaseIterable {
    /// The same request may succeed soon.
    case transient
    /// The same request may succeed later.
    case throttling
    /// Other credentials may succeed.
    case expiredCredentials
    /// The same request, signed at the server's time, may succeed.
    case clockSkew
    /// Sending again is of no use.
    case permanent
}

extension TransportError {
    /// A lost exchange may succeed next time; an impossible one never does.
    package var kind: FailureKind {
        switch self {
        case .setupFailed, .badURL, .bodyTooLarge: .permanent
        case .cannotConnect, .timedOut, .connectionLost, .notHTTP, .tls, .other: .transient
        }
    }
}
