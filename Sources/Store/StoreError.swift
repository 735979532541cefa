package import AWS
package import Formats

/// Why the partners, or a secret of theirs, cannot be had.
package enum StoreError: Error, Equatable {
    /// `INLET_PARTNERS` has none of its forms.
    case malformedSource
    case notJSON(JSONError)
    /// A record breaks a rule, at a place such as `partners[2].name`.
    case invalid(place: String, problem: String)
    case file(path: String, FileError)
    /// AWS did not give what `reference` names.
    case aws(reference: String, AWSError)
    /// AWS gave something else than text or bytes.
    case empty(reference: String)

    /// A phrase for a log line; it holds no token and no secret.
    package var reason: String {
        switch self {
        case .malformedSource:
            "expected a JSON array of partners, file:<path>, secretsmanager:<id> or ssm:<name>"
        case .notJSON(let error): "the partners are not JSON: \(error.reason)"
        case .invalid(let place, let problem): "\(place): \(problem)"
        case .file(let path, let error): "\(path): \(error.reason)"
        case .aws(let reference, let error): "\(reference): \(error.reason)"
        case .empty(let reference): "\(reference): the answer holds no value"
        }
    }
}
