internal import AWS
internal import Formats

/// References that one call may ask for: of one service, in one region.
struct ReferenceBatch {
    /// A call that gives several values.
    ///
    /// Source: AWS Systems Manager API Reference, "GetParameters"; AWS Secrets Manager API
    /// Reference, "BatchGetSecretValue".
    enum Operation {
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

    /// Nil when each is read on its own.
    let operation: Operation?
    let region: String?
    private(set) var references: [Reference]

    private init(of reference: Reference) {
        operation = Operation(reference)
        region = reference.arn.flatMap(AWSService.region(of:))
        references = [reference]
    }

    private var isFull: Bool { references.count >= operation?.maximum ?? 1 }

    /// As few batches as hold all of these references, each of them once.
    static func batches(of references: [Reference]) -> [ReferenceBatch] {
        var batches: [ReferenceBatch] = []
        var seen: Set<Reference> = []
        for reference in references where seen.insert(reference).inserted {
            let batch = ReferenceBatch(of: reference)
            let place = batches.firstIndex {
                $0.operation == batch.operation && $0.region == batch.region && !$0.isFull
            }
            if let place {
                batches[place].references.append(reference)
            } else {
                batches.append(batch)
            }
        }
        return batches
    }

    func body(of operation: Operation) -> [UInt8] {
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
}

extension Reference {
    /// The value that the reply to a call for several gives; nil when it gives none.
    func value(in reply: JSONValue) -> [UInt8]? {
        switch self {
        case .file: nil
        case .parameter(let name):
            reply["Parameters"]?.elements.first { Self.isParameter($0, name) }?["Value"]?.utf8
        case .secretsManager(let id):
            reply["SecretValues"]?.elements.first { Self.isSecret($0, id) }
                .flatMap(ReferenceReader.secret)
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
