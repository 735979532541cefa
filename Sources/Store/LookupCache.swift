internal import Formats
internal import Partners
internal import Platform

/// What a database has answered, cached for a while.
///
/// Misses live in a table of their own, so that made-up tokens cannot evict partners. While the
/// database is down, hits are served stale for up to ``maximumAge``; misses are not.
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

    enum Key: Hashable {
        case partner(PartnerKey)
        case signers(SigningRule.Scheme)
    }

    struct Reading {
        let partners: [Partner]
        /// Why the look-up that was due has failed.
        var failure: StoreError?
    }

    private struct Hit {
        let partners: [Partner]
        let moment: Moment
    }

    /// A look-up that gave no partner; with an error when there is one whose record is broken.
    private struct Miss {
        let error: StoreError?
        let moment: Moment
    }

    /// The database's last failure.
    private struct Outage {
        let error: StoreError
        let moment: Moment
    }

    private let lifetime: Duration
    private var hits = Generations<Key, Hit>(capacity: capacity)
    private var misses = Generations<Key, Miss>(capacity: capacity)
    private var outage: Outage?

    /// `lifetime` is how old an answer may become before the database is asked again.
    init(lifetime: Duration) { self.lifetime = lifetime }

    /// How many keys something is known for.
    var count: Int { hits.count + misses.count }

    /// What is known for a key, or what `look` finds in the time that it is given.
    func partners(
        _ key: Key, within budget: TimeBudget,
        look: (Instant) throws(StoreError) -> [Partner]
    ) throws(StoreError) -> Reading {
        let hit = hits[key]
        if let hit, hit.moment.age(at: budget.now) < lifetime {
            return Reading(partners: hit.partners)
        }
        let stale = hit.flatMap { $0.moment.age(at: budget.now) < Self.maximumAge ? $0 : nil }
        if let known = try known(key, stale, at: budget.now) { return known }
        do throws(StoreError) {
            let time = stale == nil ? Self.lookupTime : Self.refreshTime
            let partners = try look(budget.capped(at: time).deadline)
            outage = nil
            remember(partners, for: key, at: budget.now)
            return Reading(partners: partners)
        } catch {
            remember(error, for: key, at: budget.now)
            guard let stale else { throw error }
            return Reading(partners: stale.partners, failure: error)
        }
    }

    /// What a miss or an outage lets the key be answered with; nil when the database is to be asked.
    private func known(
        _ key: Key, _ stale: Hit?, at now: Timestamp
    ) throws(StoreError) -> Reading? {
        if let miss = misses[key], miss.moment.age(at: now) < lifetime {
            if stale == nil, let error = miss.error { throw error }
            return Reading(partners: stale?.partners ?? [])
        }
        if let outage, outage.moment.age(at: now) < Self.pauseAfterFailure {
            guard let stale else { throw outage.error }
            return Reading(partners: stale.partners)
        }
        return nil
    }

    private func remember(_ partners: [Partner], for key: Key, at now: Timestamp) {
        let moment = Moment(wall: now)
        hits[key] = partners.isEmpty ? nil : Hit(partners: partners, moment: moment)
        misses[key] = partners.isEmpty ? Miss(error: nil, moment: moment) : nil
    }

    private func remember(_ error: StoreError, for key: Key, at now: Timestamp) {
        let moment = Moment(wall: now)
        // A row that cannot be used says nothing about the others.
        if error.isOfRecord {
            misses[key] = Miss(error: error, moment: moment)
        } else {
            outage = Outage(error: error, moment: moment)
        }
    }
}
