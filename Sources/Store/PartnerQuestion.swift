internal import Partners
internal import Platform

/// What a database is asked about partners.
enum PartnerQuestion: Hashable {
    /// Who has this key: one partner, or none.
    case partner(PartnerKey)
    /// Who signs by this scheme.
    case signers(SigningRule.Scheme)
}

extension PartnerDirectory {
    /// The answer to a question, straight from the database.
    func answer(
        _ question: PartnerQuestion, within budget: TimeBudget, _ events: LookupEvents
    ) throws(StoreError) -> [Partner] {
        switch question {
        case .partner(let key): try partner(key, within: budget)
        case .signers(let scheme): try signers(by: scheme, within: budget, events)
        }
    }

    private func partner(
        _ key: PartnerKey, within budget: TimeBudget
    ) throws(StoreError) -> [Partner] {
        let record =
            switch key {
            case .token(let hash): try partner(token: hash, within: budget)
            case .id(let id): try partner(id: id, within: budget)
            }
        guard let record else { return [] }
        do throws(PartnerError) {
            return [try record.partner()]
        } catch {
            throw .partner(error)
        }
    }

    /// A record that cannot be used stops nobody else.
    private func signers(
        by scheme: SigningRule.Scheme, within budget: TimeBudget, _ events: LookupEvents
    ) throws(StoreError) -> [Partner] {
        let readings = try partners(
            signingScheme: scheme.rawValue, limit: PartnerLookup.signerLimit, within: budget)
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
