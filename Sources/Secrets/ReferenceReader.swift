package import AWS
internal import Formats
package import Platform

/// Fetches what references name: from files, Secrets Manager and Parameter Store.
package final class ReferenceReader {
    let client: AWSClient
    /// The services that have refused to give several at once.
    var refusals: [Refusal] = []

    package init(_ client: AWSClient) { self.client = client }

    /// The value without the line break that it may end with: one of Secrets Manager or Parameter
    /// Store has at least one byte.
    ///
    /// A text that was stored from a file (`--value file://key`) ends in one by accident; of several
    /// only the last is removed.
    package func read(
        _ reference: Reference, within budget: TimeBudget
    ) throws(SecretError) -> [UInt8] {
        try Self.trimmed(try stored(reference, within: budget), of: reference)
    }

    static func trimmed(
        _ stored: [UInt8], of reference: Reference
    ) throws(SecretError) -> [UInt8] {
        var value = stored
        if value.last == UInt8(ascii: "\n") {
            value.removeLast()
            if value.last == UInt8(ascii: "\r") { value.removeLast() }
        }
        if value.isEmpty, !reference.isFile { throw .empty(reference: reference.description) }
        return value
    }

    private func stored(
        _ reference: Reference, within budget: TimeBudget
    ) throws(SecretError) -> [UInt8] {
        switch reference {
        case .file(let path):
            do throws(FileError) {
                return try File.read(path)
            } catch {
                throw .file(path: path, error)
            }
        case .secretsManager(let id):
            let reply = try reply(to: .secret(id), for: reference, within: budget)
            if let value = Self.secret(reply) { return value }
        case .parameter(let name):
            let reply = try reply(to: .parameter(name), for: reference, within: budget)
            if let text = reply["Parameter"]?["Value"]?.utf8, !text.isEmpty { return text }
        }
        throw .empty(reference: reference.description)
    }

    /// A secret's text or bytes, in the reply to its own call or to one for several.
    static func secret(_ reply: JSONValue) -> [UInt8]? {
        if let text = reply["SecretString"]?.utf8, !text.isEmpty { return text }
        let encoded = reply["SecretBinary"]?.utf8 ?? []
        return Base64.decode(encoded).flatMap { $0.isEmpty ? nil : $0 }
    }

    private func reply(
        to call: ReferenceCall, for reference: Reference, within budget: TimeBudget
    ) throws(SecretError) -> JSONValue {
        do throws(AWSError) {
            return try client.call(
                call.service, region: reference.arn.flatMap(AWSService.region(of:)),
                target: call.target, body: call.body, within: budget
            ).root
        } catch {
            throw .aws(reference: reference.description, error)
        }
    }
}

extension Reference {
    /// What may be an ARN.
    var arn: String? {
        switch self {
        case .file: nil
        case .secretsManager(let name), .parameter(let name): name
        }
    }
}
