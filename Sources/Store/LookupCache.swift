internal import Formats
internal import Partners
internal import Platform

/// What a database has answered, cached for a while.
///
/// While the database is down, hits are served stale for up to ``maximumAge``; misses are not.
final class LookupCache {
    /// How old a hit may become while the database is down.
    static let maximumAge = Duration.seconds(600)
    /// What a look-up may take when there is a stale hit to fall back on.
    static let refreshTime = Duration.seconds(1)
    /// What a look-up may take when nothing is known: publishing needs time, too.
    static let lookupTime = Duration.seconds(2)
    /// How long after a failure the database is left alone, so that not every event waits for it.
    static let pauseAfterFailure = Duration.seconds(5)
    /// Hits, and as many misses.
    static let capacity = 10_000

    struct Reading {
        let partners: [Partner]
        /// Why the look-up that was due has failed.
        var failure: StoreError?
    }

    /// The database's last failure.
    private struct Outage {
        let error: StoreError
        let moment: Moment
    }

    private let lifetime: Duration
    private var answers = KnownAnswers(capacity: capacity)
    private var outage: Outage?

    /// `lifetime` is how old an answer may become before the database is asked again.
    init(lifetime: Duration) { self.lifetime = lifetime }

    /// How many questions have a known answer.
    var count: Int { answers.count }

    /// The known answer to a question, or what `look` finds in the time that it is given.
    func partners(
        _ question: PartnerQuestion, within budget: TimeBudget,
        look: (TimeBudget) throws(StoreError) -> [Partner]
    ) throws(StoreError) -> Reading {
        let now = budget.now
        if let partners = answers.hit(question, youngerThan: lifetime, at: now) {
            return Reading(partners: partners)
        }
        let stale = answers.hit(question, youngerThan: Self.maximumAge, at: now)
        if let known = try known(question, stale, at: now) { return known }
        do throws(StoreError) {
            let time = stale == nil ? Self.lookupTime : Self.refreshTime
            let partners = try look(budget.capped(at: time))
            outage = nil
            answers.keep(partners, for: question, at: now)
            return Reading(partners: partners)
        } catch {
            remember(error, about: question, at: now)
            guard let stale else { throw error }
            return Reading(partners: stale, failure: error)
        }
    }

    /// The answer without the database; nil when the database is to be asked.
    private func known(
        _ question: PartnerQuestion, _ stale: [Partner]?, at now: Timestamp
    ) throws(StoreError) -> Reading? {
        if let miss = answers.miss(question, youngerThan: lifetime, at: now) {
            if stale == nil, let error = miss.error { throw error }
            return Reading(partners: stale ?? [])
        }
        if let outage, outage.moment.age(at: now) < Self.pauseAfterFailure {
            guard let stale else { throw outage.error }
            return Reading(partners: stale)
        }
        return nil
    }

    private func remember(
        _ error: StoreError, about question: PartnerQuestion, at now: Timestamp
    ) {
        // A row that cannot be used says nothing about the others.
        if error.isOfRecord {
            answers.keep(error, for: question, at: now)
        } else {
            outage = Outage(error: error, moment: Moment(wall: now))
        }
    }
}
