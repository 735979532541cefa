import Platform
import Samples

/// Why a partner's request cannot be made, or cannot be read; no case holds a token or a payload.
enum RequestError: Error, Equatable {
    /// No sample passes the rules of the partner of this name.
    case noSample(String)
    case sample(SampleError)
    /// A sentence that says why.
    case notSendable(String)
    /// A file has a token's hash in place of the token.
    case tokenIsHash(place: String)
    /// No signing secret of the partner can be read.
    case signingKey(reason: String)
    /// Something that is no header, in an option or in a file.
    case headerLine(String)

    /// True if the command line is wrong, or a file that it names.
    var isUsage: Bool {
        switch self {
        case .headerLine, .sample(.tokenMissing): true
        default: false
        }
    }

    var message: String {
        switch self {
        case .noSample(let name):
            "the rules of partner \"\(printable(name))\" are too special for a sample"
        case .sample(let error): error.reason
        case .notSendable(let sentence): sentence
        case .tokenIsHash(let place): "\(printable(place)) holds a token's hash, and not the token"
        case .signingKey(let reason): "no signing secret can be read: \(reason)"
        case .headerLine(let place): "\(printable(place)) is not a header: Name: value"
        }
    }

    /// What to do about it.
    var advice: String? {
        switch self {
        case .noSample: "Give a body by --file."
        case .sample(.tokenMissing): "Give it by --token-file: a database has only its hash."
        case .tokenIsHash:
            "Only who was given the token has it; inlet partner rotate makes another."
        case .signingKey: "Store it, or let these credentials read it: inlet doctor."
        case .sample, .notSendable, .headerLine: nil
        }
    }
}
