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
            _ = try directory.partner(token: Self.inquiry, until: context.time.deadline)
        } catch {
            // Whether there is such a token does not matter, nor what its record holds.
            guard error.isOfRecord else { throw LookupFailure(error) }
        }
    }

    private static let inquiry = TokenHash(of: Array("inquiry".utf8))

    private func find(
        _ key: LookupCache.Key, in context: LookupContext
    ) throws(LookupFailure) -> [Partner] {
        do throws(StoreError) {
            let reading = try finds.partners(key, within: context.time) {
                until throws(StoreError) in
                try ask(key, until: until, context.events)
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
        _ key: LookupCache.Key, until deadline: Instant, _ events: LookupEvents
    ) throws(StoreError) -> [Partner] {
        do throws(StoreError) {
            return try events.waiting(for: .partners) { () throws(StoreError) in
                switch key {
                case .partner(let key): try directory.partner(key, until: deadline)
                case .signers(let scheme):
                    try directory.signers(by: scheme, until: deadline, events)
                }
            }
        } catch {
            if !error.isOfRecord { unanswered += 1 }
            throw error
        }
    }
}

extension PartnerDirectory {
    /// The partner of a key; empty when there is none.
    fileprivate func partner(
        _ key: PartnerKey, until deadline: Instant
    ) throws(StoreError) -> [Partner] {
        let record =
            switch key {
            case .token(let hash): try partner(token: hash, until: deadline)
            case .id(let id): try partner(id: id, until: deadline)
            }
        guard let record else { return [] }
        do throws(PartnerError) {
            return [try record.partner()]
        } catch {
            throw .partner(error)
        }
    }

    /// The partners of a scheme; a record that cannot be used stops nobody else.
    fileprivate func signers(
        by scheme: SigningRule.Scheme, until deadline: Instant, _ events: LookupEvents
    ) throws(StoreError) -> [Partner] {
        let readings = try partners(
            signingScheme: scheme.rawValue, limit: PartnerLookup.signerLimit, until: deadline)
        var found: [Partner] = []
        for reading in readings {
            do throws(PartnerError) {
                found.append(try reading.get().partner())
            } catch {
                events.bridge(LookupFailure(StoreError.partner(error)))
            }
        }
        return found
    }
}
