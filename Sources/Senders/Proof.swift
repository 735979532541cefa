package import Tracking

/// How far a request's credentials reach: how each of its calls was authenticated.
package enum Proof: Sendable, Equatable {
    /// All calls in the same way.
    case all(Origin.Authentication)
    /// A signature covers only the first call of a batch.
    case firstSigned

    /// How the call at this place was authenticated; nil stands for all of the request.
    package func authentication(at index: Int?) -> Origin.Authentication {
        switch self {
        case .all(let authentication): authentication
        case .firstSigned: index == 0 ? .signed : .unsigned
        }
    }
}
