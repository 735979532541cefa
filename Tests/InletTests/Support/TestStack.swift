import AWS
import Formats
import Platform
import TestSupport
import Testing

/// A stack of moto's with the outputs and parameters of `template.yaml`.
struct TestStack {
    static let region = "eu-west-1"

    /// What `inlet` needs to reach it.
    let environment: [String: String]

    /// Makes a stack of this name; moto has one for each name.
    init(
        _ name: String, outputs: [String: String] = Self.outputs,
        parameters: [String: String] = ["PartnersCacheSeconds": "30"]
    ) throws {
        let moto = try MotoServer.shared.get()
        environment = [
            "AWS_ENDPOINT_URL_CLOUDFORMATION": moto.url, "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "x", "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        ]
        let lookUp = environment
        let settings = AWSSettings(System(environment: { lookUp[$0] }))
        let client = AWSClient(settings, credentials: CredentialChain(settings))
        let made = Result { () throws(AWSError) in
            try client.query(
                .cloudFormation, region: Self.region, version: "2010-05-15", action: "CreateStack",
                [
                    NamedValue("StackName", name),
                    NamedValue("TemplateBody", Self.template(outputs, parameters)),
                ], within: client.system.budget(of: .seconds(600)))
        }
        guard case .failure(let error) = made else { return }
        // A busy moto may have taken so long that it was asked again.
        guard case .failed(let failure) = error, failure.code == "AlreadyExistsException" else {
            throw error
        }
    }

    static let outputs = [
        "ApiUrl": "https://abc.execute-api.eu-west-1.amazonaws.com/prod",
        "MessagesTopicArn": "arn:aws:sns:eu-west-1:123456789012:messages",
        "RejectedTopicArn": "arn:aws:sns:eu-west-1:123456789012:rejected",
        "RejectedQueueUrl": "https://sqs.eu-west-1.amazonaws.com/123456789012/rejected",
        "ArchiveUri": "s3://archive/inlet/", "PartnersTableName": "partners",
        "IngestLogGroup": "/aws/lambda/ingest",
    ]

    private static func template(
        _ outputs: [String: String], _ parameters: [String: String]
    ) -> String {
        var writer = JSONWriter()
        writer.object { object in
            object.name("Parameters")
            object.object { list in
                for (name, value) in parameters.sorted(by: <) {
                    list.name(name)
                    list.object {
                        $0.member("Type", "String")
                        $0.member("Default", value)
                    }
                }
            }
            object.name("Resources")
            object.object { list in
                list.name("Queue")
                list.object { $0.member("Type", "AWS::SQS::Queue") }
            }
            object.name("Outputs")
            object.object { list in
                for (name, value) in outputs.sorted(by: <) {
                    list.name(name)
                    list.object { $0.member("Value", value) }
                }
            }
        }
        return writer.text
    }
}
