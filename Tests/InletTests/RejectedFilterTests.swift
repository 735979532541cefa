import Formats
import TestSupport
import Testing

@testable import inlet

@Suite("Rejected input that is chosen", .timeLimit(.minutes(60)))
struct RejectedFilterTests {
    private let queue: TestQueue
    private let person: Operator

    init() throws {
        queue = try TestQueue()
        person = try Operator(queue.environment)
    }

    private func send(_ code: String, partner: String = "shop") throws -> String {
        try queue.send(TestRejection(code: code, partner: partner, body: "{}").json)
    }

    private func ids(_ result: Operator.Result) throws -> Set<String> {
        Set(try result.json().elements.compactMap { $0["id"]?.string })
    }

    @Test("by code, and by when it came")
    func list() throws {
        let one = try send("validation_failed")
        let two = try send("too_large")
        let other = try queue.send("not of the topic")
        func list(_ options: String...) throws -> Set<String> {
            let time = Timestamp(rfc3339: "2026-01-05T12:00:00Z".utf8)
            return try ids(person.run(["rejected", "list", "--json"] + options, at: time))
        }
        #expect(try list() == [one, two, other])
        #expect(try list("--code", "too_large") == [two])
        #expect(try list("--code", "too_large", "--code", "validation_failed") == [one, two])
        // They came at 10:00:00.5 of that day, and what is not Inlet's is timed by the queue: today.
        #expect(try list("--since", "2h") == [one, two, other])
        #expect(try list("--since", "1h") == [other])
        #expect(try list("--since", "2026-01-05T10:00:00.500Z") == [one, two, other])
        #expect(try list("--since", "2026-01-05T10:00:00.501Z") == [other])
        #expect(try list("--since", "2h", "--code", "nothing").isEmpty)
        for since in ["yesterday", "1", "-1h", "99999999999999999999d", "4000d", ""] {
            #expect(person.run("rejected", "list", "--since=\(since)").code == 2)
        }
        #expect(try queue.counts().hidden == 0)
    }

    @Test("is dropped by id, or all that is chosen, and nothing else")
    func drop() throws {
        let one = try send("validation_failed")
        let two = try send("too_large")
        let three = try send("too_large", partner: "crm")
        let dropped = person.run("rejected", "drop", "--id", one)
        #expect(dropped.code == 0, "\(dropped.errors)")
        #expect(dropped.output.contains("\(one)  dropped"))
        let again = person.run("rejected", "drop", "--id", one)
        #expect(again.code == 1 && again.output.contains("It was not found"))
        let elsewhere = person.run("rejected", "drop", "--id", two, "--partner", "crm")
        #expect(elsewhere.code == 1 && elsewhere.output.contains("\(two)  kept"))
        let chosen = person.run(
            "rejected", "drop", "--all", "--yes", "--code", "too_large", "--partner", "shop",
            "--json")
        let json = try chosen.json()
        #expect(json["dropped"]?.int == 1 && json["kept"]?.int == 0)
        #expect(json["messages"]?.elements.first?["id"]?.string == two)
        #expect(try ids(person.run("rejected", "list", "--json")) == [three])
        #expect(person.run("rejected", "drop", "--all", "--yes").code == 0)
        #expect(try queue.counts().visible == 0)
        #expect(person.run("rejected", "drop", "--all", "--yes").errors.contains("nothing to drop"))
    }

    @Test("all is asked about, and --id and --all do not go together")
    func asks() throws {
        _ = try send("too_large")
        #expect(person.run("rejected", "drop").code == 2)
        #expect(person.run("rejected", "drop", "--all", "--id", "x").code == 2)
        #expect(person.run("rejected", "drop", "--all").errors.contains("nobody to ask"))
        let declined = person.run(["rejected", "drop", "--all"], answer: "n")
        #expect(declined.code == 1 && declined.errors.contains("nothing was changed"))
        #expect(try queue.counts().visible == 1)
        #expect(person.run(["rejected", "drop", "--all"], answer: "y").code == 0)
        #expect(try queue.counts().visible == 0)
    }
}
