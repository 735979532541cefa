internal import AWS
internal import Formats

/// A call that gives the value of one reference.
///
/// Source: AWS Secrets Manager API Reference, "GetSecretValue"; AWS Systems Manager API Reference,
/// "GetParameter".
struct ReferenceCall {
    let service: AWSService
    let target: String
    let body: [UInt8]

    static func secret(_ id: String) -> ReferenceCall {
        ReferenceCall(.secretsManager, target: "secretsmanager.GetSecretValue") {
            $0.member("SecretId", id)
            $0.member("VersionStage", "AWSCURRENT")
        }
    }

    static func parameter(_ name: String) -> ReferenceCall {
        ReferenceCall(.ssm, target: "AmazonSSM.GetParameter") {
            $0.member("Name", name)
            $0.member("WithDecryption", true)
        }
    }

    private init(_ service: AWSService, target: String, _ fill: (inout JSONWriter) -> Void) {
        self.service = service
        self.target = target
        var body = JSONWriter()
        body.object(fill)
        self.body = body.bytes
    }
}
