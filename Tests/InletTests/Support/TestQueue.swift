import AWS
import Formats
import Platform
import TestSupport
import Testing
import Transport

/// A queue of moto's, with what the rejected topic would have put into it.
struct TestQueue {
    let url: String
    /// What `inlet` needs to reach it.
    let environment: [String: String]
    private let client: AWSClient

    init() throws {
        let moto = try MotoServer.shared.get()
        var environment = [
            "AWS_ENDPOINT_URL_SQS": moto.url, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "x", "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        ]
        let lookUp = environment
        let settings = AWSSettings(System(environment: { lookUp[$0] }))
        client = AWSClient(settings, credentials: CredentialChain(settings))
        var generator = SystemRandomNumberGenerator()
        let name = "rejected-\(UUID(random: &generator).text)"
        let made = try Self.call(client, "CreateQueue") { $0.member("QueueName", name) }
        url = try #require(made["QueueUrl"]?.string)
        environment["INLET_REJECTED_QUEUE_URL"] = url
        self.environment = environment
    }

    /// Queues a text, and returns the queue's id for it.
    @discardableResult
    func send(_ text: String) throws -> String {
        let sent = try Self.call(client, "SendMessage") { body in
            body.member("QueueUrl", url)
            body.member("MessageBody", text)
        }
        return try #require(sent["MessageId"]?.string)
    }

    /// How many messages can be received now, and how many are hidden because somebody reads them.
    func counts() throws -> (visible: Int, hidden: Int) {
        let names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        let reply = try Self.call(client, "GetQueueAttributes") { body in
            body.member("QueueUrl", url)
            body.name("AttributeNames")
            body.array { array in for name in names { array.string(name) } }
        }
        let counts = try names.map { name in
            try #require((reply["Attributes"]?[name]?.string).flatMap { Int($0) })
        }
        return (counts[0], counts[1])
    }

    private static func call(
        _ client: AWSClient, _ operation: String, _ fill: (inout JSONWriter) -> Void
    ) throws -> JSONValue {
        var writer = JSONWriter()
        writer.object(fill)
        return try client.call(
            .sqs, target: "AmazonSQS.\(operation)", body: writer.bytes,
            within: client.system.budget(of: .seconds(20))
        ).root
    }
}

/// A message of the rejected topic.
struct TestRejection {
    var code = "validation_failed"
    var message = "userId is missing."
    var sender = "partner"
    var partner = "shop"
    var index: Int?
    var destination: String?
    var auth: String?
    var body: String

    var json: String {
        var writer = JSONWriter()
        writer.object { object in
            object.member("code", code)
            object.member("message", message)
            if let index { object.member("index", index) }
            object.member("sender", sender)
            object.member("partner", partner)
            object.member("receivedAt", "2026-01-05T10:00:00.500Z")
            object.member("requestId", "request-1")
            if let auth { object.member("auth", auth) }
            if let destination { object.member("destination", destination) }
            object.member("body", body)
        }
        return writer.text
    }
}
