package import Formats
package import Partners
package import Secrets

/// Why the partners cannot be had or changed where they are kept.
package enum StoreError: Error, Equatable {
    /// `INLET_PARTNERS` has none of its forms.
    case malformedSource
    /// `sqlite:` names no file.
    case sqliteWithoutFile
    /// A record, or the list of them, cannot be used.
    case partner(PartnerError)
    /// What the partners are kept in cannot be read.
    case secret(SecretError)
    /// The database did not do what it was asked; `problem` names no value.
    case database(source: String, problem: String)
    /// The database's tables are not there, or older than this program needs.
    case notMigrated(source: String)
    /// The database's tables are newer than this program.
    case migratedFurther(source: String)
    /// The database takes no change of this size as one.
    case notAtOnce(source: String, problem: String)
    /// The partners are JSON, which is changed in its own place.
    case readOnly
    /// Another partner that is not removed has this name.
    case nameTaken
    /// A partner has, or had, this token.
    case tokenTaken
    /// The token before the partner's present one is valid still, and a rotation would end it.
    case previousTokenValid(until: Timestamp)
    /// No partner that is not removed has this name.
    case noSuchPartner
    /// The partner was changed by another program meanwhile.
    case changedMeanwhile

    /// True when one partner's record is at fault, and not what it is kept in.
    package var isOfRecord: Bool {
        guard case .partner(let error) = self else { return false }
        return !error.mistakes.isEmpty
    }

    /// A phrase for a log line; it holds no token and no secret.
    package var reason: String {
        switch self {
        case .malformedSource:
            "expected a JSON array of partners, file:<path>, secretsmanager:<id>, ssm:<name>, "
                + "sqlite:<path>, postgresql://… or dynamodb:<table>"
        case .sqliteWithoutFile:
            "sqlite: needs the path of a file; :memory: would be another database for each process"
        case .partner(let error): error.reason
        case .secret(let error): error.reason
        case .database(let source, let problem): "\(source): \(problem)"
        case .notMigrated(let source): "\(source): its tables are not set up; run inlet migrate"
        case .migratedFurther(let source):
            "\(source): its tables are newer than this program; use a newer one"
        case .notAtOnce(let source, let problem): "\(source): \(problem)"
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

extension LookupFailure {
    init(_ error: StoreError) {
        self.init(reason: error.reason, isOfRecord: error.isOfRecord)
    }
}
