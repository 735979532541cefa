package import Partners
internal import Platform

/// Partners of a database, found one by one as they are asked for, and cached.
package final class StoredBook: PartnerBook {
    private let directory: any PartnerDirectory
    private let finds: LookupCache
    /// Questions that the database has not answered.
    private(set) var unanswered = 0

    init(_ directory: any PartnerDirectory, _ finds: LookupCache) {
        self.directory = directory
        self.finds = finds
    }

    package func partner(
        _ key: PartnerKey, in context: LookupContext
    ) throws(LookupFailure) -> Partner? {
        try find(.partner(key), in: context).first
    }

    package func signers(
        by scheme: SigningRule.Scheme, in context: LookupContext
    ) throws(LookupFailure) -> [Partner] {
        try find(.signers(scheme), in: context)
    }

    package func inquire(in context: LookupContext) throws(LookupFailure) {
        do throws(StoreError) {
            _ = try directory.partner(token: Self.inquiry, within: context.time)
        } catch {
            // Whether there is such a token does not matter, nor what its record holds.
            guard error.isOfRecord else { throw LookupFailure(error) }
        }
    }

    private static let inquiry = TokenHash(of: Array("inquiry".utf8))

    private func find(
        _ question: PartnerQuestion, in context: LookupContext
    ) throws(LookupFailure) -> [Partner] {
        do throws(StoreError) {
            let reading = try finds.partners(question, within: context.time) {
                time throws(StoreError) in
                try ask(question, within: time, context.events)
            }
            if let failure = reading.failure { context.events.bridge(LookupFailure(failure)) }
            return reading.partners
        } catch {
            let failure = LookupFailure(error)
            context.events.fail(failure)
            throw failure
        }
    }

    private func ask(
        _ question: PartnerQuestion, within budget: TimeBudget, _ events: LookupEvents
    ) throws(StoreError) -> [Partner] {
        do throws(StoreError) {
            return try events.waiting(for: .partners) { () throws(StoreError) in
                try directory.answer(question, within: budget, events)
            }
        } catch {
            if !error.isOfRecord { unanswered += 1 }
            throw error
        }
    }
}
