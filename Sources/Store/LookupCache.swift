internal import Formats
internal import Partners
internal import Platform
internal import Secrets
internal import Transport

/// What was found in a database, kept for a while, and how that went.
///
/// What is not found, or cannot be used, is kept as well, apart from the rest, so that made-up tokens cannot push
/// partners out. When the database does not answer, a partner that was found is used for longer;
/// that somebody was not found is not.
final class LookupCache {
    /// How old a find may become, at most, when the database does not answer.
    static let maximumAge = Duration.seconds(600)
    /// What a look-up may take where there is an older find to go on with.
    static let refreshBudget = Duration.seconds(1)
    /// What a look-up may take where nothing is known: publishing needs time, too.
    static let lookupBudget = Duration.seconds(2)
    /// How long after a failure the database is left alone, so that not every event waits for it.
    static let pauseAfterFailure = Duration.seconds(5)
    /// Finds, and as many look-ups that found nothing.
    static let capacity = 10_000

    enum Key: Hashable {
        case token(TokenHash)
        case id(String)
        case signingScheme(String)
    }

    struct Reading {
        let partners: [Partner]
        /// Why the database was not asked anew, where that was due.
        let failure: StoreError?
    }

    private let lifetime: Duration
    private var found: Generations<Key, Find>
    private var missed: Generations<Key, Miss>
    private var failure: (error: StoreError, moment: Moment)?

    /// `lifetime` is how old a find may become before the database is asked again.
    init(lifetime: Duration) {
        self.lifetime = lifetime
        found = Generations(capacity: Self.capacity)
        missed = Generations(capacity: Self.capacity)
    }

    /// How many keys something is known for.
    var count: Int { found.count + missed.count }

    /// What is known for a key, or what `look` finds in the time that it is given.
    func partners(
        _ key: Key, at now: Timestamp, until deadline: Instant,
        look: (Instant) throws(StoreError) -> [Partner]
    ) throws(StoreError) -> Reading {
        let kept = found[key]
        if let kept, kept.moment.age(at: now) < lifetime {
            return Reading(partners: kept.partners, failure: nil)
        }
        let isUsable = kept.map { $0.moment.age(at: now) < Self.maximumAge } ?? false
        if let miss = missed[key], miss.moment.age(at: now) < lifetime {
            if let kept, isUsable { return Reading(partners: kept.partners, failure: nil) }
            if let error = miss.error { throw error }
            return Reading(partners: [], failure: nil)
        }
        if let failure, failure.moment.age(at: now) < Self.pauseAfterFailure {
            guard let kept, isUsable else { throw failure.error }
            return Reading(partners: kept.partners, failure: nil)
        }
        do throws(StoreError) {
            let budget = isUsable ? Self.refreshBudget : Self.lookupBudget
            let partners = try look(min(deadline, .now + budget))
            failure = nil
            remember(partners, for: key, at: now)
            return Reading(partners: partners, failure: nil)
        } catch {
            // A row that cannot be used says nothing about the others.
            if error.isOfRecord {
                missed[key] = Miss(moment: Moment(wall: now), error: error)
            } else {
                failure = (error, Moment(wall: now))
            }
            guard let kept, isUsable else { throw error }
            return Reading(partners: kept.partners, failure: error)
        }
    }

    private func remember(_ partners: [Partner], for key: Key, at now: Timestamp) {
        let moment = Moment(wall: now)
        if partners.isEmpty {
            found[key] = nil
            missed[key] = Miss(moment: moment, error: nil)
        } else {
            missed[key] = nil
            found[key] = Find(partners: partners, moment: moment)
        }
    }

    /// A look-up that gave no partner; with an error where there is one whose record is broken.
    private struct Miss {
        let moment: Moment
        let error: StoreError?
    }

    private struct Find {
        let partners: [Partner]
        let moment: Moment
    }
}

/// A dictionary of bounded size that forgets what has not been used for long.
///
/// It has two halves: when the newer one is full it becomes the older one, and that is dropped.
/// What is used moves to the newer half.
private struct Generations<Key: Hashable, Value> {
    private let half: Int
    private var newer: [Key: Value] = [:]
    private var older: [Key: Value] = [:]

    init(capacity: Int) { half = capacity / 2 }

    var count: Int { newer.count + older.count }

    subscript(key: Key) -> Value? {
        mutating get {
            if let value = newer[key] { return value }
            guard let value = older[key] else { return nil }
            self[key] = value
            return value
        }
        set {
            older[key] = nil
            if newValue != nil, newer[key] == nil, newer.count >= half {
                older = newer
                newer = [:]
            }
            newer[key] = newValue
        }
    }
}
