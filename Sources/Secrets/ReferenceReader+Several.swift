internal import AWS
internal import Formats
package import Platform

/// Several references in one call.
///
/// Source: AWS Systems Manager API Reference, "GetParameters"; AWS Secrets Manager API Reference,
/// "BatchGetSecretValue".
extension ReferenceReader {
    /// How long a service that refused to give several at once is asked for one at a time: a policy
    /// that does not allow it may come to.
    static let pauseAfterRefusal = Duration.seconds(300)

    /// Reads references, each of them once, by as few calls as that takes; results are in their order.
    ///
    /// One that cannot be had is that one's failure. Where a call for several is refused as a whole,
    /// by a policy for one, they are asked for one by one.
    package func read(
        _ references: [Reference], until deadline: Instant
    ) -> [Result<[UInt8], SecretError>] {
        var found: [Reference: Result<[UInt8], SecretError>] = [:]
        for batch in Self.batches(of: references) {
            for (reference, result) in read(batch, until: deadline) { found[reference] = result }
        }
        return references.map { reference in
            found[reference] ?? .failure(.empty(reference: reference.description))
        }
    }

    /// References that one call may name: of one service, in one region.
    private struct Batch {
        /// Nil where each is read by itself.
        let operation: Operation?
        let region: String?
        var references: [Reference]
    }

    /// A call that gives several.
    private enum Operation {
        case parameters, secrets

        init?(_ reference: Reference) {
            switch reference {
            case .file: return nil
            case .parameter: self = .parameters
            case .secretsManager: self = .secrets
            }
        }

        var service: AWSService {
            switch self {
            case .parameters: .ssm
            case .secrets: .secretsManager
            }
        }

        var target: String {
            switch self {
            case .parameters: "AmazonSSM.GetParameters"
            case .secrets: "secretsmanager.BatchGetSecretValue"
            }
        }

        var maximum: Int {
            switch self {
            case .parameters: 10
            case .secrets: 20
            }
        }
    }

    private static func batches(of references: [Reference]) -> [Batch] {
        var batches: [Batch] = []
        var seen: Set<Reference> = []
        for reference in references where seen.insert(reference).inserted {
            let operation = Operation(reference)
            let region = reference.arn.flatMap(AWSService.region(of:))
            let place = batches.firstIndex {
                $0.operation == operation && $0.region == region
                    && $0.references.count < operation?.maximum ?? 1
            }
            if let place {
                batches[place].references.append(reference)
            } else {
                batches.append(
                    Batch(operation: operation, region: region, references: [reference]))
            }
        }
        return batches
    }

    private func read(
        _ batch: Batch, until deadline: Instant
    ) -> [(Reference, Result<[UInt8], SecretError>)] {
        guard let operation = batch.operation, batch.references.count > 1,
            mayAskForSeveral(operation.service)
        else { return batch.references.map { ($0, single($0, until: deadline)) } }
        do throws(AWSError) {
            let reply = try client.call(
                operation.service, region: batch.region, target: operation.target,
                body: Self.body(of: operation, batch.references), until: deadline)
            return batch.references.map { reference in
                // What the reply does not tell is asked for by itself, and says why then.
                let told = Self.result(of: reference, in: reply.root)
                return (reference, told ?? single(reference, until: deadline))
            }
        } catch {
            if case .failed(let failure) = error, failure.isPermanent, failure.status != nil {
                refusals.append((operation.service, .now))
                return batch.references.map { ($0, single($0, until: deadline)) }
            }
            return batch.references.map {
                ($0, .failure(.aws(reference: $0.description, error)))
            }
        }
    }

    private func single(
        _ reference: Reference, until deadline: Instant
    ) -> Result<[UInt8], SecretError> {
        do throws(SecretError) {
            return .success(try read(reference, until: deadline))
        } catch {
            return .failure(error)
        }
    }

    private func mayAskForSeveral(_ service: AWSService) -> Bool {
        refusals.removeAll { .now - $0.at >= Self.pauseAfterRefusal }
        return !refusals.contains { $0.service == service }
    }

    private static func body(of operation: Operation, _ references: [Reference]) -> [UInt8] {
        var body = JSONWriter()
        body.object { body in
            switch operation {
            case .parameters:
                body.member("WithDecryption", true)
                body.name("Names")
            case .secrets: body.name("SecretIdList")
            }
            body.array { list in
                for reference in references { list.string(reference.name) }
            }
        }
        return body.bytes
    }

    /// What a reply says of a reference; nil where that is nothing, or no value.
    private static func result(
        of reference: Reference, in reply: JSONValue
    ) -> Result<[UInt8], SecretError>? {
        let stored: [UInt8]?
        switch reference {
        case .file: return nil
        case .parameter(let name):
            stored = reply["Parameters"]?.elements.first { isParameter($0, name) }?["Value"]?.utf8
        case .secretsManager(let id):
            stored = reply["SecretValues"]?.elements.first { isSecret($0, id) }.flatMap(secret)
        }
        guard let stored, !stored.isEmpty else { return nil }
        do throws(SecretError) {
            return .success(try trimmed(stored, of: reference))
        } catch {
            return .failure(error)
        }
    }

    /// True for the parameter that was asked for by this name or ARN, with its version or label.
    private static func isParameter(_ parameter: JSONValue, _ name: String) -> Bool {
        let selector = parameter["Selector"]?.string ?? ""
        return [parameter["Name"], parameter["ARN"]].contains { given in
            given?.string.map { $0 + selector == name } == true
        }
    }

    /// True for the secret that was asked for by this name or ARN, which may lack its last six signs.
    private static func isSecret(_ secret: JSONValue, _ id: String) -> Bool {
        if secret["Name"]?.string == id { return true }
        guard let arn = secret["ARN"]?.string else { return false }
        return arn == id || arn.hasPrefix(id + "-") && arn.utf8.count == id.utf8.count + 7
    }
}
