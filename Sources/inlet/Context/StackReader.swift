import AWS
import Formats
import Platform
import Transport

/// What a stack made of `template.yaml` says of itself.
///
/// Source: AWS CloudFormation API Reference, 2010-05-15, "DescribeStacks".
struct StackReader {
    private static let version = "2010-05-15"

    private let outputs: [String: String]
    private let parameters: [String: String]
    private let name: String

    /// Asks CloudFormation about the stack, which may be named by its ARN.
    init(_ name: String, region: String?, _ client: AWSClient) throws(InletError) {
        self.name = name
        let reply: XMLElement
        do throws(AWSError) {
            reply = try client.query(
                .cloudFormation, region: region ?? AWSService.region(of: name),
                version: Self.version, action: "DescribeStacks", [NamedValue("StackName", name)],
                within: client.system.budget(of: Session.patience))
        } catch {
            // CloudFormation's only word for a stack that is not there.
            if case .failed(let failure) = error, failure.code == "ValidationError" {
                throw .context("there is no stack \(printable(name)) in this region")
            }
            throw .aws("the stack \(printable(name))", error)
        }
        guard let stack = reply["DescribeStacksResult"]?["Stacks"]?["member"] else {
            throw .replyUnreadable("the stack")
        }
        outputs = Self.pairs(stack["Outputs"], "OutputKey", "OutputValue")
        parameters = Self.pairs(stack["Parameters"], "ParameterKey", "ParameterValue")
    }

    private static func pairs(
        _ list: XMLElement?, _ key: String, _ value: String
    ) -> [String: String] {
        var found: [String: String] = [:]
        for member in list?.children ?? [] {
            guard let name = member[key]?.text, let text = member[value]?.text, !text.isEmpty
            else { continue }
            found[name] = text
        }
        return found
    }

    /// The settings that the functions have, and those of an operator.
    ///
    /// - Throws: if it is a stack of something else.
    func settings() throws(InletError) -> [NamedValue] {
        guard outputs["ApiUrl"] != nil, outputs["MessagesTopicArn"] != nil else {
            throw .context(
                "the stack \(printable(name)) has no outputs ApiUrl and MessagesTopicArn: it is not "
                    + "made of this template")
        }
        let found: [(String, String?)] = [
            (WebhookAddress.variable, outputs["ApiUrl"]),
            (Session.registryVariable, registry),
            (RejectedQueue.variable, outputs["RejectedQueueUrl"]),
            (Replayer.variable, outputs["MessagesTopicArn"]),
            (ContextSetting.rejectedTopic, outputs["RejectedTopicArn"]),
            (ArchiveAddress.variable, outputs["ArchiveUri"]),
            (LogSearch.variable, outputs["IngestLogGroup"]),
            (WarehouseOptions.variable, warehouse),
            (
                WarehouseOptions.schemaVariable,
                warehouse.flatMap { _ in parameters["WarehouseSchema"] }
            ),
            (Effect.variable, parameters["PartnersCacheSeconds"]),
        ]
        return found.compactMap { name, value in value.map { NamedValue(name, $0) } }
    }

    /// Where the partners are, as an operator reaches them: by the tables' owner, if there is one.
    ///
    /// Nil if they are a parameter of the stack itself, which is changed by deploying.
    private var registry: String? {
        if let table = outputs["PartnersTableName"] { return "dynamodb:\(table)" }
        for parameter in ["PartnersOwnerSecretArn", "PartnersSecretArn"] {
            if let arn = parameters[parameter] { return "secretsmanager:\(arn)" }
        }
        if let name = parameters["PartnersParameterName"] { return "ssm:\(name)" }
        return parameters["Partners"].flatMap { text in
            text.contains("[") || text.hasPrefix("*") ? nil : text
        }
    }

    private var warehouse: String? {
        for parameter in ["WarehouseOwnerSecretArn", "WarehouseSecretArn"] {
            if let arn = parameters[parameter] { return "secretsmanager:\(arn)" }
        }
        return parameters["Warehouse"]
    }
}
