package import Formats

/// Why a partner's record, or a list of them, cannot be used.
package enum PartnerError: Error, Equatable {
    /// The list is not JSON.
    case notJSON(JSONError)
    /// A record breaks a rule, at a place such as `partners[2].name`.
    case invalid(place: String, problem: String)
    /// A record breaks several rules: two at least.
    case mistakes([Mistake])

    /// A rule that a record breaks, at its place.
    package struct Mistake: Sendable, Equatable {
        package let place: String
        package let problem: String

        package init(place: String, problem: String) {
            self.place = place
            self.problem = problem
        }

        package var reason: String { "\(place): \(problem)" }
    }

    /// What is wrong with a record; empty when there is no JSON to have one.
    package var mistakes: [Mistake] {
        switch self {
        case .notJSON: []
        case .invalid(let place, let problem): [Mistake(place: place, problem: problem)]
        case .mistakes(let mistakes): mistakes
        }
    }

    /// Mistakes that one phrase names.
    private static let maximumNamed = 20

    /// A phrase for a log line; it holds no token and no secret.
    package var reason: String {
        switch self {
        case .notJSON(let error): "the partners are not JSON: \(error.reason)"
        case .invalid(let place, let problem): "\(place): \(problem)"
        case .mistakes(let mistakes):
            mistakes.prefix(Self.maximumNamed).map(\.reason).joined(separator: "; ")
                + (mistakes.count > Self.maximumNamed
                    ? "; and \(mistakes.count - Self.maximumNamed) more" : "")
        }
    }
}
