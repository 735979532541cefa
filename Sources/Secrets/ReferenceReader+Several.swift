internal import AWS
internal import Formats
package import Platform

extension ReferenceReader {
    /// How long a service that refused to give several at once is asked for one at a time, before
    /// its policy may have been changed.
    static let pauseAfterRefusal = Duration.seconds(300)

    /// A service's refusal to give several at once.
    struct Refusal {
        let service: AWSService
        var moment: Instant
    }

    /// Reads references by as few calls as possible; results are in their order.
    ///
    /// A reference that cannot be read fails alone. When a policy refuses the call for several, they
    /// are asked for one by one.
    package func read(
        _ references: [Reference], within budget: TimeBudget
    ) -> [Result<[UInt8], SecretError>] {
        var found: [Reference: Result<[UInt8], SecretError>] = [:]
        for batch in ReferenceBatch.batches(of: references) {
            for (reference, result) in zip(batch.references, read(batch, within: budget)) {
                found[reference] = result
            }
        }
        return references.map { reference in
            found[reference] ?? .failure(.empty(reference: reference.description))
        }
    }

    private func read(
        _ batch: ReferenceBatch, within budget: TimeBudget
    ) -> [Result<[UInt8], SecretError>] {
        guard let operation = batch.operation, batch.references.count > 1,
            mayAskForSeveral(operation.service)
        else { return batch.references.map { single($0, within: budget) } }
        do throws(AWSError) {
            let reply = try client.call(
                operation.service, region: batch.region, target: operation.target,
                body: batch.body(of: operation), within: budget)
            return batch.references.map { value(of: $0, in: reply.root, within: budget) }
        } catch {
            guard error.isRefusal else {
                return batch.references.map {
                    .failure(.aws(reference: $0.description, error))
                }
            }
            refusals.append(Refusal(service: operation.service, moment: .now))
            return batch.references.map { single($0, within: budget) }
        }
    }

    /// What a reply does not give is asked for on its own, and that reply says why.
    private func value(
        of reference: Reference, in reply: JSONValue, within budget: TimeBudget
    ) -> Result<[UInt8], SecretError> {
        guard let stored = reference.value(in: reply), !stored.isEmpty else {
            return single(reference, within: budget)
        }
        return Result { () throws(SecretError) in try Self.trimmed(stored, of: reference) }
    }

    private func single(
        _ reference: Reference, within budget: TimeBudget
    ) -> Result<[UInt8], SecretError> {
        Result { () throws(SecretError) in try read(reference, within: budget) }
    }

    private func mayAskForSeveral(_ service: AWSService) -> Bool {
        refusals.removeAll { .now - $0.moment >= Self.pauseAfterRefusal }
        return !refusals.contains { $0.service == service }
    }
}

extension AWSError {
    /// True when the service answered that it will not do this, now or later.
    fileprivate var isRefusal: Bool {
        guard case .failed(let failure) = self else { return false }
        return failure.isPermanent && failure.status != nil
    }
}
