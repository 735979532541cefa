package import Platform

/// Why AWS could not be asked, or what it answered instead of a result.
package enum AWSError: Error, Equatable {
    /// A variable or key, and what it should hold.
    case malformedSetting(String, expected: String)
    case regionMissing
    /// A custom endpoint together with a FIPS or dual-stack one.
    case endpointConflict
    case profileMissing(String)
    /// A profile's key, or a variable, for a way to credentials that is not built in.
    case unsupportedCredentials(String)
    /// One half of a key pair is set and this half is not.
    case credentialsIncomplete(String)
    case credentialsMissing
    case file(path: String, FileError)
    /// The container endpoint gave no credentials.
    case container(String)
    case failed(AWSFailure)

    /// A sentence for a log line; it holds no secret.
    package var reason: String {
        switch self {
        case .malformedSetting(let name, let expected):
            "\(name) is malformed; expected: \(expected)"
        case .regionMissing: "no region: set AWS_REGION"
        case .endpointConflict:
            "a custom endpoint cannot be combined with FIPS or dual-stack endpoints"
        case .profileMissing(let name): "AWS_PROFILE names \"\(name)\", which no file describes"
        case .unsupportedCredentials(let key): "credentials by \(key) are not supported"
        case .credentialsIncomplete(let name): "credentials are incomplete: \(name) is missing"
        case .credentialsMissing:
            "no credentials: neither the environment, nor a profile, nor a container endpoint"
        case .file(let path, let error): "\(path): \(error.reason)"
        case .container(let problem): "credentials of the container endpoint: \(problem)"
        case .failed(let failure): failure.reason
        }
    }
}
