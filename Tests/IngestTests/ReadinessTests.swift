import Formats
import LambdaRuntime
import Platform
import TestSupport
import Testing

@testable import Ingest

@Suite("Readiness")
struct ReadinessTests {
    private func ask(_ harness: Harness, after seconds: Int64 = 0) throws -> Harness.Reply {
        var event = ProxyEvent("/ready")
        event.method = "GET"
        let now = Timestamp(milliseconds: Harness.now.milliseconds + seconds * 1000)
        return try harness.send(event.rest, now: now)
    }

    private func lacking(_ reply: Harness.Reply) -> [String] {
        (reply.json?["details"]?.elements.compactMap { $0["dependency"]?.string }) ?? []
    }

    @Test("is 200 when the registry and SNS answer, and nothing is published for it")
    func ready() throws {
        let harness = try Harness()
        let reply = try ask(harness)
        #expect(reply.status == 200)
        #expect(reply.text == #"{"status":"ready"}"#)
        #expect(harness.sns.calls.map(\.action) == ["GetTopicAttributes"])
        #expect(harness.sns.published.isEmpty)
        let form = String(decoding: harness.sns.calls[0].request.body, as: UTF8.self)
        #expect(form.contains("TopicArn=arn%3Aaws%3Asns%3Aeu-west-1%3A123456789012%3Amessages"))
    }

    @Test(
        "is 503 and names SNS when that refuses, without its reasons",
        arguments: [
            (403, "AuthorizationError"), (403, "InvalidClientTokenId"), (404, "NotFound"),
            (403, "SignatureDoesNotMatch"),
        ])
    func refused(status: Int, code: String) throws {
        let harness = try Harness(logLevel: .info) { _, _ in SNSStandIn.error(status, code) }
        let reply = try ask(harness)
        #expect(reply.status == 503)
        #expect(reply.code == "not_ready")
        #expect(lacking(reply) == ["sns"])
        #expect(reply["retry-after"] != nil)
        #expect(!reply.text.contains(code))
        let line = try #require(harness.lines().first { $0["message"]?.string == "not ready" })
        #expect(line["dependency"]?.string == "sns")
        #expect(line["reason"]?.string?.contains(code) == true)
    }

    @Test("asks another sink as it asks SNS, and names it", arguments: FaultTests.sinks)
    func otherSinks(sink: String) throws {
        let well = try Harness(sink: sink)
        #expect(try ask(well).status == 200)
        #expect(well.sns.published.isEmpty)
        let lost = try Harness(sink: sink) { _, call in call.error(400, "AccessDeniedException") }
        let reply = try ask(lost)
        #expect(reply.status == 503)
        #expect(lacking(reply) == [String(sink.split(separator: ":")[2])])
        #expect(reply.json?["message"]?.string?.contains("does not answer for the ") == true)
    }

    @Test(
        "is 503 when something else than SNS says 200",
        arguments: ["", "<html><body>Welcome</body></html>", "{}"])
    func stranger(body: String) throws {
        let harness = try Harness { _, _ in
            .text(200, body)
        }
        let reply = try ask(harness)
        #expect(reply.status == 503)
        #expect(lacking(reply) == ["sns"])
    }

    @Test("is 503 and names the registry when that cannot be read")
    func registry() throws {
        let harness = try Harness(partners: "sqlite:/nonexistent/partners.db")
        let reply = try ask(harness)
        #expect(reply.status == 503)
        #expect(lacking(reply) == ["registry"])
        #expect(!reply.text.contains("nonexistent"))
    }

    @Test("names both when neither answers")
    func both() throws {
        let harness = try Harness(partners: "sqlite:/nonexistent/partners.db") { _, _ in .close }
        #expect(lacking(try ask(harness)) == ["registry", "sns"])
    }

    @Test("an answer stands for some seconds, whether it is good or bad, and then no longer")
    func kept() throws {
        let faults = Recorder<Int>()
        let harness = try Harness { _, call in
            faults.all.isEmpty ? nil : SNSStandIn.error(403, "AuthorizationError")
        }
        for _ in 0..<50 { #expect(try ask(harness).status == 200) }
        #expect(harness.sns.calls.count == 1)
        faults.append(1)
        #expect(try ask(harness, after: 4).status == 200)
        for _ in 0..<50 { #expect(try ask(harness, after: 5).status == 503) }
        #expect(harness.sns.calls.count == 2)
        #expect(try ask(harness, after: 9).status == 503)
        #expect(harness.sns.calls.count == 2)
        #expect(try ask(harness, after: 10).status == 503)
        #expect(harness.sns.calls.count == 3)
    }

    @Test("waits no longer than it may for an SNS that says nothing")
    func bounded() throws {
        let harness = try Harness { _, _ in .hold(.init(), then: .close) }
        #expect(lacking(try ask(harness)) == ["sns"])
    }

    @Test("fresh credentials are taken where the old ones have expired")
    func expired() throws {
        let harness = try Harness { _, call in
            call.number == 1 ? SNSStandIn.error(403, "ExpiredToken") : nil
        }
        #expect(try ask(harness).status == 200)
        #expect(harness.sns.calls.count == 2)
    }
}
