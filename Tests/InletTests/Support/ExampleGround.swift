import Formats
import Foundation
import Platform
import Senders
import StandIns
import TestSupport

@testable import inlet

/// What the help's examples are run on: a registry, a warehouse, a queue with rejected input, a
/// stack, a context, files.
///
/// Each example has one of its own. The partners are `web-app`, which uses the tracking API, `crm`,
/// which sends webhooks of its own, and `signed`, whose webhooks are signed.
struct ExampleGround {
    private let person: Operator
    private let sns: SNSStandIn
    private let api: SocketServer
    private let logs: LogsStandIn
    private let vault: SecretVault
    private let home: TemporaryDirectory
    /// One for all, because moto has one of a name.
    private static let stack = Result { try TestStack("inlet-production") }
    private let emulator: SocketServer
    private let archive: S3StandIn

    /// `GROUND` is the directory of the files, and `inlet` is the one just built.
    ///
    /// What goes on by itself follows an emulator, through which one message goes.
    func environment(of command: Command) -> [String: String] {
        let own = command.name == "tail" ? ["INLET_EMULATOR_URL": emulator.url] : [:]
        return person.environment.merging(
            ["PATH": "\(Self.programs):/usr/bin:/bin", "GROUND": person.directory.path]
        ) { $1 }.merging(own) { $1 }
    }

    init() throws {
        let queue = try TestQueue()
        sns = try SNSStandIn()
        api = try SocketServer { request in .text(200, Self.reply(to: request.target)) }
        vault = try SecretVault([
            "/inlet/old": "example-signing-secret", "/inlet/new": "another-secret",
        ])
        logs = try LogsStandIn(
            [#"{"message":"request","requestId":"r-1","messageId":"e-1"}"#], statuses: ["Complete"])
        home = try TemporaryDirectory()
        emulator = try SocketServer { request in
            request.target == "/_inlet/events"
                ? .text(200, "event: request\ndata: {\"id\":\"1\"}\n\n") : .text(200, Self.detail)
        }
        let now = System.wallClock().rfc3339 ?? ""
        archive = try S3StandIn([
            "inlet/day=2026-01-05/partner=web-app/1.gz": ArchiveLine.gzip([
                ArchiveLine.envelope("m-1"), ArchiveLine.envelope("m-2"),
            ]),
            "inlet/day=\(now.prefix(10))/partner=web-app/1.gz": ArchiveLine.gzip([
                ArchiveLine.envelope("m-3", at: now)
            ]),
        ])
        person = try Operator(
            queue.environment.merging([
                "INLET_PUBLIC_URL": api.url,
                "INLET_LOG_GROUP": "functions",
                "INLET_ARCHIVE": "s3://\(S3StandIn.bucket)/inlet/",
                "AWS_ENDPOINT_URL_S3": archive.url,
                "AWS_ENDPOINT_URL_SSM": vault.server.url,
                "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": logs.server.url,
                "INLET_WAREHOUSE": "sqlite:warehouse.sqlite",
                "INLET_TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:messages",
                "AWS_ENDPOINT_URL_SNS": sns.url, "LANG": "C.UTF-8", "XDG_CONFIG_HOME": home.path,
            ]) { $1 }.merging(try Self.stack.get().environment) { $1 })
        try person.add("web-app")
        try person.add("crm", "--sender", "partner")
        let secrets = #""secrets":["ssm:/inlet/old","ssm:/inlet/new"]"#
        try person.add(
            "signed", "--offline", "--config",
            #"{"senders":["partner"],"signing":{"scheme":"github",\#(secrets)}}"#)
        _ = person.run("migrate", "--registry", "sqlite:\(person.directory.path)/copy.sqlite")
        _ = person.run(
            "warehouse", "migrate", "--warehouse",
            "sqlite:\(person.directory.path)/warehouse.sqlite")
        _ = person.run("context", "add", "local", "--queue", queue.url)
        try queue.send(TestRejection(partner: "crm", body: Self.webhook).json)
        _ = try person.directory.write("archive/1", ArchiveLine.envelope("m-1") + "\n")
        for (name, text) in Self.files { _ = try person.directory.write(name, text) }
    }

    private static let detail = #"""
        {"published":[{"message":"{\"type\":\"track\",\"messageId\":\"m-1\",\"event\":\"E\"}",
          "attributes":{"type":"track","partner":"web-app"}}],"rejects":[]}
        """#

    /// What the API would answer.
    private static func reply(to target: String) -> String {
        switch target {
        case "/health": #"{"service":"inlet","version":"\#(Product.version)","build":"b"}"#
        case "/ready": #"{"status":"ready"}"#
        default: #"{"success":true,"accepted":1,"messageId":"e-1","requestId":"r-1"}"#
        }
    }

    private static let webhook =
        #"{"event_type":"Order Paid","event_id":"e-1","timestamp":"2026-01-05T10:00:00.000Z","#
        + #""data":{"user_id":"u-42","total":12.50}}"#

    private static let files = [
        "webhook.json": webhook,
        "call.json": #"{"event":"Order Shipped","userId":"u-42","properties":{"total":12.50}}"#,
        "rules.json": #"{"senders":["partner"],"signing":{"scheme":"github","#
            + #""secrets":["ssm:/inlet/crm/secret"]}}"#,
        "secret.txt": "a secret of the examples\n",
        "partners.jsonl": #"{"name":"shop","webhook_token":"sha256:"#
            + String(repeating: "0", count: 64) + "\"}\n",
        "headers.txt": """
        Content-Type: application/json
        X-GitHub-Event: push
        X-Hub-Signature-256: sha256=09f50eb8dfa2973cb8b42f34d49438308ed447350b44e63965f018127156d55e

        """,
        "token.txt": "a-token-of-the-examples\n",
        "write-key.txt": "wk_live_51xQ_of_the_examples\n",
        "messages.jsonl": """
        {"type":"track","messageId":"m-1","userId":"u-42","event":"Order Shipped",\
        "timestamp":"2026-01-05T10:00:00.000Z","receivedAt":"2026-01-05T10:00:00.500Z"}

        """,
    ]

    /// The directory of the running test program, which was built together with `inlet`.
    private static var programs: String {
        URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
    }
}
