import Formats
import Testing

@testable import inlet

@Suite("What inlet tail shows")
struct TailTests {
    private static let message =
        #"{"type":"page","messageId":"m-1","name":"Home","receivedAt":"2026-01-05T10:00:00.500Z"}"#
    private static let attributes = [
        "type": "page", "partner": "shop", "sender": "segment-api", "auth": "key",
        "requestId": "r-1", "messageId": "m-1",
    ]

    private func filter(_ arguments: String...) throws -> TailFilter {
        TailFilter(try Arguments(["tail"] + arguments, commands: Command.all))
    }

    private func item(_ text: String, _ attributes: [String: String]) -> TailItem? {
        TailItem(Array(text.utf8), attributes: attributes)
    }

    @Test("a message with the members of a reject is a message")
    func kinds() throws {
        let message =
            #"{"type":"track","event":"E","messageId":"m","receivedAt":"2026-01-05T10:00:00.500Z","#
            + #""code":"c","sender":"s","partner":"p","body":"b"}"#
        #expect(item(message, ["type": "track"])?.kind == .message)
        #expect(item(message, ["code": "c"])?.kind == .reject)
        #expect(item("{}", ["type": "track"])?.messageID == nil)
        #expect(item("{}", [:]) == nil)
        #expect(item("[]", ["type": "track"]) == nil)
    }

    @Test("a line moves no cursor, and JSON stays one line whatever the sender has written")
    func lines() throws {
        let item = try #require(
            self.item(
                "{\"type\":\"track\",\n\"event\":\"\\u001b[31m\",\r\n\"properties\":{ \"a\":1.50 }}",
                ["type": "track", "partner": "p\u{7}"]))
        let line = item.line(in: .plain)
        #expect(!line.contains("\u{1b}") && !line.contains("\u{7}"))
        #expect(line.hasPrefix("  track     \u{FFFD}[31m  p\u{FFFD}  -  -  -"))
        #expect(!item.json.contains("\n") && !item.json.contains("\r"))
        let message = try #require(try parse(item.json)["message"])
        #expect(message["properties"]?.written == #"{ "a":1.50 }"#)
        #expect(message["event"]?.string == "\u{1b}[31m")
    }

    @Test("each option lets through what has one of its values, here and in the filter policies")
    func filters() throws {
        let item = try #require(self.item(Self.message, Self.attributes))
        for taken in [
            [], ["--type", "page"], ["--type", "track", "--type", "page"], ["--partner", "shop"],
            ["--sender", "segment-api"], ["--event", "Home"], ["--messageId", "m-1"],
        ] {
            let arguments = try Arguments(["tail"] + taken, commands: Command.all)
            #expect(TailFilter(arguments).takes(item), "\(taken)")
        }
        for kept in [
            ["--type", "track"], ["--partner", "other"], ["--sender", "partner"],
            ["--event", "home"], ["--messageId", "m-2"], ["--type", "page", "--partner", "x"],
        ] {
            let arguments = try Arguments(["tail"] + kept, commands: Command.all)
            #expect(!TailFilter(arguments).takes(item), "\(kept)")
        }
        #expect(try filter().messagePolicy == nil && filter().rejectPolicy == nil)
        let filter = try filter(
            "--type", "page", "--partner", "a", "--partner", "b", "--messageId", "m")
        #expect(
            filter.messagePolicy == #"{"type":["page"],"partner":["a","b"],"messageId":["m"]}"#)
        #expect(filter.rejectPolicy == #"{"partner":["a","b"]}"#)
        #expect(!filter.takesRejects)
        #expect(try self.filter("--sender", "partner").takesRejects)
    }

    @Test("what cannot be an attribute is not in the policy, because SNS would find nothing")
    func undelivered() throws {
        #expect(try filter("--event", "a\nb").messagePolicy == nil)
        #expect(try filter("--messageId", "🚀", "--messageId", "m").messagePolicy == nil)
        #expect(try filter("--messageId", "sha256:x").messagePolicy == nil)
    }

    @Test("wrong usage is told before anything is followed")
    func usage() throws {
        let person = try Operator(migrated: false)
        #expect(person.run("tail", "--type", "tracks").code == 2)
        #expect(person.run("tail", "--until", "m-1").errors.contains("--until is malformed"))
        #expect(person.run("tail", "--until", "messageId=").code == 2)
        let alone = person.run("tail")
        #expect(alone.code == 2)
        #expect(alone.errors.contains("neither --topic nor INLET_TOPIC_ARN is set"))
        #expect(person.run("tail", "--topic", "x").errors.contains("--topic or INLET_TOPIC_ARN"))
        let stream = "arn:aws:kinesis:eu-west-1:123456789012:stream/messages"
        let other = person.run("tail", "--topic", stream)
        #expect(other.code == 2)
        #expect(other.errors.contains("an SNS topic, which alone can be subscribed to"))
        #expect(other.errors.contains("this is of Kinesis"))
    }
}
