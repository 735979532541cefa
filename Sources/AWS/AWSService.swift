/// An AWS service as endpoints and signatures know it.
package struct AWSService: Sendable, Equatable {
    /// In the host name and in the signature's scope.
    package let name: String
    /// In the name of an environment variable, after `AWS_ENDPOINT_URL_`.
    let variableSuffix: String
    /// The FIPS endpoints of the US government regions are the plain ones.
    let hasPlainGovernmentFIPS: Bool
    /// The plain endpoints already answer on IPv6, and there is no other name for them.
    let isPlainDualStack: Bool

    private init(
        _ name: String, variable: String? = nil, hasPlainGovernmentFIPS: Bool = true,
        isPlainDualStack: Bool = false
    ) {
        self.name = name
        variableSuffix = variable ?? name.uppercased()
        self.hasPlainGovernmentFIPS = hasPlainGovernmentFIPS
        self.isPlainDualStack = isPlainDualStack
    }

    /// Of the JSON protocol that it speaks.
    package var jsonVersion: String { self == .dynamoDB || self == .sqs ? "1.0" : "1.1" }

    /// In a `services` section of the config file.
    var configKey: String { variableSuffix.lowercased() }

    package static let cloudFormation = AWSService("cloudformation")
    package static let dynamoDB = AWSService("dynamodb")
    package static let firehose = AWSService("firehose", hasPlainGovernmentFIPS: false)
    package static let kinesis = AWSService("kinesis")
    package static let logs = AWSService("logs", variable: "CLOUDWATCH_LOGS")
    /// Without a dual-stack name: its own one is of another form.
    package static let s3 = AWSService(
        "s3", hasPlainGovernmentFIPS: false, isPlainDualStack: true)
    package static let secretsManager = AWSService(
        "secretsmanager", variable: "SECRETS_MANAGER", hasPlainGovernmentFIPS: false,
        isPlainDualStack: true)
    package static let sns = AWSService("sns")
    package static let sqs = AWSService("sqs")
    package static let ssm = AWSService("ssm")
    package static let sts = AWSService("sts")

    /// The region in a name that is an ARN; nil means the configured one.
    package static func region(of name: String) -> String? {
        let fields = name.split(separator: ":", omittingEmptySubsequences: false)
        guard fields.count >= 6, fields[0] == "arn", !fields[3].isEmpty else { return nil }
        return String(fields[3])
    }
}
