internal import Formats
internal import Partners
internal import Platform

/// A database's answers by question, each with the moment at which it was given.
///
/// Misses live in a table of their own, so that made-up tokens cannot evict partners.
struct KnownAnswers {
    /// An answer that gave no partner; with an error when there is one whose record is broken.
    struct Miss {
        let error: StoreError?
        fileprivate let moment: Moment
    }

    private struct Hit {
        let partners: [Partner]
        let moment: Moment
    }

    private var hits: Generations<PartnerQuestion, Hit>
    private var misses: Generations<PartnerQuestion, Miss>

    /// `capacity` is for hits, and for misses once more.
    init(capacity: Int) {
        hits = Generations(capacity: capacity)
        misses = Generations(capacity: capacity)
    }

    var count: Int { hits.count + misses.count }

    /// The partners that were found, unless the answer has this age.
    mutating func hit(
        _ question: PartnerQuestion, youngerThan age: Duration, at now: Timestamp
    ) -> [Partner]? {
        guard let hit = hits[question], hit.moment.age(at: now) < age else { return nil }
        return hit.partners
    }

    /// That nobody was found, unless the answer has this age.
    mutating func miss(
        _ question: PartnerQuestion, youngerThan age: Duration, at now: Timestamp
    ) -> Miss? {
        guard let miss = misses[question], miss.moment.age(at: now) < age else { return nil }
        return miss
    }

    mutating func keep(_ partners: [Partner], for question: PartnerQuestion, at now: Timestamp) {
        let moment = Moment(wall: now)
        hits[question] = partners.isEmpty ? nil : Hit(partners: partners, moment: moment)
        misses[question] = partners.isEmpty ? Miss(error: nil, moment: moment) : nil
    }

    /// Keeps that a record is broken, beside what was found before it broke.
    mutating func keep(_ error: StoreError, for question: PartnerQuestion, at now: Timestamp) {
        misses[question] = Miss(error: error, moment: Moment(wall: now))
    }
}
