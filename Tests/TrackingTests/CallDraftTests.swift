import Formats
import Testing

@testable import Tracking

@Suite("Drafts of calls")
struct CallDraftTests {
    private func json(_ text: String) throws -> JSONValue { try JSONText(Array(text.utf8)).root }

    private func message(_ draft: CallDraft, maximumCall: Int = 1000) throws(CallError) -> Message {
        try Normaliser(
            times: .client(receivedAt: Timestamp(milliseconds: 1_767_607_200_500)),
            types: CallType.ofClients, maximumCall: maximumCall, partnerID: "p-1", sourceIP: nil,
            randomID: { preconditionFailure("it has an id") }
        ).message(
            draft, type: .track,
            origin: Origin(
                partner: "p", partnerID: "p-1", sender: "partner", authentication: .key))
    }

    @Test("what is made and what was sent stand beside each other, in the order of the spec")
    func made() throws {
        let source = try json(#"{"id":7,"n":1.10,"e":"\u00e9","more":[1]}"#)
        var draft = CallDraft(madeOf: source)
        draft.set(.properties, .object { $0.member("n", raw: source["n"]?.raw ?? []) })
        draft.set(.messageID, .text("made-", try #require(source["e"])))
        draft.set(.userID, .json(try #require(source["id"])))
        draft.set(.event, .text("a \"b\""))
        draft.set(.timestamp, .text("2026-01-05T09:00:00.000Z"))
        draft.add(CallDraft.Member(.text("kept"), .json(try #require(source["more"]))))
        let message = try message(draft)
        #expect(
            String(decoding: message.json, as: UTF8.self)
                == #"{"type":"track","messageId":"made-\u00e9","userId":"7","event":"a \"b\"","#
                + #""properties":{"n":1.10},"timestamp":"2026-01-05T09:00:00.000Z","#
                + #""originalTimestamp":"2026-01-05T09:00:00.000Z","#
                + #""receivedAt":"2026-01-05T10:00:00.500Z","kept":[1]}"#)
        #expect(message.messageID.text == "made-é")
        #expect(message.name?.text == "a \"b\"")
        #expect(message.userID?.text == "7")
    }

    @Test("a draft is checked as a call is, and measured as it was made")
    func checked() throws {
        var draft = CallDraft(madeOf: try json("{}"))
        draft.set(.event, .text("E"))
        #expect(throws: CallError.identityMissing) { try message(draft) }
        draft.set(.userID, .text("u"))
        draft.set(.messageID, .text("m"))
        #expect(try message(draft).messageID.text == "m")
        draft.set(.properties, .text("no object"))
        #expect(throws: CallError.propertiesNotObject) { try message(draft) }
        draft.add(CallDraft.Member(.text("x"), .text(String(repeating: "x", count: 1000))))
        #expect(throws: CallError.tooLarge(limit: 1000)) { try message(draft) }
    }

    @Test(
        "every field is found by its own name and in another casing",
        arguments: CallField.allCases)
    func names(field: CallField) throws {
        for name in [field.spelling, field.spelling.uppercased()] {
            let value = try #require(try json("{\"\(name)\":0}").members.first { _ in true })
            let match = try #require(CallField.match(value.name))
            #expect(match.field == field)
            #expect(match.isExact == (name == field.spelling))
        }
    }
}

@Suite("Names in several spellings")
struct RepeatedNameTests {
    private func draft(_ json: String) throws -> CallDraft {
        CallDraft(parsing: try JSONText(Array(json.utf8)).root)
    }

    @Test("of a name repeated in one spelling the last value counts, and no other is kept")
    func repeated() throws {
        for name in ["userId", "user_id", "UserID"] {
            let draft = try draft(#"{"\#(name)":"a","\#(name)":"b"}"#)
            #expect(draft[.userID]?.callText?.text == "b")
            #expect(draft.others.isEmpty)
        }
    }

    @Test("of several spellings the first counts, if none is the spec's own; the others are kept")
    func several() throws {
        let draft = try draft(#"{"user_id":"a","UserID":"b","user_id":"c"}"#)
        #expect(draft[.userID]?.callText?.text == "c")
        #expect(draft.others.count == 1)
        #expect(try self.draft(#"{"user_id":"a","userId":"b"}"#)[.userID]?.callText?.text == "b")
    }
}
