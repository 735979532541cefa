package import AWS
package import Platform

/// Why there is no secret.
package enum SecretError: Error, Equatable {
    /// The text begins as a reference does, but is none.
    case malformedReference
    /// The reference holds white space, or a character that is not ASCII.
    case unprintableReference
    case file(path: String, FileError)
    /// AWS did not give what `reference` names.
    case aws(reference: String, AWSError)
    /// AWS gave something else than text or bytes.
    case empty(reference: String)

    /// A phrase for a log line; it holds no secret.
    package var reason: String {
        switch self {
        case .malformedReference:
            "looks like a reference, but is neither secretsmanager:<id> nor ssm:<name>"
        case .unprintableReference: "a reference holds white space, or no ASCII character"
        case .file(let path, let error): "\(path): \(error.reason)"
        case .aws(let reference, let error): "\(reference): \(error.reason)"
        case .empty(let reference): "\(reference): the answer holds no value"
        }
    }
}
