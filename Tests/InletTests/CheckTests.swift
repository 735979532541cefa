import Formats
import TestSupport
import Testing

@testable import inlet

@Suite("Check")
struct CheckTests {
    private let person: Operator

    init() throws {
        person = try Operator()
        try person.add("shop", "--sender", "partner")
    }

    @Test("a payload that passes becomes its message, byte for byte in its values")
    func passes() throws {
        let payload =
            #"{"event_type":"Paid","timestamp":"2026-01-05T10:00:00.000Z","#
            + #""data":{"user_id":"u-42","total":12.50,"big":123456789012345678901234567890}}"#
        let result = person.run(["check", "shop", "-"], input: Array(payload.utf8))
        #expect(result.code == 0)
        #expect(result.errors.isEmpty)
        let message = try parse(result.output)
        #expect(message["type"]?.string == "track" && message["event"]?.string == "Paid")
        #expect(message["userId"]?.string == "u-42")
        #expect(
            message["properties"]?.written
                == #"{"user_id":"u-42","total":12.50,"big":123456789012345678901234567890}"#)
        let file = try person.directory.write("payload.json", payload)
        let json = try person.run("check", "shop", file, "--json").json()
        #expect(json["passes"]?.bool == true)
        #expect(json["messages"]?.elements.first?["event"]?.string == "Paid")
    }

    @Test("a provider's webhook is checked with the headers that it comes with")
    func headers() throws {
        let rules =
            #"{"senders":["partner"],"signing":{"scheme":"github","secrets":["s"]}}"#
        #expect(person.run("partner", "update", "shop", "--config", rules).code == 0)
        let payload = Array(#"{"sender":{"id":42},"repository":{"id":7}}"#.utf8)
        let result = person.run(
            [
                "check", "shop", "-", "--header", "X-GitHub-Event: push", "--header",
                "x-github-delivery:d-1",
            ], input: payload)
        #expect(result.code == 0)
        let message = try parse(result.output)
        #expect(message["event"]?.string == "push" && message["userId"]?.string == "42")
        #expect(message["messageId"]?.string == "d-1")
        #expect(person.run(["check", "shop", "-"], input: payload).code == 1)
        for line in ["X-GitHub-Event", ": push"] {
            #expect(person.run(["check", "shop", "-", "--header", line], input: payload).code == 2)
        }
    }

    @Test("every rule that is broken is named, and the exit code is 1")
    func fails() throws {
        let rules =
            #"{"senders":["partner"],"required_fields":["data.order"],"event_types":["Paid"]}"#
        #expect(person.run("partner", "update", "shop", "--config", rules).code == 0)
        let payload = Array(#"{"event_type":"Secret Event","data":{}}"#.utf8)
        let result = person.run(["check", "shop", "-"], input: payload)
        #expect(result.code == 1)
        for part in ["data.order", "event_type", "userId", "anonymousId"] {
            #expect(result.output.contains(part), "\(part)")
        }
        #expect(!result.output.contains("Secret Event"))
        #expect(result.errors.isEmpty)
        let json = try person.run(["check", "shop", "-", "--json"], input: payload).json()
        #expect(json["passes"]?.bool == false)
        let details = json["rejected"]?.elements.first?["details"]
        #expect(details.map { Array($0.elements).count } ?? 0 >= 4)
        let fields = details?.elements.map { $0["field"]?.string ?? "-" } ?? []
        #expect(fields == ["-", "event", "userId", "anonymousId"])
    }

    @Test("of an array the good and the bad items are told apart")
    func array() throws {
        let payload = #"[{"event":"A","userId":"u"},{"event":"B"},7]"#
        let result = person.run(["check", "shop", "-"], input: Array(payload.utf8))
        #expect(result.code == 1)
        #expect(result.output.contains(#""event":"A""#))
        #expect(result.output.contains("item 1: ") && result.output.contains("item 2: "))
    }

    @Test("what is no payload at all is told", arguments: ["", "nothing", "[]", "7", "{"])
    func nothing(text: String) {
        let result = person.run(["check", "shop", "-"], input: Array(text.utf8))
        #expect(result.code == 1)
        #expect(!result.output.isEmpty)
    }

    @Test("the protocol is the partner's own, or the one that is asked for")
    func senders() throws {
        let call = #"{"type":"page","userId":"u","name":"Home"}"#
        try person.add(
            "seg", "--sender", "segment-destination", "--config",
            #"{"signing":{"scheme":"segment","secrets":["s-e-c"]}}"#)
        let own = person.run(["check", "seg", "-"], input: Array(call.utf8))
        #expect(try parse(own.output)["name"]?.string == "Home")
        try person.add("web")
        let tracking = person.run(["check", "web", "-"], input: Array(call.utf8))
        #expect(tracking.code == 0)
        #expect(try parse(tracking.output)["type"]?.string == "page")
    }

    @Test("a call whose type only its path says is checked with --type")
    func typeOfPath() throws {
        try person.add("web")
        let call = Array(#"{"event":"Paid","userId":"u"}"#.utf8)
        #expect(person.run(["check", "web", "-"], input: call).code == 1)
        let result = person.run(["check", "web", "-", "--type", "track"], input: call)
        #expect(result.code == 0, "\(result.errors)")
        let message = try parse(result.output)
        #expect(message["type"]?.string == "track" && message["event"]?.string == "Paid")
        for (name, type) in [("web", "delete"), ("web", "fax"), ("shop", "track")] {
            let wrong = person.run(["check", name, "-", "--type", type], input: call)
            #expect(wrong.code == 2 && wrong.output.isEmpty, "\(name) \(type)")
            #expect(wrong.errors.contains("--type"))
        }
    }

    @Test("a sender that the partner's token does not open is told of, and the exit code is 1")
    func otherSender() throws {
        let call = Array(#"{"type":"page","userId":"u","name":"Home"}"#.utf8)
        let asked = ["check", "shop", "-", "--sender", "segment-api"]
        let result = person.run(asked, input: call)
        #expect(result.code == 1)
        #expect(try parse(result.output)["type"]?.string == "page")
        #expect(result.errors.contains("its senders are partner, and not segment-api"))
        #expect(try person.run(asked + ["--json"], input: call).json()["passes"]?.bool == false)
        #expect(person.run("partner", "update", "shop", "--sender", "segment-api").code == 0)
        #expect(person.run(asked, input: call).code == 0)
    }

    @Test("a partner that may not send is told of, and one that is not there is an error")
    func standing() throws {
        #expect(person.run("partner", "suspend", "shop").code == 0)
        let payload = Array(#"{"event":"A","userId":"u"}"#.utf8)
        let result = person.run(["check", "shop", "-"], input: payload)
        #expect(result.code == 0)
        #expect(result.errors.contains("SUSPENDED"))
        #expect(person.run(["check", "nobody", "-"], input: payload).code == 1)
        #expect(person.run("check", "shop", "/nowhere/file").errors.contains("/nowhere/file"))
    }
}
