package import Transport

/// Why the loop cannot begin or go on; the process ends and Lambda starts another.
package enum RuntimeAPIError: Error, Equatable {
    /// No connection could be made ready.
    case setupFailed(TransportError)
    case unreachable(TransportError)
    /// `/next` answered with a status that no retry mends.
    case nextRefused(status: Int)
    /// Without an id there is no invocation to answer.
    case requestIDMissing
    /// The container is broken; Lambda documents 500 as not recoverable.
    case containerError(status: Int)

    package var reason: String {
        switch self {
        case .setupFailed(let error): error.reason
        case .unreachable(let error): "the Runtime API cannot be reached: \(error.reason)"
        case .nextRefused(let status): "the Runtime API answered /next with status \(status)"
        case .requestIDMissing: "the Runtime API sent an event without a request id"
        case .containerError(let status): "the Runtime API answered with status \(status)"
        }
    }
}
