import Formats
import TestSupport
import Testing

@Suite("The line of a request", .timeLimit(.minutes(60)))
struct RequestLineTests {
    private func events(_ bodies: [String]) -> [FakeLambda.Event] {
        bodies.map { FakeLambda.Event(ProxyEvent("/v1/batch", $0).rest) }
    }

    /// The lines that `bootstrap` writes about these batches.
    private func lines(_ bodies: [String]) throws -> [JSONValue] {
        let sns = try SNSStandIn()
        defer { sns.stop() }
        let lambda = try FakeLambda(events(bodies))
        defer { lambda.stop() }
        let program = try Program(
            Tools.bootstrap,
            environment: [
                "_HANDLER": "ingest", "AWS_LAMBDA_RUNTIME_API": lambda.authority,
                "INLET_TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:messages",
                "INLET_PARTNERS": #"[{"name":"web-app","webhook_token":"wk-lines"}]"#,
                "INLET_STAGE": "test", "AWS_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
                "AWS_SECRET_ACCESS_KEY": "key", "AWS_ENDPOINT_URL_SNS": sns.url,
            ])
        defer { program.stop() }
        _ = try program.end()
        #expect(!program.output.contains("wk-lines"))
        #expect(!program.output.contains("noon"))
        return try program.output.split(separator: "\n").map { try parse(String($0)) }
            .filter { $0["message"]?.string == "request" }
    }

    /// The metrics that only some lines have, by their names.
    private func counted(_ line: JSONValue) throws -> [String] {
        let usual = [
            "requests", "received", "published", "rejected", "failed", "attempts", "throttled",
            "publishMs", "totalMs",
        ]
        return try EmbeddedMetric.all(in: line)
            .filter { $0.dimensions == ["stage", "function", "sender"] }
            .map(\.name).filter { !usual.contains($0) }
    }

    @Test("times that cannot be read, and what nobody can be told to have sent, are counted")
    func counts() throws {
        let key = #""writeKey":"wk-lines""#
        let page = #""type":"page","userId":"u""#
        let lines = try lines([
            #"{\#(key),"batch":[{\#(page),"timestamp":"noon"},{\#(page)},{\#(page),"timestamp":7}]}"#,
            #"{\#(key),"batch":[{\#(page),"timestamp":"2026-01-05"}]}"#,
            // Cut off: kept for the partner whose key it names, then for nobody.
            #"{\#(key),"batch":[{\#(page)"#, #"{"batch":[{\#(page)"#,
        ])
        #expect(lines.map { $0["status"]?.int } == [200, 200, 400, 400])
        #expect(lines.map { $0["unreadable_time"]?.int } == [2, nil, nil, nil])
        #expect(lines.map { $0["discarded"]?.int } == [nil, nil, nil, 1])
        #expect(lines.map { $0["rejected"]?.int } == [0, 0, 1, 0])
        #expect(lines.map { $0["partner"]?.string } == ["web-app", "web-app", "web-app", nil])
        #expect(
            try lines.map(counted)
                == [["unreadable_time"], [], ["refused"], ["refused", "discarded"]])
    }
}
