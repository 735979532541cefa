import Formats
import TestSupport
import Testing

@testable import Deployment
@testable import LambdaRuntime
@testable import Transport

@Suite("The migrator", .timeLimit(.minutes(60)))
struct MigratorTests {
    private let directory: TemporaryDirectory
    private let harness: Harness

    init() throws {
        directory = try TemporaryDirectory()
        harness = Harness(source: "sqlite:\(directory.path)/partners.db")
    }

    @Test("answers as cfn-response does: a PUT with an empty content type, and nothing added")
    func wire() throws {
        let place = try ResponsePlace()
        #expect(try harness.answer(place.event("Create")).failureType == nil)
        let request = try #require(place.requests.first)
        #expect(request.method == "PUT" && place.url.hasSuffix(request.target))
        #expect(request["content-type"] == "")
        #expect(request["content-length"] == String(request.body.count))
        #expect(request["authorization"] == nil && request["transfer-encoding"] == nil)
        #expect(
            request.text
                == #"{"Status":"SUCCESS","Reason":"The tables are at version 1 now.","#
                + #""PhysicalResourceId":"arn:stack/Migrations","StackId":"arn:stack","#
                + #""RequestId":"r-1","LogicalResourceId":"Migrations","Data":{"version":"1"}}"#)
    }

    @Test("sets tables up once, and keeps the name that the resource has")
    func again() throws {
        let first = try ResponsePlace()
        _ = try harness.answer(first.event("Create"))
        let place = try ResponsePlace()
        _ = try harness.answer(place.event("Update", more: #","PhysicalResourceId":"p \"1\"""#))
        let answer = try place.answer()
        #expect(answer["Status"]?.string == "SUCCESS")
        #expect(answer["Reason"]?.string == "The tables are at version 1 already.")
        #expect(answer["PhysicalResourceId"]?.string == #"p "1""#)
        #expect(answer["Data"]?["version"]?.string == "1")
    }

    @Test("does nothing when the resource is deleted, whatever becomes of the database")
    func delete() throws {
        let place = try ResponsePlace()
        let gone = Harness(source: "sqlite:\(directory.path)/none/partners.db")
        _ = try gone.answer(place.event("Delete", more: #","PhysicalResourceId":"p-1""#))
        let answer = try place.answer()
        #expect(answer["Status"]?.string == "SUCCESS" && answer["Data"] == nil)
        #expect(answer["PhysicalResourceId"]?.string == "p-1")
        let other = try ResponsePlace()
        _ = try gone.answer(other.event("Create"))
        #expect(try other.answer()["Status"]?.string == "FAILED")
    }

    @Test("says why when the partners are not in a database")
    func readOnly() throws {
        let place = try ResponsePlace()
        _ = try Harness(source: "[]").answer(place.event("Create"))
        let answer = try place.answer()
        #expect(answer["Status"]?.string == "FAILED" && answer["Data"] == nil)
        #expect(answer["Reason"]?.string?.contains("kept as JSON") == true)
    }

    @Test("goes on with tables that are newer, so that a deployment can be rolled back")
    func newer() throws {
        let server = try PostgresServer.shared.get()
        let source = try server.makeDatabase()
        let place = try ResponsePlace()
        _ = try Harness(source: source).answer(place.event("Create"))
        try server.run("INSERT INTO inlet_migrations (version) VALUES (99)", in: source)
        let other = try ResponsePlace()
        _ = try Harness(source: source).answer(other.event("Update"))
        let answer = try other.answer()
        #expect(answer["Status"]?.string == "SUCCESS")
        #expect(answer["Reason"]?.string == "The tables are newer than version 1.")
    }

    @Test("tries an answer again that is not taken", arguments: [0, 1, 2])
    func triesAgain(fault: Int) throws {
        let place = try ResponsePlace { number in
            guard number < 2 else { return nil }
            return [.text(503, "SlowDown"), .reset, .close][fault]
        }
        let answer = try harness.answer(place.event("Create"))
        #expect(answer.failureType == nil)
        #expect(place.requests.count >= 3 && place.requests.count <= 5)
        #expect(Set(place.requests.map(\.text)).count == 1)
    }

    @Test("fails as an event when no answer is taken, after five attempts")
    func refused() throws {
        let place = try ResponsePlace { _ in .text(403, "planted") }
        let answer = try harness.answer(place.event("Create"))
        #expect(place.requests.count == 5)
        guard case .failure(let failure) = answer else {
            Issue.record("it did not fail")
            return
        }
        #expect(failure.type == "Function.NotAnswered")
        #expect(failure.message == "CloudFormation was not answered: status 403.")
    }

    @Test("waits no longer than the event's time for an answer to be taken")
    func silence() throws {
        let place = try ResponsePlace { _ in .hold(.init(), then: .close) }
        let watch = Stopwatch()
        let answer = try harness.answer(place.event("Delete"), limit: .seconds(2))
        #expect(answer.failureType == "Function.NotAnswered")
        #expect(watch.waited < .milliseconds(2000))
    }

    @Test("makes one attempt at an answer when the time is over already")
    func late() throws {
        let place = try ResponsePlace()
        _ = try harness.answer(place.event("Delete"), limit: .milliseconds(-500))
        #expect(try place.answer()["Status"]?.string == "SUCCESS")
    }

    @Test("in the supervisor's place it answers FAILED, and waits for no one")
    func unanswered() throws {
        let place = try ResponsePlace()
        let invocation = try Harness.invocation(place.event("Create"), limit: .seconds(1))
        let answer = Migrator.unanswered(invocation, Harness.system)
        #expect(answer.failureType == nil)
        #expect(try place.answer()["Status"]?.string == "FAILED")

        let silent = try ResponsePlace { _ in .hold(.init(), then: .close) }
        let watch = Stopwatch()
        let other = Migrator.unanswered(
            try Harness.invocation(silent.event("Create"), limit: .seconds(1)),
            Harness.system)
        #expect(other.failureType == "Function.NotAnswered")
        #expect(watch.waited < .seconds(1))
        let malformed = try Harness.invocation(Array("{}".utf8), limit: .seconds(1))
        #expect(
            Migrator.unanswered(malformed, Harness.system).failureType
                == "Function.MalformedEvent")
    }
}

@Suite("Requests of CloudFormation")
struct ResourceRequestTests {
    private static let good =
        #"{"RequestType":"Create","ResponseURL":"https://s3/x","StackId":"s","RequestId":"r","#
        + #""LogicalResourceId":"l"}"#

    @Test("are read", arguments: ["Create", "Update", "Delete"])
    func reads(kind: String) throws {
        let text = Self.good.replacing("Create", with: kind)
        let request = try ResourceRequest(Array(text.utf8))
        #expect(request.kind.rawValue == kind && request.physicalID == "s/l")
    }

    @Test(
        "are told from everything else",
        arguments: [
            (#""Create""#, #""create""#, "RequestType"), (#""Create""#, "null", "RequestType"),
            ("https://s3/x", "", "ResponseURL"), ("https://s3/x", "s3://b/x", "ResponseURL"),
            ("https://s3/x", "file:///etc/passwd", "ResponseURL"),
            ("https://s3/x", "https://s3/x y", "ResponseURL"),
            ("https://s3/x", #"https://s3/x\u0000"#, "ResponseURL"),
            ("https://s3/x", #"https://s3/x\r\nHost: h"#, "ResponseURL"),
            (#""https://s3/x""#, "7", "ResponseURL"),
            ("https://s3/x", "https://s3/" + String(repeating: "x", count: 8192), "ResponseURL"),
            (#""s""#, #""""#, "StackId"), (#""s""#, "{}", "StackId"),
            (#""r""#, "null", "RequestId"), (#""RequestId""#, #""Other""#, "RequestId"),
            (#""l""#, "1", "LogicalResourceId"),
            (#""l""#, #""\#(String(repeating: "l", count: 501))""#, "LogicalResourceId"),
            (#""l""#, #""l","PhysicalResourceId":"""#, "PhysicalResourceId"),
        ])
    func refuses(part: String, other: String, member: String) throws {
        let text = Self.good.replacing(part, with: other)
        try #require(text != Self.good)
        #expect(throws: ResourceRequestError.invalid(member: member)) {
            try ResourceRequest(Array(text.utf8))
        }
    }

    @Test("are no other JSON, and no text", arguments: ["", "{", "[]", "null", "7", #"{"a":1}"#])
    func notRequests(text: String) throws {
        let harness = Harness(source: "[]")
        #expect(
            try harness.answer(Array(text.utf8)).failureType == "Function.MalformedEvent")
    }

    @Test("get answers that are shorter than CloudFormation's limit")
    func length() throws {
        let request = try ResourceRequest(
            Array(
                Self.good.replacing(#""s""#, with: #""\#(String(repeating: "s", count: 500))""#)
                    .replacing(#""r""#, with: #""\#(String(repeating: "r", count: 500))""#)
                    .replacing(#""l""#, with: #""\#(String(repeating: "l", count: 500))""#).utf8))
        let reason = String(repeating: "é", count: 5000)
        let reply = ResourceReply(outcome: .failed(reason: reason), request: request)
        #expect(reply.body.count < 4096)
        let read = try JSONText(reply.body).root
        #expect(read["Reason"]?.string == String(repeating: "é", count: 400))
        #expect(read["PhysicalResourceId"]?.string?.count == 1001)
    }
}
