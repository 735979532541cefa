/// What the look-ups of one event wait for, and what goes wrong in them.
///
/// One is made for each event, and read when its look-ups are done.
package final class LookupEvents {
    /// What a look-up may wait for.
    package enum Wait: Sendable {
        case partners, secrets
    }

    /// A failed look-up, and what came of it.
    package struct Trouble: Sendable, Equatable {
        package let failure: LookupFailure
        /// True when what was known before has been used instead.
        package let isBridged: Bool

        package init(failure: LookupFailure, isBridged: Bool) {
            self.failure = failure
            self.isBridged = isBridged
        }
    }

    private let note: (Wait?) -> Void
    /// The last trouble with the partners.
    package private(set) var trouble: Trouble?
    /// Why signing secrets could not be read, in the order in which they were tried.
    package private(set) var secretProblems: [String] = []

    /// `note` is told what a look-up begins to wait for, and nil when that is over.
    package init(_ note: @escaping (Wait?) -> Void = { _ in }) { self.note = note }

    /// Runs what may take a while.
    package func waiting<Value, Failure: Error>(
        for wait: Wait, _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        note(wait)
        defer { note(nil) }
        return try body()
    }

    /// Records a failure after which an older value was used, or a record left out.
    package func bridge(_ failure: LookupFailure) {
        trouble = Trouble(failure: failure, isBridged: true)
    }

    /// Records a failure that leaves a question without an answer.
    package func fail(_ failure: LookupFailure) {
        trouble = Trouble(failure: failure, isBridged: false)
    }

    package func note(secretProblem reason: String) { secretProblems.append(reason) }
}

/// Why partners cannot be looked up.
package struct LookupFailure: Error, Sendable, Equatable {
    /// A phrase for a log line; it holds no token and no secret.
    package let reason: String
    /// True when one partner's record is at fault, and not what it is kept in.
    package let isOfRecord: Bool

    package init(reason: String, isOfRecord: Bool) {
        self.reason = reason
        self.isOfRecord = isOfRecord
    }
}
