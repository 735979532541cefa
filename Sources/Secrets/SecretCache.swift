package import Formats
package import Platform

/// Secrets that were fetched, each by its reference: kept, and fetched again when they are stale.
///
/// A class: one cache serves all events of a loop.
package final class SecretCache {
    package typealias Reading = Refreshed<[UInt8], SecretError>.Reading
    package typealias Known = Refreshed<[UInt8], SecretError>.Known

    private let reader: ReferenceReader
    private let policy: RefreshPolicy
    private let capacity: Int
    /// Made for the first secret: most functions have none, and its type takes a tenth of a start.
    private lazy var secrets: [Reference: Refreshed<[UInt8], SecretError>] = [:]

    /// Fetches nothing yet.
    ///
    /// `capacity` bounds what is kept, because partners of a database may come to name any number
    /// in time: a few secrets for each partner that may have signed a request. The next one empties
    /// the cache.
    package init(
        _ reader: ReferenceReader, policy: RefreshPolicy = .standard, capacity: Int = 4000
    ) {
        self.reader = reader
        self.policy = policy
        self.capacity = capacity
    }

    /// A secret that is at hand; nil for one that was not fetched.
    package func known(_ reference: Reference, at now: Timestamp) -> Known? {
        secrets[reference]?.known(at: now)
    }

    /// The secret that a reference names.
    package func value(
        _ reference: Reference, within budget: TimeBudget
    ) throws(SecretError) -> Reading {
        try value(reference, within: budget) { time throws(SecretError) in
            try reader.read(reference, within: time)
        }
    }

    /// The secrets that several references name, fetched together; each has its own result.
    ///
    /// What is fresh, or could not be had lately, is not asked for.
    package func values(
        _ references: [Reference], within budget: TimeBudget
    ) -> [Result<Reading, SecretError>] {
        let wanted = references.filter { secrets[$0]?.isDue(at: budget.now) ?? true }
        var fetched: [Reference: Result<[UInt8], SecretError>] = [:]
        for (reference, result) in zip(wanted, reader.read(wanted, within: budget)) {
            fetched[reference] = result
        }
        return references.map { reference in
            Result { () throws(SecretError) in
                try value(reference, within: budget) { time throws(SecretError) in
                    // One that was kept may have been dropped to make room for those before it.
                    guard let result = fetched[reference] else {
                        return try reader.read(reference, within: time)
                    }
                    return try result.get()
                }
            }
        }
    }

    private func value(
        _ reference: Reference, within budget: TimeBudget,
        load: (TimeBudget) throws(SecretError) -> [UInt8]
    ) throws(SecretError) -> Reading {
        if secrets[reference] == nil, secrets.count >= capacity { secrets = [:] }
        var secret = secrets[reference] ?? Refreshed(policy)
        defer { secrets[reference] = secret }
        return try secret.value(within: budget, load: load)
    }
}
