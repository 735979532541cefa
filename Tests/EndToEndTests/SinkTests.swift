import Formats
import TestSupport
import Testing

@Suite("Sinks beside SNS, as moto plays them", .timeLimit(.minutes(60)))
struct SinkTests {
    private static let kinds = ["sqs", "sqs.fifo", "kinesis", "firehose"]

    @Test("what bootstrap publishes is read back by AWS's own client", arguments: kinds)
    func published(kind: String) throws {
        let moto = try Moto()
        defer { moto.stop() }
        let arns = try parse(try moto.sinks("make"))
        let lambda = try FakeLambda(endsWhenEmpty: false)
        defer { lambda.stop() }
        let program = try Program(
            Tools.packagedBootstrap,
            environment: [
                "_HANDLER": "ingest", "AWS_LAMBDA_RUNTIME_API": lambda.authority,
                "INLET_TOPIC_ARN": try #require(arns[kind]?.string),
                "INLET_PARTNERS": #"[{"name":"web-app","webhook_token":"wk-1"}]"#,
                "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": moto.url,
            ].merging(moto.access) { $1 })
        defer { program.stop() }
        let calls = (0..<25).map { number in
            #"{"type":"track","event":"Paid é","userId":"u-\#(number % 3)","messageId":"m-\#(number)","#
                + #""properties":{"n":\#(number).50,"big":123456789012345678901234567890}}"#
        }
        let body = #"{"writeKey":"wk-1","batch":[\#(calls.joined(separator: ","))]}"#
        var ready = ProxyEvent("/ready")
        ready.method = "GET"
        lambda.submit(.init(ProxyEvent("/v1/batch", body).rest, id: "event-1"))
        lambda.submit(.init(ready.rest, id: "event-2"))
        let posts = lambda.posts(atLeast: 2)
        try #require(posts.count == 2, "\(program.output)")
        for post in posts { #expect(try parse(post.body)["statusCode"]?.int == 200) }

        let held = try moto.sinks("read", kind).split(separator: "\n").map { try parse(String($0)) }
        #expect(held.count == 25)
        var groups: [String: Set<String>] = [:]
        var seen: Set<String> = []
        for one in held {
            let text = try #require(one["message"]?.string)
            let message = try parse(text)
            let id = try #require(message["messageId"]?.string)
            seen.insert(id)
            #expect(
                text.contains(#""n":\#(id.dropFirst(2)).50,"big":123456789012345678901234567890"#))
            let attributes = try #require(one["attributes"])
            #expect(attributes["partner"]?.string == "web-app")
            #expect(attributes["sender"]?.string == "segment-api")
            #expect(attributes["type"]?.string == "track")
            #expect(attributes["event"]?.string == "Paid é")
            #expect(attributes["messageId"]?.string == id)
            let user = try #require(message["userId"]?.string)
            if let group = one["group"]?.string { groups[user, default: []].insert(group) }
        }
        #expect(seen.count == 25)
        let isGrouped = kind == "sqs.fifo" || kind == "kinesis"
        #expect(groups.count == (isGrouped ? 3 : 0))
        #expect(groups.values.allSatisfy { $0.count == 1 })
    }

    @Test("a sink that is not there is 503, and /ready says so", arguments: kinds)
    func missing(kind: String) throws {
        let moto = try Moto()
        defer { moto.stop() }
        let arns = try parse(try moto.sinks("make"))
        let lambda = try FakeLambda(endsWhenEmpty: false)
        defer { lambda.stop() }
        let arn = try #require(arns[kind]?.string).replacing("inlet-sink", with: "elsewhere")
        let program = try Program(
            Tools.bootstrap,
            environment: [
                "_HANDLER": "ingest", "AWS_LAMBDA_RUNTIME_API": lambda.authority,
                "INLET_TOPIC_ARN": arn,
                "INLET_PARTNERS": #"[{"name":"web-app","webhook_token":"wk-1"}]"#,
                "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": moto.url,
            ].merging(moto.access) { $1 })
        defer { program.stop() }
        var ready = ProxyEvent("/ready")
        ready.method = "GET"
        let call = #"{"writeKey":"wk-1","event":"E","userId":"u"}"#
        lambda.submit(.init(ProxyEvent("/v1/track", call).rest, id: "event-1"))
        lambda.submit(.init(ready.rest, id: "event-2"))
        let posts = lambda.posts(atLeast: 2)
        for post in posts { #expect(try parse(post.body)["statusCode"]?.int == 503) }
        let service = kind.split(separator: ".").first.map(String.init)
        let reply = try parse(try #require(parse(posts[1].body)["body"]?.string))
        #expect(reply["details"]?.element(at: 0)?["dependency"]?.string == service)
    }
}

extension Moto {
    /// Runs a command of the sinks' client, and returns what it prints.
    fileprivate func sinks(_ command: String, _ arguments: String...) throws -> String {
        try run(Tools.sinks, [command, url] + arguments)
    }
}
