import Formats
import Testing

@testable import Tracking

@Suite("Calls for the Segment API")
struct OutboundCallTests {
    private func call(_ text: String) throws -> OutboundCall {
        try OutboundCall(published: Array(text.utf8), messageID: "record-1")
    }

    private func json(_ text: String) throws -> String {
        String(decoding: try call(text).json, as: UTF8.self)
    }

    @Test("every value goes out byte for byte, in the order it came")
    func unchanged() throws {
        let text =
            #"{"type":"track","messageId":"m\u002d1","userId":"ü","event":"E","properties":{"n":1.10,"#
            + #""big":123456789012345678901234567890,"e":1E+2,"s":"\/\ud83d\ude00","x":null},"#
            + #""integrations":{"Customer.io":false},"timestamp":"2026-01-05T10:00:00.000Z","#
            + #""originalTimestamp":"2026-01-05T10:00:00.000Z","version":2,"other":[ 1, 2 ]}"#
        #expect(try json(text) == text)
        #expect(try call(text).messageID == "m-1")
    }

    @Test(
        "of the times only what Segment would not correct again goes out",
        arguments: [
            // Corrected when it came in: the pair would correct it once more.
            (
                #""timestamp":"2026-01-05T09:59:42.350Z","originalTimestamp":"2026-01-05T10:07:12.100Z","sentAt":"2026-01-05T10:07:30.250Z","receivedAt":"2026-01-05T10:00:00.500Z""#,
                #""timestamp":"2026-01-05T09:59:42.350Z""#
            ),
            (
                #""timestamp":"2026-01-05T10:00:00.000Z","originalTimestamp":"2026-01-05T10:00:00.000Z","receivedAt":"2026-01-05T10:00:01.000Z""#,
                #""timestamp":"2026-01-05T10:00:00.000Z","originalTimestamp":"2026-01-05T10:00:00.000Z""#
            ),
            // The same instant in other words.
            (
                #""timestamp":"2026-01-05T10:00:00.123Z","originalTimestamp":"2026-01-05T11:00:00.123999+01:00""#,
                #""timestamp":"2026-01-05T10:00:00.123Z","originalTimestamp":"2026-01-05T11:00:00.123999+01:00""#
            ),
            // A receiver would take one that cannot be read for no time at all.
            (
                #""timestamp":"2026-01-05T10:00:00.000Z","originalTimestamp":"yesterday""#,
                #""timestamp":"2026-01-05T10:00:00.000Z""#
            ),
            (
                #""timestamp":"2026-01-05T10:00:00.000Z","sentAt":"2026-01-05T10:00:00.000Z""#,
                #""timestamp":"2026-01-05T10:00:00.000Z""#
            ),
            // Corrected by nothing: the pair would correct it by the way to Segment.
            (
                #""timestamp":"2026-01-05T10:00:00.000Z","originalTimestamp":"2026-01-05T10:00:00.000Z","sentAt":"2026-01-05T10:00:00.000Z""#,
                #""timestamp":"2026-01-05T10:00:00.000Z""#
            ),
            // Not corrected yet: Segment does it.
            (
                #""originalTimestamp":"2026-01-05T10:00:00.000Z","sentAt":"2026-01-05T10:00:01.000Z""#,
                #""originalTimestamp":"2026-01-05T10:00:00.000Z","sentAt":"2026-01-05T10:00:01.000Z""#
            ),
        ])
    func times(published: String, sent: String) throws {
        #expect(
            try json(#"{"type":"track","messageId":"m",\#(published)}"#)
                == #"{"type":"track","messageId":"m",\#(sent)}"#)
    }

    @Test("a write key inside would name another source")
    func writeKey() throws {
        #expect(
            try json(#"{"type":"page","messageId":"m","writeKey":"secret","a":1}"#)
                == #"{"type":"page","messageId":"m","a":1}"#)
    }

    @Test(
        "a message without an id gets that of its record, the same each time",
        arguments: ["", #","messageId":null"#, #","messageId":"""#])
    func noID(member: String) throws {
        let call = try call(#"{"type":"page"\#(member)}"#)
        #expect(
            String(decoding: call.json, as: UTF8.self)
                == #"{"messageId":"record-1","type":"page"}"#)
        #expect(call.messageID == "record-1")
    }

    @Test(
        "integrations may keep a message from Segment",
        arguments: [
            (#"{}"#, true), (#"{"Segment":false}"#, false), (#"{"Segment.io":false}"#, false),
            (#"{"All":false}"#, true), (#"{"Segment":true}"#, true),
            (#"{"Segment":{"a":false}}"#, true), (#"{"segment":false}"#, true), ("null", true),
        ])
    func integrations(value: String, isMeant: Bool) throws {
        let text = #"{"type":"page","messageId":"m","integrations":\#(value)}"#
        #expect(try call(text).isMeantForSegment == isMeant)
    }

    @Test(
        "what is no call is refused",
        arguments: [
            ("", CallError.notObject), ("[]", .notObject), ("7", .notObject), ("{", .notObject),
            ("{}", .typeMissing), (#"{"type":null}"#, .typeUnsupported),
            (#"{"type":"delete","userId":"u"}"#, .typeUnsupported),
            (#"{"type":"batch"}"#, .typeUnsupported), (#"{"type":7}"#, .typeUnsupported),
        ])
    func refused(text: String, error: CallError) {
        #expect(throws: error) { try call(text) }
    }
}
