package import AWS
package import Formats
package import Platform

/// Why the partners, or a secret of theirs, cannot be had.
package enum StoreError: Error, Equatable {
    /// `INLET_PARTNERS` has none of its forms.
    case malformedSource
    /// `sqlite:` names no file.
    case sqliteWithoutFile
    case notJSON(JSONError)
    /// A record breaks a rule, at a place such as `partners[2].name`.
    case invalid(place: String, problem: String)
    /// A record breaks several rules: two at least.
    case mistakes([Mistake])
    case file(path: String, FileError)
    /// AWS did not give what `reference` names.
    case aws(reference: String, AWSError)
    /// AWS gave something else than text or bytes.
    case empty(reference: String)
    /// The database did not do what it was asked; `problem` names no value.
    case database(source: String, problem: String)
    /// The database's tables are not there, or older than this program needs.
    case notMigrated(source: String)
    /// The database's tables are newer than this program.
    case migratedFurther(source: String)
    /// The partners are kept as JSON, which is changed where it is kept.
    case readOnly
    /// Another partner that is not removed has this name.
    case nameTaken
    /// A partner has, or had, this token.
    case tokenTaken
    /// The token before the partner's present one is valid still, and a rotation would end it.
    case previousTokenValid(until: Timestamp)
    /// No partner that is not removed has this name.
    case noSuchPartner
    /// Somebody else has changed the partner meanwhile.
    case changedMeanwhile

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

    /// What is wrong with a record; empty for every other error.
    package var mistakes: [Mistake] {
        switch self {
        case .invalid(let place, let problem): [Mistake(place: place, problem: problem)]
        case .mistakes(let mistakes): mistakes
        default: []
        }
    }

    /// True where one partner's record is at fault, and not what it is kept in.
    package var isOfRecord: Bool { !mistakes.isEmpty }

    /// Mistakes that one phrase names.
    private static let maximumNamed = 20

    /// A phrase for a log line; it holds no token and no secret.
    package var reason: String {
        switch self {
        case .malformedSource:
            "expected a JSON array of partners, file:<path>, secretsmanager:<id>, ssm:<name>, "
                + "sqlite:<path>, postgresql://… or dynamodb:<table>"
        case .sqliteWithoutFile:
            "sqlite: needs the path of a file; :memory: would be another database for each process"
        case .notJSON(let error): "the partners are not JSON: \(error.reason)"
        case .invalid(let place, let problem): "\(place): \(problem)"
        case .mistakes(let mistakes):
            mistakes.prefix(Self.maximumNamed).map(\.reason).joined(separator: "; ")
                + (mistakes.count > Self.maximumNamed
                    ? "; and \(mistakes.count - Self.maximumNamed) more" : "")
        case .file(let path, let error): "\(path): \(error.reason)"
        case .aws(let reference, let error): "\(reference): \(error.reason)"
        case .empty(let reference): "\(reference): the answer holds no value"
        case .database(let source, let problem): "\(source): \(problem)"
        case .notMigrated(let source): "\(source): its tables are not set up; run inlet migrate"
        case .migratedFurther(let source):
            "\(source): its tables are newer than this program; use a newer one"
        case .readOnly: "partners kept as JSON are changed in that JSON"
        case .nameTaken: "another partner has this name"
        case .tokenTaken: "a partner has this token already"
        case .previousTokenValid(let end):
            "the token before its present one is still valid, until \(end.rfc3339 ?? "later"), and "
                + "would end now"
        case .noSuchPartner: "there is no partner of this name"
        case .changedMeanwhile: "somebody else has changed the partner meanwhile"
        }
    }
}
