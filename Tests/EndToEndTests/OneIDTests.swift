import Formats
import Foundation
import StandIns
import TestSupport
import Testing
import Transport

private let key = "wk-of-one-id-3fQx"

@Suite("One id leads to the same request", .timeLimit(.minutes(60)))
final class OneIDTests {
    private let inlet: LocalInlet

    init() throws {
        inlet = try LocalInlet(
            partners: #"[{"name":"web-app","webhook_token":"\#(key)"}]"#)
    }

    deinit { inlet.stop() }

    /// What `inlet find` prints as JSON.
    private func find(
        _ option: String, _ id: String, _ environment: [String: String]
    ) throws -> [JSONValue] {
        let program = try Program(
            Tools.inlet, ["find", option, id, "--json"],
            environment: environment.merging(["PATH": "/usr/bin:/bin", "NO_PROXY": "*"]) { $1 })
        guard try program.end() == .status(0) else { throw program.failure("found nothing") }
        return try Array(parse(program.output).elements)
    }

    private func detail(_ id: String) throws -> JSONValue {
        try inlet.send("GET", "/_inlet/requests/\(id)").json()
    }

    /// The lines of a request that the functions have logged.
    private func lines(of id: String) throws -> [String] {
        let log = try #require(try detail(id)["log"])
        return log.elements.compactMap { $0["line"]?.string }.filter { $0.hasPrefix("{") }
    }

    @Test("from the reply, the log, the message, the reject and the page, in emulator and in logs")
    func everywhere() throws {
        let other = try inlet.post(
            "/v1/track", #"{"event":"Order","userId":"u","messageId":"one-0"}"#,
            headers: [basic(key)])
        let reply = try inlet.post(
            "/v1/batch",
            #"{"batch":[{"type":"track","event":"Order","userId":"u","messageId":"one-1"},"#
                + #"{"type":"track","userId":"u","messageId":"one-2"}]}"#, headers: [basic(key)])
        #expect(other.status == 200 && reply.status == 200)
        let id = try #require(try reply.json()["requestId"]?.string)
        let otherID = try #require(try other.json()["requestId"]?.string)
        let message = try inlet.published().first { $0.attributes["messageId"] == "one-1" }
        let reject = try #require(try inlet.published("Rejected").first)
        let listed = try inlet.send("GET", "/_inlet/requests?messageId=one-2").json().elements.first
        let lines = try lines(of: id)
        let logged = try lines.map { try parse($0)["requestId"]?.string }
        #expect(!lines.isEmpty && logged.allSatisfy { $0 == id })
        for found in [
            reply.headers["x-request-id"], message?.attributes["requestId"],
            reject.message["requestId"]?.string, listed?["id"]?.string,
        ] { #expect(found == id) }

        let emulator = ["INLET_EMULATOR_URL": inlet.url]
        #expect(try find("--request-id", id, emulator).map { $0["id"]?.string } == [id])
        for messageID in ["one-1", "one-2"] {
            #expect(try find("--message-id", messageID, emulator).map { $0["id"]?.string } == [id])
        }
        let logs = try LogsStandIn(lines + self.lines(of: otherID))
        let found = try find("--request-id", id, logs.environment)
        #expect(found.map(\.written) == lines)
        for messageID in ["one-1", "one-2"] {
            let found = try find("--message-id", messageID, logs.environment)
            #expect(found.map { $0["requestId"]?.string } == [id])
        }
    }
}
