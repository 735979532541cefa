import Formats
import Foundation
import TestSupport
import Testing
import Transport

private let topic = "arn:aws:sns:us-east-1:123456789012:messages"

/// What Lambda gives the function `ingest`.
private let system = [
    "_HANDLER": "ingest",
    "INLET_TOPIC_ARN": topic,
    "INLET_PARTNERS": #"""
    [{"name":"web-app","webhook_token":"wk-1",
      "validation_config":{"senders":["segment-api","segment-destination"]}}]
    """#,
    "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "secret-access-key",
    "AWS_SESSION_TOKEN": "session-token",
]

/// What one run of `bootstrap` left behind.
private struct Run {
    let end: Program.End
    /// What it told the Runtime API.
    let posts: [SocketServer.Request]
    /// How often it asked for an event.
    let asked: Int
    let output: String
    let errors: String
}

/// Runs `bootstrap` on these events, until there are no more.
///
/// `changes` are variables in place of those above; nil takes one away.
private func run(
    _ changes: [String: String?] = [:], events: [FakeLambda.Event] = []
) throws -> Run {
    let lambda = try FakeLambda(events)
    defer { lambda.stop() }
    var environment = system
    environment["AWS_LAMBDA_RUNTIME_API"] = lambda.authority
    for (name, value) in changes { environment[name] = value }
    let program = try Program(Tools.bootstrap, environment: environment)
    defer { program.stop() }
    let end = try program.end()
    let calls = lambda.server.requests.filter { $0.target.hasPrefix("/2018-06-01/runtime/") }
    return Run(
        end: end, posts: calls.filter { $0.method == "POST" },
        asked: calls.count { $0.method == "GET" }, output: program.output, errors: program.errors)
}

@Suite("bootstrap, as Lambda runs it", .timeLimit(.minutes(60)))
struct BootstrapTests {
    struct Mistake: CustomTestStringConvertible {
        let variable: String
        var value: String?
        var handler = "ingest"
        var type = "Runtime.InvalidConfiguration"
        /// What the message must say.
        let says: [String]

        var testDescription: String { "\(variable) = \(value ?? "(none)")" }
    }

    @Test(
        "a setting that is missing or malformed is reported, and nothing is asked for",
        arguments: [
            Mistake(variable: "INLET_TOPIC_ARN", says: ["the ARN of an SNS topic"]),
            Mistake(variable: "INLET_TOPIC_ARN", value: "", says: ["the ARN of an SNS topic"]),
            Mistake(
                variable: "INLET_TOPIC_ARN", value: "planted-messages",
                says: ["the ARN of an SNS topic"]),
            Mistake(
                variable: "INLET_TOPIC_ARN", value: "arn:aws:s3:us-east-1:123456789012:planted",
                says: [
                    "the ARN of an SNS topic", "an SQS queue", ":stream/name",
                    ":deliverystream/name",
                ]),
            Mistake(
                variable: "INLET_REJECTED_TOPIC_ARN", value: "planted",
                says: ["the ARN of an SNS topic"]),
            Mistake(
                variable: "INLET_PARTNERS",
                says: ["JSON array", "file:<path>", "secretsmanager:<id>", "ssm:<name>"]),
            Mistake(
                variable: "INLET_PARTNERS", value: "planted",
                says: ["JSON array", "file:<path>", "secretsmanager:<id>", "ssm:<name>"]),
            Mistake(
                variable: "INLET_PARTNERS", value: #"[{"name":"a","webhook_token":"planted"},]"#,
                says: ["not JSON", "byte 40"]),
            Mistake(
                variable: "INLET_PARTNERS",
                value: #"[{"name":"a","webhook_token":"planted"},{"name":"b"}]"#,
                says: ["partners[1]", "webhook_token"]),
            Mistake(
                variable: "INLET_PARTNERS",
                value: #"[{"name":"a","webhook_token":"planted","colour":"planted"}]"#,
                says: ["partners[0]", "colour"]),
            Mistake(
                variable: "INLET_PARTNERS",
                value: #"[{"name":"a","webhook_token":"t","status":"planted"}]"#,
                says: ["partners[0].status", "ACTIVE"]),
            Mistake(
                variable: "INLET_PARTNERS",
                value: #"[{"name":"a","webhook_token":"planted","validation_config":"#
                    + #"{"allowed_ips":["10.0.0.0/8","planted"]}}]"#,
                says: ["partners[0].validation_config.allowed_ips[1]", "203.0.113.0/24"]),
            Mistake(
                variable: "INLET_PARTNERS", value: "file:/there/is/none",
                says: ["/there/is/none", "no such file"]),
            Mistake(
                variable: "INLET_PARTNERS", value: "file:/there/is/none", handler: "authorizer",
                says: ["/there/is/none", "no such file"]),
            Mistake(
                variable: "_HANDLER", type: "Runtime.HandlerNotFound",
                says: ["ingest, authorizer, forwarder, loader, migrator"]),
            Mistake(
                variable: "_HANDLER", value: "index.handler", type: "Runtime.HandlerNotFound",
                says: ["index.handler", "ingest, authorizer"]),
            Mistake(
                variable: "INLET_LOG_LEVEL", value: "planted",
                says: ["TRACE, DEBUG, INFO, WARN, ERROR, FATAL"]),
            Mistake(
                variable: "AWS_LAMBDA_LOG_LEVEL", value: "planted",
                says: ["TRACE, DEBUG, INFO, WARN, ERROR, FATAL"]),
            Mistake(
                variable: "INLET_STAGE", value: "planted stage",
                says: ["letters, digits, - and _"]),
            Mistake(
                variable: "INLET_STAGE", value: "planted" + String(repeating: "x", count: 58),
                says: ["up to 64"]),
            Mistake(variable: "INLET_METRICS", value: "planted", says: ["on or off"]),
            Mistake(
                variable: "INLET_AUTHORIZER_RESPONSE", value: "planted", handler: "authorizer",
                says: ["policy or simple"]),
            Mistake(
                variable: "INLET_SEGMENT_WRITE_KEY", handler: "forwarder",
                says: ["a Segment write key", "secretsmanager:<id>", "ssm:<name>"]),
            Mistake(
                variable: "INLET_SEGMENT_WRITE_KEY", value: "planted key", handler: "forwarder",
                says: ["a Segment write key", "secretsmanager:<id>", "ssm:<name>"]),
            Mistake(
                variable: "INLET_SEGMENT_WRITE_KEY", value: "SSM:/planted", handler: "forwarder",
                says: ["a Segment write key", "secretsmanager:<id>", "ssm:<name>"]),
            Mistake(
                variable: "INLET_SEGMENT_ENDPOINT", value: "planted", handler: "forwarder",
                says: ["us, eu or a URL"]),
            Mistake(
                variable: "INLET_REJECTED_TOPIC_ARN", value: "planted", handler: "forwarder",
                says: ["the ARN of an SNS topic"]),
            Mistake(
                variable: "AWS_ENDPOINT_URL_SNS", value: "planted",
                says: ["http://host:port", "https://host:port"]),
        ])
    func initError(mistake: Mistake) throws {
        var changes: [String: String?] = [
            "_HANDLER": mistake.handler, "INLET_SEGMENT_WRITE_KEY": "wk-segment",
        ]
        changes[mistake.variable] = .some(mistake.value)
        let run = try run(changes)
        #expect(run.end == .status(1))
        #expect(run.asked == 0)
        try #require(run.posts.count == 1)
        let post = run.posts[0]
        #expect(post.target == "/2018-06-01/runtime/init/error")
        #expect(post["lambda-runtime-function-error-type"] == mistake.type)
        let body = try parse(post.body)
        #expect(body["errorType"]?.string == mistake.type)
        let message = try #require(body["errorMessage"]?.string)
        for text in mistake.says + [mistake.variable] {
            #expect(message.contains(text))
            #expect(run.errors.contains(text))
        }
        // A wrong value may be a secret in the wrong place.
        #expect(!(run.output + run.errors + post.text).contains("planted"))
    }

    @Test("without a Runtime API it says who starts it", arguments: [nil, ""])
    func alone(authority: String?) throws {
        let run = try run(["AWS_LAMBDA_RUNTIME_API": authority])
        #expect(run.end == .status(1))
        #expect(run.output.isEmpty)
        #expect(
            run.errors == """
                bootstrap: AWS_LAMBDA_RUNTIME_API is not set. Lambda starts this program; \
                to try it here, run scripts/dev.

                """)
    }

    @Test("settings of other handlers do not matter")
    func authorizerSettings() throws {
        let run = try run(
            ["_HANDLER": "authorizer", "INLET_TOPIC_ARN": nil, "AWS_REGION": nil],
            events: [.token("wk-1")])
        try #require(run.posts.count == 1)
        #expect(run.posts[0].target == "/2018-06-01/runtime/invocation/id-1/response")
        #expect(try parse(run.posts[0].body)["principalId"]?.string == "web-app")
    }

    @Test("a proxy in the environment is not asked for the Runtime API")
    func proxy() throws {
        let proxy = try SocketServer { _ in .text(502, "") }
        defer { proxy.stop() }
        let names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"]
        // One that is dead, and one that would answer.
        for url in ["http://127.0.0.1:1", proxy.url] {
            var changes: [String: String?] = ["_HANDLER": "authorizer"]
            for name in names { changes[name] = url }
            let run = try run(changes, events: [.token("wk-1"), .token("wrong")])
            let effects = try run.posts.map {
                try parse($0.body)["policyDocument"]?["Statement"]?.elements.first { _ in true }?[
                    "Effect"]?.string
            }
            #expect(effects == ["Allow", "Deny"])
        }
        #expect(proxy.connectionCount == 0)
    }

    @Test("its threads share their memory: none reserves 64 MiB of address space for itself")
    func addressSpace() throws {
        let lambda = try FakeLambda(endsWhenEmpty: false)
        defer { lambda.stop() }
        var environment = system
        environment["AWS_LAMBDA_RUNTIME_API"] = lambda.authority
        let program = try Program(Tools.bootstrap, environment: environment)
        defer { program.stop() }
        // The thread of the extension has allocated by the time of its call, its third in all.
        let calls = lambda.server.requests(atLeast: 3).map(\.target)
        try #require(calls.contains { $0.hasSuffix("/extension/event/next") }, "\(calls)")
        let maps = try String(contentsOfFile: "/proc/\(program.id)/maps", encoding: .utf8)
        let reserved = maps.split(separator: "\n").compactMap { line -> Int? in
            let words = line.split(separator: " ")
            let ends = words[0].split(separator: "-").compactMap { Int($0, radix: 16) }
            return words[1] == "---p" && ends.count == 2 ? ends[1] - ends[0] : nil
        }
        #expect(reserved.allSatisfy { $0 < 32 << 20 }, "\(maps)")
    }

    @Test("the partners may be in a file", arguments: ["ingest", "authorizer"])
    func partnersFile(handler: String) throws {
        let sns = try SNSStandIn()
        defer { sns.stop() }
        let directory = try TemporaryDirectory()
        let path = try directory.write(
            "of the team/partners.json",
            #"[ {"name": "from a file", "webhook_token": "wk-file", "validation_config": "#
                + #"{"senders": ["segment-api", "segment-destination"]}} ]"#)
        let event = ProxyEvent(
            "/v1/track", #"{"writeKey":"wk-file","userId":"u","event":"E"}"#)
        let run = try run(
            [
                "_HANDLER": handler, "INLET_PARTNERS": "file:\(path)",
                "AWS_ENDPOINT_URL_SNS": sns.url,
            ],
            events: [handler == "ingest" ? FakeLambda.Event(event.rest) : .token("wk-file")])
        try #require(run.posts.count == 1)
        if handler == "ingest" {
            #expect(try parse(run.posts[0].body)["statusCode"]?.int == 200)
            #expect(sns.published.map { $0.attributes["partner"] } == ["from a file"])
        } else {
            #expect(try parse(run.posts[0].body)["principalId"]?.string == "from a file")
        }
    }
}

// Everything that must stay out of logs has "planted" in it, here and in Base64.
@Suite("What bootstrap logs", .timeLimit(.minutes(60)))
struct LogTests {
    private static let partners = """
        [{"name": "web-app", "webhook_token": "planted-key",
          "validation_config": {"senders": ["segment-api", "segment-destination"]}},
         {"name": "signing", "webhook_token": "planted-token",
          "validation_config": {"senders": ["segment-destination"], "signing": {
            "scheme": "segment", "secrets": ["planted-signing-secret"]}}}]
        """

    private static let settings: [String: String?] = [
        "INLET_PARTNERS": partners, "INLET_LOG_LEVEL": "TRACE",
        "AWS_SECRET_ACCESS_KEY": "planted-secret-access-key",
        "AWS_SESSION_TOKEN": "planted-session-token",
    ]

    private static let track =
        #"{"userId":"planted-user","event":"planted-event","properties":{"planted":"planted"},"#
        + #""context":{"traits":{"email":"planted@example.org"}}}"#
    private static let key = basic("planted-key")

    private func expectNothingPlanted(in run: Run) {
        let log = run.output + run.errors
        for secret in ["planted", String(Self.key.value.dropFirst(6).prefix(12))] {
            let lines = log.split(separator: "\n").filter { $0.contains(secret) }
            #expect(lines.isEmpty)
        }
    }

    @Test("no key, secret or payload is in the collector's log", arguments: ["JSON", "Text"])
    func collector(format: String) throws {
        let sns = try SNSStandIn { _, call in
            let text = call.entries.first?.publication.text ?? ""
            if text.contains("refuse") {
                return SNSStandIn.error(400, "InvalidParameter", "Invalid parameter: Message")
            }
            if text.contains("deny") { return SNSStandIn.error(403, "AuthorizationError") }
            return text.contains("fail") ? SNSStandIn.error(500, "InternalError") : nil
        }
        defer { sns.stop() }
        func event(
            _ path: String, _ body: String, _ more: [(String, String)] = [],
            query: [(String, String)] = []
        ) -> [UInt8] {
            var event = ProxyEvent(path, body, headers: [(Self.key.name, Self.key.value)] + more)
            event.query = query.map { (name: $0.0, value: $0.1) }
            return event.rest
        }
        var truncated = ProxyEvent("/v1/track", Self.track)
        truncated.headers = [(Self.key.name, Self.key.value)]
        truncated.body = StoredGzip.encode(Array(Self.track.utf8)).dropLast(9)
        truncated.isBase64 = true
        let invalid = #"{"type":"track","userId":"planted-user","properties":{"planted":1}}"#
        let events: [[UInt8]] = [
            event("/v1/track", Self.track),
            event(
                "/v1/batch",
                "{\"batch\":[{\"type\":\"track\",\(Self.track.dropFirst()),\(invalid)]}"),
            event("/v1/track", Self.track.replacing("planted-event", with: "planted refuse")),
            event("/v1/track", Self.track.replacing("planted-event", with: "planted deny")),
            event("/v1/track", invalid),
            event("/v1/track", #"{"planted"#),
            truncated.rest,
            event("/v1/segment", #"{"type":"planted","planted":"planted"}"#),
            event("/v1/planted", Self.track, query: [("planted", "planted")]),
            event("/webhook/segment/planted-wrong", Self.track),
            event("/webhook/segment/planted-token", Self.track),
            event("/webhook/segment/planted-token", Self.track, [("X-Signature", "planted")]),
            ProxyEvent("/v1/track", #"{"writeKey":"planted-wrong",\#(Self.track.dropFirst())"#)
                .rest,
            Array(#"{"planted":"planted"}"#.utf8),
            Array("planted".utf8),
        ]
        var all = events.map { FakeLambda.Event($0) }
        // SNS is tried again for as long as there is time.
        let soon = Int64(Date().timeIntervalSince1970 * 1000) + 1500
        all.append(
            FakeLambda.Event(
                event("/v1/track", Self.track.replacing("planted-event", with: "planted fail")),
                deadline: soon))
        var changes = Self.settings
        changes["AWS_ENDPOINT_URL_SNS"] = sns.url
        changes["AWS_LAMBDA_LOG_FORMAT"] = format
        let run = try run(changes, events: all)
        expectNothingPlanted(in: run)
        // That much was there to be found.
        let statuses = try run.posts.map { try parse($0.body)["statusCode"]?.int }
        #expect(
            statuses == [
                200, 200, 400, 503, 400, 400, 400, 501, 404, 401, 401, 401, 401, nil, nil, 503,
            ])
        #expect(run.output.split(separator: "\n").count >= statuses.count)
    }

    @Test("no key is in the authorizer's log", arguments: ["JSON", "Text"])
    func authorizer(format: String) throws {
        var changes = Self.settings
        changes["_HANDLER"] = "authorizer"
        changes["AWS_LAMBDA_LOG_FORMAT"] = format
        let run = try run(
            changes,
            events: [
                .token("planted-key"), .token("planted-wrong"),
                FakeLambda.Event(AuthorizerEvents.token("Bearer planted")),
                FakeLambda.Event(AuthorizerEvents.request(Self.key.value)),
                FakeLambda.Event("planted"), FakeLambda.Event(#"{"planted":"planted"}"#),
            ])
        expectNothingPlanted(in: run)
        #expect(run.posts.count == 6)
        let lines = run.output.split(separator: "\n")
        #expect(lines.filter { $0.contains("allowed") }.count == 2)
        #expect(lines.filter { $0.contains("denied") }.count == 2)
    }
}

extension FakeLambda.Event {
    /// What API Gateway asks a TOKEN authorizer about this key.
    static func token(_ key: String) -> FakeLambda.Event {
        FakeLambda.Event(AuthorizerEvents.token(basic(key).value))
    }
}
