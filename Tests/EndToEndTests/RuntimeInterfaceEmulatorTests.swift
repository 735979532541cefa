import Formats
import TestSupport
import Testing
import Transport

private let partners = #"""
    [{"name":"web-app","webhook_token":"wk-1",
      "validation_config":{"senders":["segment-api","segment-destination"]}}]
    """#

@Suite("bootstrap under AWS's Runtime Interface Emulator", .timeLimit(.minutes(60)))
struct RuntimeInterfaceEmulatorTests {
    @Test("one process collects event after event, small ones and large ones")
    func collector() throws {
        let sns = try SNSStandIn()
        defer { sns.stop() }
        let lambda = try RuntimeInterfaceEmulator(environment: [
            "_HANDLER": "ingest", "INLET_PARTNERS": partners,
            "INLET_TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:messages",
            "AWS_ENDPOINT_URL_SNS": sns.url, "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_SESSION_TOKEN": "token",
        ])
        defer { lambda.stop() }
        // Events over 2,048 bytes come in chunks.
        let sizes = [10, 4000, 30_000, 11, 2000, 29_000]
        for (number, size) in sizes.enumerated() {
            let text = String(repeating: "é", count: size / 2)
            let event = ProxyEvent(
                "/v1/track",
                #"{"userId":"u","event":"E \#(number)","properties":{"text":"\#(text)"}}"#,
                headers: [(name: "Authorization", value: basic("wk-1").value)])
            let reply = try lambda.invoke(event.rest)
            #expect(reply.status == 200)
            let answer = try reply.json()
            #expect(answer["statusCode"]?.int == 200)
            #expect(try parse(answer["body"]?.string ?? "")["accepted"]?.int == 1)
            let last = try #require(sns.published.last)
            #expect(last.attributes["event"] == "E \(number)")
            #expect(try parse(last.text)["properties"]?["text"]?.string == text)
        }
        #expect(sns.published.count == sizes.count)
        // The connection of the first event served the last, so the process did too.
        #expect(sns.server.connectionCount == 1)
    }

    @Test("a batch as large as a sender may make it, and an answer for each of its mistakes")
    func largeBatch() throws {
        let sns = try SNSStandIn()
        defer { sns.stop() }
        let lambda = try RuntimeInterfaceEmulator(environment: [
            "_HANDLER": "ingest", "INLET_PARTNERS": partners,
            "INLET_TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:messages",
            "AWS_ENDPOINT_URL_SNS": sns.url, "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "secret",
        ])
        defer { lambda.stop() }
        let items = (0..<2500).map { number in
            number % 5 == 4
                ? #"{"type":"track","userId":"u-\#(number)","messageId":"m-\#(number)"}"#
                : #"{"type":"track","userId":"u-\#(number)","messageId":"m-\#(number)","event":"E"}"#
        }
        let event = ProxyEvent(
            "/v1/batch", #"{"writeKey":"wk-1","batch":[\#(items.joined(separator: ","))]}"#)
        // On a busy machine the topic may be too slow for Segment's five seconds. A sender then
        // sends it all again.
        var answer = try lambda.invoke(event.rest).json()
        var attempts = 1
        while answer["statusCode"]?.int == 503, attempts < 20 {
            answer = try lambda.invoke(event.rest).json()
            attempts += 1
        }
        #expect(answer["statusCode"]?.int == 200)
        let body = try parse(answer["body"]?.string ?? "")
        #expect(body["accepted"]?.int == 2000)
        let rejected = body["rejected"].map { Array($0.elements) } ?? []
        #expect(rejected.map { $0["index"]?.int } == (0..<500).map { $0 * 5 + 4 })
        #expect(Set(sns.published.map { $0.attributes["messageId"] }).count == 2000)
        #expect(attempts > 1 || sns.published.count == 2000)
    }

    @Test("the authorizer answers both kinds of event, and fails on events that are none")
    func authorizer() throws {
        let lambda = try RuntimeInterfaceEmulator(environment: [
            "_HANDLER": "authorizer", "INLET_PARTNERS": partners,
        ])
        defer { lambda.stop() }
        func effect(_ event: [UInt8]) throws -> String? {
            let reply = try lambda.invoke(event)
            #expect(reply.status == 200)
            let statements = try reply.json()["policyDocument"]?["Statement"]
            return statements?.elements.first { _ in true }?["Effect"]?.string
        }
        let (right, wrong) = (basic("wk-1").value, basic("wrong").value)
        #expect(try effect(AuthorizerEvents.token(right)) == "Allow")
        #expect(try effect(AuthorizerEvents.token(wrong)) == "Deny")
        for padding in [0, 4000, 60_000] {
            #expect(try effect(AuthorizerEvents.request(right, padding: padding)) == "Allow")
            #expect(try effect(AuthorizerEvents.request(wrong, padding: padding)) == "Deny")
        }
        #expect(
            try effect(AuthorizerEvents.token("Basic \(String(repeating: "A", count: 4000))"))
                == "Deny")
        let failure = try lambda.invoke(Array("{}".utf8)).json()
        #expect(failure["errorType"]?.string == "Function.UnexpectedEvent")
        let reply = try lambda.invoke(AuthorizerEvents.token(right))
        #expect(
            reply.text == """
                {"principalId":"web-app","policyDocument":{"Version":"2012-10-17","Statement":\
                [{"Action":"execute-api:Invoke","Effect":"Allow","Resource":\
                "arn:aws:execute-api:us-east-1:123456789012:abc123/prod/*"}]},"context":\
                {"partner":"web-app","partnerId":"web-app","auth":"key"}}
                """)
    }

    @Test("an init error reaches who invokes")
    func initError() throws {
        let lambda = try RuntimeInterfaceEmulator(environment: [
            "_HANDLER": "ingest", "INLET_PARTNERS": partners,
        ])
        defer { lambda.stop() }
        let reply = try lambda.invoke(Array("{}".utf8))
        #expect(reply.status == 502)
        let error = try reply.json()
        #expect(error["errorType"]?.string == "Runtime.InvalidConfiguration")
        #expect(error["errorMessage"]?.string?.hasPrefix("INLET_TOPIC_ARN is missing") == true)
    }
}
