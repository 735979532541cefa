import Formats
import LocalServer
import Testing

@testable import emulator

@Suite("Why something was rejected")
struct RejectDetailTests {
    /// A reject of this code and input, with this reply.
    private func detail(
        _ code: String, _ input: String, index: Int? = nil, reply: String = "{}",
        key: String = "wk-unseen"
    ) throws -> RejectDetail {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("code", code)
            writer.member("message", "A sentence.")
            if let index { writer.member("index", index) }
            writer.member("body", input)
        }
        let message = RecordedMessage(
            id: "s", topic: "Rejected", isReject: true, text: writer.text, attributes: [],
            handovers: [])
        let mask = CredentialMask(
            LocalRequest(method: "POST", path: "/", headers: [HTTPField("X-Api-Key", key)]))
        return RejectDetail(message, reply: try JSONText(Array(reply.utf8)).root, mask)
    }

    /// The marked parts of what is shown.
    private func marked(_ detail: RejectDetail) -> [String] {
        let letters = Array((detail.input ?? "").unicodeScalars)
        return detail.marks.map { mark in
            String(String.UnicodeScalarView(letters[mark.start..<mark.end]))
        }
    }

    @Test("a field of the spec is marked in any spelling, or where it is missing")
    func spec() throws {
        let number = try detail("event_not_string", #"{"é":"ü","Event":5}"#)
        #expect(number.fields.map(\.path) == ["event"] && marked(number) == ["5"])
        let missing = try detail("no_user_anon_id", #" {"event":"E"}"#)
        #expect(missing.fields.map(\.path) == ["userId", "anonymousId"])
        #expect(marked(missing) == ["{"])
        let one = try detail("id_not_string", #"{"user_id":true}"#)
        #expect(marked(one) == ["true"])
    }

    @Test("a partner's rules are named by the reply, for the item of a batch too")
    func rules() throws {
        let reply = #"""
            {"rejected":[{"index":1,"messageId":"m-1","code":"validation_failed","message":"No.",
             "fields":[{"path":"data.user.id","code":"not_an_id","message":"It must be an id."}]}]}
            """#
        let found = try detail(
            "validation_failed", #"{"data":{"user":{"id":[1]}}}"#, index: 1, reply: reply)
        #expect(found.index == 1 && found.messageID == "m-1" && marked(found) == ["[1]"])
        #expect(found.marks.first?.why == "It must be an id.")
        let whole = #"{"code":"x","details":[{"path":"/data/0","message":"It is missing."}]}"#
        #expect(marked(try detail("validation_failed", #"{"a":1}"#, reply: whole)) == ["{"])
    }

    @Test("what is no JSON is marked where it stops to be, and no key is shown")
    func notJSON() throws {
        let found = try detail("bad_request", #"{"a":"é", wk-secret}"#, key: "wk-secret")
        #expect(found.input == #"{"a":"é", ‹key-1›}"#)
        #expect(marked(found) == ["‹"])
        #expect(marked(try detail("bad_request", #"{"a":"#)) == [":"])
        #expect(try detail("bad_request", "").marks.map(\.start) == [0])
    }
}
