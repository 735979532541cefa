import Formats
import Testing
import Tracking

private let receivedAt = Timestamp(milliseconds: 1_767_607_200_500)  // 2026-01-05T10:00:00.500Z

private func json(_ text: String) throws -> JSONValue { try JSONText(Array(text.utf8)).root }

private func normaliser(
    _ times: Normaliser.Times = .client(receivedAt: receivedAt), sourceIP: String? = "203.0.113.9"
) -> Normaliser {
    Normaliser(
        times: times, types: CallType.allCases, maximumCall: CallLimits.call,
        partnerID: "web-app", sourceIP: sourceIP,
        randomID: {
            var generator = SystemRandomNumberGenerator()
            return UUID(random: &generator)
        })
}

private let origin = Origin(
    partner: "web-app", partnerID: "web-app", sender: "segment-api", authentication: .key)

private func message(
    _ text: String, type: CallType? = nil, _ normaliser: Normaliser = normaliser(),
    index: Int? = nil
) throws -> Message {
    try normaliser.message(json(text), type: type, index: index, origin: origin)
}

private func error(_ text: String, type: CallType? = nil) throws -> CallError? {
    let call = try json(text)
    do throws(CallError) {
        _ = try normaliser().message(call, type: type, origin: origin)
        return nil
    } catch {
        return error
    }
}

private func text(_ message: Message) -> String { String(decoding: message.json, as: UTF8.self) }

@Suite("Calls are checked")
struct CallCheckTests {
    @Test(
        "a call that breaks a rule is rejected with Segment's code",
        arguments: [
            (#"{"type":"track","event":"x"}"#, "no_user_anon_id"),
            (#"{"type":"track","event":"x","userId":null,"anonymousId":null}"#, "no_user_anon_id"),
            (#"{"type":"identify"}"#, "no_user_anon_id"),
            (#"{"type":"group","groupId":"g"}"#, "no_user_anon_id"),
            (#"{"type":"track","event":"x","userId":""}"#, "no_user_anon_id"),
            (#"{"type":"track","event":"x","userId":"","anonymousId":""}"#, "no_user_anon_id"),
            (#"{"type":"track","event":"x","userId":4.2}"#, "id_not_string"),
            (#"{"type":"track","event":"x","userId":1e3}"#, "id_not_string"),
            (#"{"type":"track","event":"x","userId":true}"#, "id_not_string"),
            (#"{"type":"track","event":"x","userId":"u","anonymousId":7.0}"#, "id_not_string"),
            (#"{"type":"track","event":"x","userId":["u"]}"#, "id_not_string"),
            (#"{"type":"track","userId":"u"}"#, "event_not_defined"),
            (#"{"type":"track","userId":"u","event":null}"#, "event_not_defined"),
            (#"{"type":"track","userId":"u","event":""}"#, "event_not_defined"),
            (#"{"type":"track","userId":"u","event":1}"#, "event_not_string"),
            (
                #"{"type":"track","userId":"u","event":"x","properties":[{}]}"#,
                "properties_not_object"
            ),
            (#"{"type":"page","userId":"u","properties":"x"}"#, "properties_not_object"),
            (#"{"type":"screen","userId":"u","properties":1}"#, "properties_not_object"),
            (#"{"type":"identify","userId":"u","traits":"x"}"#, "traits_not_object"),
            (#"{"type":"group","userId":"u","groupId":"g","traits":[1]}"#, "traits_not_object"),
            (#"{"type":"screen","userId":"u","name":3}"#, "name_not_string"),
            (#"{"type":"page","userId":"u","category":7}"#, "category_not_string"),
            (#"{"type":"screen","userId":"u","category":{}}"#, "category_not_string"),
            (#"{"type":"group","userId":"u"}"#, "group_id_required"),
            (#"{"type":"group","userId":"u","groupId":""}"#, "group_id_required"),
            (#"{"type":"group","userId":"u","groupId":5.5}"#, "group_id_not_string"),
            (#"{"type":"track","userId":"u","event":"x","groupId":5.5}"#, "group_id_not_string"),
            (#"{"type":"alias","userId":"u"}"#, "previous_id_required"),
            (#"{"type":"alias","previousId":"p","anonymousId":"a"}"#, "user_id_required"),
            (#"{"type":"alias","userId":"u","previousId":""}"#, "previous_id_required"),
            (#"{"type":"alias","userId":"u","previousId":[5]}"#, "previous_id_not_string"),
            (#"{"type":"alias","userId":"","previousId":"p"}"#, "user_id_required"),
            (#"{"type":"delete","anonymousId":"a"}"#, "user_id_required"),
            (#"{"type":"track","userId":"u","event":"x","context":"c"}"#, "context_not_object"),
            (
                #"{"type":"track","userId":"u","event":"x","integrations":true}"#,
                "integrations_not_object"
            ),
            (
                #"{"type":"track","userId":"u","event":"x","messageId":1.5}"#,
                "message_id_not_string"
            ),
            (#"{"userId":"u","event":"x"}"#, "type_not_defined"),
            (#"{"type":"Track","userId":"u","event":"x"}"#, "unsupported_type"),
            (#"{"type":7,"userId":"u","event":"x"}"#, "unsupported_type"),
            ("[]", "bad_request"), ("null", "bad_request"), ("\"track\"", "bad_request"),
        ])
    func rejects(call: String, code: String) throws {
        #expect(try error(call)?.code == code)
    }

    @Test(
        "a call that keeps the rules becomes a message",
        arguments: [
            #"{"type":"identify","userId":"u"}"#,
            #"{"type":"identify","anonymousId":"a","traits":{}}"#,
            #"{"type":"track","userId":"u","event":"x","anonymousId":null,"context":null}"#,
            #"{"type":"page","userId":"u"}"#,
            #"{"type":"page","userId":"u","name":"n","category":"c"}"#,
            #"{"type":"screen","anonymousId":"a","name":null}"#,
            #"{"type":"group","userId":"u","groupId":"g"}"#,
            #"{"type":"alias","userId":"u","previousId":"p"}"#, #"{"type":"delete","userId":"u"}"#,
        ])
    func accepts(call: String) throws {
        #expect(try error(call) == nil)
    }

    @Test(
        "what SDKs write for ids and names without a value, and for maps, is taken",
        arguments: [
            // An empty text for no category and no name
            (
                #"{"type":"screen","name":"Home","category":"","anonymousId":"a"}"#,
                #""anonymousId":"a","name":"Home","category":"""#
            ),
            (#"{"type":"page","name":"","userId":"u"}"#, #""userId":"u","name":"""#),
            // Whole numbers for ids
            (#"{"type":"track","userId":42,"event":"E"}"#, #""userId":"42","event":"E""#),
            (#"{"type":"track","userId":-7,"event":"E"}"#, #""userId":"-7","event":"E""#),
            (
                #"{"type":"track","anonymousId":123456789012345678901234567890,"event":"E"}"#,
                #""anonymousId":"123456789012345678901234567890","event":"E""#
            ),
            (
                #"{"type":"group","userId":"u","groupId":7}"#,
                #""userId":"u","groupId":"7""#
            ),
            (
                #"{"type":"alias","userId":"u","previous_id":42}"#,
                #""userId":"u","previousId":"42""#
            ),
            (
                #"{"type":"track","userId":"u","event":"E","groupId":7}"#,
                #""userId":"u","event":"E","groupId":"7""#
            ),
            // An empty text for no id
            (
                #"{"type":"track","userId":"","anonymousId":"a","event":"E"}"#,
                #""anonymousId":"a","event":"E""#
            ),
            (
                #"{"type":"track","userId":"u","anonymousId":"","event":"E","groupId":"","previousId":""}"#,
                #""userId":"u","event":"E""#
            ),
            (
                #"{"type":"track","userId":"","user_id":"u","event":"E"}"#,
                #""userId":"u","event":"E""#
            ),
            (
                #"{"type":"track","userId":"","user_id":42,"event":"E"}"#,
                #""userId":"42","event":"E""#
            ),
            // PHP's empty map
            (
                #"{"type":"track","userId":"u","event":"E","properties":[],"context":[ ],"integrations":[]}"#,
                #""userId":"u","event":"E","properties":{},"context":{},"integrations":{}"#
            ),
            (
                #"{"type":"identify","userId":"u","traits":[]}"#, #""userId":"u","traits":{}"#
            ),
            // What stands in a map is the sender's own.
            (
                #"{"type":"identify","userId":"u","traits":{"tags":[],"name":"","id":7}}"#,
                #""userId":"u","traits":{"tags":[],"name":"","id":7}"#
            ),
        ], [Normaliser.Times.client(receivedAt: receivedAt), .segment])
    func takesWhatSDKsSend(sample: (call: String, members: String), times: Normaliser.Times) throws
    {
        let call = sample.call.dropLast() + #","messageId":"m"}"#
        let message = try message(String(call), normaliser(times))
        let written = text(message)
        #expect(message.warnings.isEmpty)
        let expected =
            #"{"type":"\#(message.type.rawValue)","messageId":"m",\#(sample.members)"#
        #expect(written.hasPrefix(expected), "\(written)")
        // Only times come after that.
        let rest = written.dropFirst(expected.count)
        #expect(rest == "}" || rest.hasPrefix(",\"timestamp\""), "\(written)")
    }

    @Test("a whole number is a message's id as its text, within the same limit")
    func numericMessageID() throws {
        let message = try message(#"{"type":"page","userId":"u","messageId":77}"#)
        #expect(message.messageID.text == "77")
        #expect(text(message).hasPrefix(#"{"type":"page","messageId":"77","userId":"u""#))
        let longest = String(repeating: "7", count: 100)
        #expect(try error(#"{"type":"page","userId":"u","messageId":\#(longest)}"#) == nil)
        #expect(
            try error(#"{"type":"page","userId":"u","messageId":\#(longest)7}"#)
                == .messageIDTooLong)
    }

    @Test("a message's userId and anonymousId are those that are published")
    func idsOfMessage() throws {
        let message = try message(#"{"type":"page","userId":42,"anonymousId":""}"#)
        #expect(message.userID?.text == "42")
        #expect(message.anonymousID == nil)
    }

    @Test("the path's type wins over the body's")
    func pathType() throws {
        #expect(
            try message(#"{"type":"page","userId":"u","event":"x"}"#, type: .track).type == .track)
    }

    @Test("messageId has a limit, in characters")
    func messageIDLimit() throws {
        let longest = String(repeating: "é", count: 100)
        #expect(try error(#"{"type":"page","userId":"u","messageId":"\#(longest)"}"#) == nil)
        #expect(
            try error(#"{"type":"page","userId":"u","messageId":"\#(longest)x"}"#)
                == .messageIDTooLong)
    }

    @Test("a call of 32 768 bytes is taken, one more is not")
    func callLimit() throws {
        let frame = #"{"type":"page","userId":"u","properties":{"p":""}}"#
        func call(_ size: Int) -> String {
            frame.replacing(
                #""p":"""#,
                with: #""p":""# + String(repeating: "x", count: size - frame.utf8.count) + "\"")
        }
        #expect(call(32_768).utf8.count == 32_768)
        #expect(try error(call(32_768)) == nil)
        #expect(try error(call(32_769)) == .tooLarge(limit: 32_768))
    }
}

@Suite("Messages are written")
struct MessageTests {
    @Test("members come in the published order, the sender's own last, values byte for byte")
    func order() throws {
        let call = #"""
            {"zeta": 1.10, "properties" : { "big":123456789012345678901234567890, "u":"\u00e9\ud800é" },
             "event":"Order\u0020Shipped","writeKey":"wk","context":{"b":1,"a":2},"userId":"u-1",
             "integrations":{"All":true},"messageId":"m\u0031","channel":"server","anonymousId":"a-1",
             "type":"track","alpha":null}
            """#
        let message = try message(call)
        #expect(
            text(message)
                == #"{"type":"track","messageId":"m\u0031","userId":"u-1","anonymousId":"a-1","event":"Order\u0020Shipped","#
                + #""properties":{ "big":123456789012345678901234567890, "u":"\u00e9\ud800é" },"context":{"b":1,"a":2},"#
                + #""integrations":{"All":true},"timestamp":"2026-01-05T10:00:00.500Z","receivedAt":"2026-01-05T10:00:00.500Z","#
                + #""zeta":1.10,"channel":"server","alpha":null}"#)
        #expect(message.name?.text == "Order Shipped")
        #expect(message.messageID.text == "m1")
        #expect(message.userID?.text == "u-1")
    }

    @Test("other casings are published in the spec's spelling, and the spec's own wins")
    func aliases() throws {
        let call =
            #"{"type":"group","user_id":"u","GroupID":"g","message_id":"m","TRAITS":{"a":1},"write_key":"k"}"#
        #expect(
            text(try message(call)).hasPrefix(
                #"{"type":"group","messageId":"m","userId":"u","groupId":"g","traits":{"a":1},"timestamp":"#
            ))
        let both = text(
            try message(#"{"type":"page","user_id":"alias","userId":"own","messageId":"m"}"#))
        #expect(both.contains(#""userId":"own""#))
        #expect(both.contains(#""user_id":"alias""#))
        let null = text(
            try message(#"{"type":"page","userId":null,"user_id":"u","messageId":"m"}"#))
        #expect(null.contains(#""userId":"u""#))
        let escaped = try message(#"{"type":"page","user\u0049d":"u","messageId":"m"}"#)
        #expect(escaped.userID?.text == "u")
    }

    @Test("an underscore before or after a name makes it another field")
    func underscores() throws {
        let text = text(try message(#"{"type":"page","userId":"u","_name":5,"traits_":1}"#))
        #expect(text.contains(#""_name":5,"traits_":1"#))
    }

    @Test("a repeated name counts with its last value")
    func repeats() throws {
        let message = try message(
            #"{"type":"page","userId":"first","messageId":"m","userId":"last"}"#)
        #expect(message.userID?.text == "last")
        #expect(!text(message).contains("first"))
    }

    @Test("no spelling of the write key is published")
    func writeKeyIsRemoved() throws {
        for name in ["writeKey", "write_key", "WriteKey", "WRITEKEY", "write\\u004bey"] {
            let message = try message(#"{"type":"page","userId":"u","\#(name)":"s3cret"}"#)
            #expect(!text(message).contains("s3cret"))
        }
    }

    @Test("no spelling of the write key is published beside another")
    func writeKeysAreRemoved() throws {
        for name in ["write_key", "WriteKey", "WRITE_KEY"] {
            let call = #"{"type":"page","userId":"u","writeKey":"s3cret","\#(name)":"s3cret"}"#
            #expect(!text(try message(call)).contains("s3cret"))
        }
    }

    @Test("any time, readable or not, tells a call from another without an id")
    func timeDerivesID() throws {
        for field in ["timestamp", "originalTimestamp", "sentAt"] {
            for time in [#""yesterday""#, "5", "true"] {
                let call = #"{"type":"page","userId":"u","\#(field)":\#(time)}"#
                #expect(try message(call).messageID == message(call).messageID)
            }
            for none in [#""""#, "null"] {
                let call = #"{"type":"page","userId":"u","\#(field)":\#(none)}"#
                #expect(try message(call).messageID != message(call).messageID)
            }
        }
    }

    @Test("a message id is derived where the call has a time, and random where it has none")
    func messageID() throws {
        let timed = #"{"type":"page","userId":"u","timestamp":"2026-01-05T10:00:00Z"}"#
        let first = try message(timed)
        #expect(first.messageID == (try message(timed)).messageID)
        #expect(first.messageID.text.utf8.dropFirst(14).first == UInt8(ascii: "5"))
        for time in ["originalTimestamp", "sentAt", "receivedAt"] {
            let call = timed.replacing("timestamp", with: time)
            #expect(try message(call).messageID == message(call).messageID)
        }
        let other = try message(timed.replacing("\"u\"", with: "\"v\""))
        #expect(first.messageID != other.messageID)
        let untimed = #"{"type":"page","userId":"u"}"#
        #expect(try message(untimed).messageID != message(untimed).messageID)
        let empty = try message(#"{"type":"page","userId":"u","messageId":""}"#)
        #expect(empty.messageID.text.utf8.count == 36)
        #expect(text(empty).contains(empty.messageID.text))
    }

    @Test("in a batch with a time, an item without one is known again by its place")
    func messageIDInBatch() throws {
        var batch = normaliser()
        try batch.adopt(batch: json(#"{"sentAt":"2026-01-05T10:00:00Z"}"#))
        let call = #"{"type":"page","userId":"u"}"#
        let first = try message(call, batch, index: 0).messageID
        #expect(try first == message(call, batch, index: 0).messageID)
        #expect(try first != message(call, batch, index: 1).messageID)
    }
}

@Suite("Times are corrected")
struct TimeTests {
    private func times(_ call: String, _ normaliser: Normaliser = normaliser()) throws -> [String?]
    {
        let root = try JSONText(message(call, normaliser).json).root
        return ["timestamp", "originalTimestamp", "sentAt", "receivedAt"].map { root[$0]?.string }
    }

    @Test("Segment's worked example")
    func example() throws {
        #expect(
            try times(
                #"{"type":"page","userId":"u","timestamp":"2026-01-05T10:07:12.100Z","sentAt":"2026-01-05T10:07:30.250Z"}"#
            ) == [
                "2026-01-05T09:59:42.350Z", "2026-01-05T10:07:12.100Z", "2026-01-05T10:07:30.250Z",
                "2026-01-05T10:00:00.500Z",
            ])
    }

    @Test(
        "every form of time counts",
        arguments: [
            ("2026-01-05T11:07:12.100+01:00", "2026-01-05T10:07:30.250119+00:00", "09:59:42.349"),
            ("2026-01-05T15:37:12+05:30", "2026-01-05T10:07:13Z", "09:59:59.500"),
            ("2026-01-05T10:07:12.100000001Z", "2026-01-05T10:07:12.1Z", "10:00:00.500"),
            ("2026-01-05T10:07:13Z", "2026-01-05T10:07:12Z", "10:00:01.500"),
        ])
    func forms(made: String, sent: String, expected: String) throws {
        let call = #"{"type":"page","userId":"u","timestamp":"\#(made)","sentAt":"\#(sent)"}"#
        #expect(
            try times(call) == ["2026-01-05T\(expected)Z", made, sent, "2026-01-05T10:00:00.500Z"])
    }

    @Test("gaps: no time, no sentAt, a time that cannot be read, a sum that is no date")
    func gaps() throws {
        #expect(
            try times(#"{"type":"page","userId":"u"}"#)
                == ["2026-01-05T10:00:00.500Z", nil, nil, "2026-01-05T10:00:00.500Z"])
        #expect(
            try times(#"{"type":"page","userId":"u","timestamp":"2026-01-01T01:00:00+01:00"}"#)[0]
                == "2026-01-01T00:00:00.000Z")
        #expect(
            try times(#"{"type":"page","userId":"u","timestamp":"2015-02-30T00:00:00Z"}"#)
                == [
                    "2026-01-05T10:00:00.500Z", "2015-02-30T00:00:00Z", nil,
                    "2026-01-05T10:00:00.500Z",
                ])
        #expect(
            try times(
                #"{"type":"page","userId":"u","timestamp":"0001-01-01T00:00:00Z","sentAt":"9999-01-01T00:00:00Z"}"#
            )[0] == "2026-01-05T10:00:00.500Z")
        #expect(try times(#"{"type":"page","userId":"u","timestamp":12345}"#)[0] != nil)
    }

    private func warnings(
        _ call: String, _ normaliser: Normaliser = normaliser()
    ) throws -> [String] {
        try message(call, normaliser).warnings.map { "\($0.code.rawValue) \($0.field)" }
    }

    @Test("a time that cannot be read is said, and kept as it was written")
    func unreadable() throws {
        let received = "2026-01-05T10:00:00.500Z"
        let made = #"{"type":"page","userId":"u","timestamp":"yesterday"}"#
        #expect(try times(made) == [received, "yesterday", nil, received])
        #expect(try warnings(made) == ["unreadable_time timestamp"])
        // Nothing is corrected by a time of sending that cannot be read.
        let sent =
            #"{"type":"page","userId":"u","timestamp":"2026-01-05T10:07:12Z","sentAt":"soon"}"#
        #expect(
            try times(sent) == [
                "2026-01-05T10:07:12.000Z", "2026-01-05T10:07:12Z", "soon", received,
            ])
        #expect(try warnings(sent) == ["unreadable_time sentAt"])
        // The other time tells when it was, and the text that cannot be read is kept.
        let both =
            #"{"type":"page","userId":"u","timestamp":"2026-01-05T10:07:12Z","originalTimestamp":"x"}"#
        #expect(try times(both) == ["2026-01-05T10:07:12.000Z", "x", nil, received])
        #expect(try warnings(both) == ["unreadable_time originalTimestamp"])
        let number = #"{"type":"page","userId":"u","timestamp":12345}"#
        #expect(try warnings(number) == ["unreadable_time timestamp"])
        #expect(try times(number)[0] == received)
        // A correction that leads out of the calendar.
        let far =
            #"{"type":"page","userId":"u","timestamp":"0001-01-01T00:00:00Z","sentAt":"9999-01-01T00:00:00Z"}"#
        #expect(try warnings(far) == ["unreadable_time sentAt"])
    }

    @Test("an empty time is none")
    func empty() throws {
        let call =
            #"{"type":"page","userId":"u","timestamp":"","originalTimestamp":"","sentAt":""}"#
        let received = "2026-01-05T10:00:00.500Z"
        #expect(try times(call) == [received, nil, nil, received])
        #expect(try warnings(call) == [])
        #expect(try times(call, normaliser(.segment)) == [nil, nil, nil, nil])
    }

    @Test("the clock is corrected by times in any form that can be read")
    func correctsAnyForm() throws {
        #expect(
            try times(
                #"{"type":"page","userId":"u","timestamp":1767607632.1,"sentAt":"Mon, 05 Jan 2026 11:07:30 +0100"}"#
            )[0] == "2026-01-05T09:59:42.600Z")
    }

    @Test("a batch's own time of sending is warned of once, and corrects nothing")
    func batchSentAt() throws {
        var batch = normaliser()
        try batch.adopt(batch: json(#"{"sentAt":"soon"}"#))
        #expect(batch.warnings.map(\.field) == ["sentAt"])
        let call = #"{"type":"page","userId":"u","timestamp":"2026-01-05T10:07:12Z"}"#
        #expect(try warnings(call, batch) == [])
        #expect(try times(call, batch)[0] == "2026-01-05T10:07:12.000Z")
        try batch.adopt(batch: json(#"{"sentAt":"2026-01-05T10:07:30Z"}"#))
        #expect(batch.warnings.isEmpty)
    }

    @Test("Segment's own times are warned of and stay")
    func finalWarnings() throws {
        let call =
            #"{"type":"page","userId":"u","timestamp":"t","originalTimestamp":"2026-01-05T10:07:12Z"}"#
        #expect(try warnings(call, normaliser(.segment)) == ["unreadable_time timestamp"])
    }

    @Test("an original time beside a timestamp is the one that counts")
    func both() throws {
        #expect(
            try times(
                #"{"type":"page","userId":"u","timestamp":"2020-01-01T00:00:00Z","originalTimestamp":"2026-01-05T09:00:00Z"}"#
            )[0] == "2026-01-05T09:00:00.000Z")
    }

    @Test("Segment's own times stay as they are")
    func final() throws {
        let call =
            #"{"type":"page","userId":"u","timestamp":"t","originalTimestamp":"o","sentAt":"s","receivedAt":"r"}"#
        #expect(try times(call, normaliser(.segment)) == ["t", "o", "s", "r"])
        #expect(
            try times(#"{"type":"page","userId":"u"}"#, normaliser(.segment)) == [
                nil, nil, nil, nil,
            ])
    }
}

@Suite("Batches are merged")
struct MergeTests {
    private func merged(_ batch: String, _ item: String) throws -> JSONValue {
        var normaliser = normaliser()
        try normaliser.adopt(batch: json(batch))
        return try JSONText(message(item, normaliser).json).root
    }

    private func raw(_ value: JSONValue?) -> String? {
        value.map { String(decoding: $0.raw, as: UTF8.self) }
    }

    @Test(
        "the item wins at any depth, and order is the item's",
        arguments: [
            (#"{"a":1}"#, nil, #"{"a":1}"#), (nil, #"{"a":1}"#, #"{"a":1}"#),
            (#"{"a":1,"b":2}"#, #"{"b":3,"c":4}"#, #"{"b":3,"c":4,"a":1}"#),
            (
                #"{"l":{"n":"x","v":1.10},"p":[1]}"#, #"{"l":{"v":2},"p":[2]}"#,
                #"{"l":{"v":2,"n":"x"},"p":[2]}"#
            ),
            (#"{"l":{"a":1}}"#, #"{"l":3}"#, #"{"l":3}"#),
            (#"{"l":3}"#, #"{"l":{"a":1}}"#, #"{"l":{"a":1}}"#),
            (#"{"l":{"a":1}}"#, #"{"l":null}"#, #"{"l":null}"#), ("null", #"{"a":1}"#, #"{"a":1}"#),
            (#"{"a":1}"#, "null", #"{"a":1}"#), (#"{"a":1}"#, "{}", #"{"a":1}"#),
            (#"{"\u0061":1}"#, #"{"a":2}"#, #"{"a":2}"#), (nil, nil, nil),
        ] as [(String?, String?, String?)])
    func context(shared: String?, own: String?, expected: String?) throws {
        for name in ["context", "integrations"] {
            let batch = "{" + (shared.map { "\"\(name)\":\($0)" } ?? "") + "}"
            let item =
                #"{"type":"page","userId":"u""# + (own.map { ",\"\(name)\":\($0)" } ?? "") + "}"
            #expect(raw(try merged(batch, item)[name]) == expected)
        }
    }

    @Test("objects with many members are merged alike")
    func manyMembers() throws {
        let shared = (0..<100).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
        let own = (50..<150).map { "\"k\($0)\":\"own\"" }.joined(separator: ",")
        let root = try merged(
            "{\"context\":{\(shared)}}", #"{"type":"page","userId":"u","context":{\#(own)}}"#)
        let context = try #require(root["context"])
        #expect(context.members.map { $0.name.string }.count == 150)
        #expect(context["k49"]?.int == 49)
        #expect(context["k50"]?.string == "own")
        #expect(context["k149"]?.string == "own")
    }

    @Test("of a repeated name the last value alone is merged, so that nothing multiplies")
    func repeats() throws {
        let shared = #"{"context":{"a":{"p":"\#(String(repeating: "x", count: 1000))"}}}"#
        let own = Array(repeating: #""a":{}"#, count: 1000).joined(separator: ",")
        let context = try merged(shared, #"{"type":"page","userId":"u","context":{\#(own)}}"#)[
            "context"]
        #expect(context?["a"]?["p"] != nil)
        #expect((context?.range.count ?? .max) < 10_000)
    }

    @Test("names are compared by their bytes, however many members there are", arguments: [1, 40])
    func bytes(count: Int) throws {
        let filler = (0..<count).map { "\"k\($0)\":0" }.joined(separator: ",")
        let context = try merged(
            "{\"context\":{\(filler),\"cafe\u{301}\":1}}",
            "{\"type\":\"page\",\"userId\":\"u\",\"context\":{\(filler),\"caf\u{E9}\":2}}")[
                "context"]
        #expect(context?.members.map(\.name.utf8).count == count + 2)
    }

    @Test("sentAt is pushed down to items without one")
    func sentAt() throws {
        let batch = #"{"sentAt":"2026-01-05T10:00:00Z"}"#
        #expect(
            try merged(batch, #"{"type":"page","userId":"u"}"#)["sentAt"]?.string
                == "2026-01-05T10:00:00Z")
        #expect(
            try merged(batch, #"{"type":"page","userId":"u","sentAt":"2026-01-04T10:00:00Z"}"#)[
                "sentAt"]?
                .string == "2026-01-04T10:00:00Z")
    }

    @Test("context.direct is given the client's address, unless there is one")
    func direct() throws {
        #expect(
            raw(
                try merged("{}", #"{"type":"page","userId":"u","context":{"direct":true}}"#)[
                    "context"])
                == #"{"direct":true,"ip":"203.0.113.9"}"#)
        #expect(
            raw(
                try merged(
                    #"{"context":{"direct":true}}"#,
                    #"{"type":"page","userId":"u","context":{"a":1}}"#)[
                        "context"]) == #"{"a":1,"direct":true,"ip":"203.0.113.9"}"#)
        #expect(
            raw(
                try merged(
                    "{}", #"{"type":"page","userId":"u","context":{"direct":true,"ip":"x"}}"#)[
                        "context"])
                == #"{"direct":true,"ip":"x"}"#)
    }

    @Test(
        "under context.direct null and an empty text are no address",
        arguments: [
            (nil, #"{"direct":true,"ip":null}"#, #"{"direct":true,"ip":"203.0.113.9"}"#),
            (nil, #"{"ip":"","direct":true,"a":1}"#, #"{"direct":true,"a":1,"ip":"203.0.113.9"}"#),
            (#"{"direct":true,"ip":null}"#, nil, #"{"direct":true,"ip":"203.0.113.9"}"#),
            (
                #"{"direct":true,"ip":""}"#, #"{"a":1}"#,
                #"{"a":1,"direct":true,"ip":"203.0.113.9"}"#
            ),
            (
                #"{"direct":true,"ip":"198.51.100.1"}"#, #"{"ip":null}"#,
                #"{"direct":true,"ip":"198.51.100.1"}"#
            ),
            (#"{"direct":true}"#, #"{"direct":false,"ip":null}"#, #"{"direct":false,"ip":null}"#),
            (nil, #"{"ip":null}"#, #"{"ip":null}"#),
        ] as [(String?, String?, String)])
    func directWithoutAddress(shared: String?, own: String?, expected: String) throws {
        let batch = "{" + (shared.map { "\"context\":\($0)" } ?? "") + "}"
        let item =
            #"{"type":"page","userId":"u""# + (own.map { ",\"context\":\($0)" } ?? "") + "}"
        #expect(raw(try merged(batch, item)["context"]) == expected)
    }

    @Test("an empty array for a batch's context or integrations is an empty object")
    func emptyShared() throws {
        let batch = #"{"context":[],"integrations":[]}"#
        let root = try merged(batch, #"{"type":"page","userId":"u"}"#)
        #expect(raw(root["context"]) == "{}")
        #expect(raw(root["integrations"]) == "{}")
        let own = try merged(batch, #"{"type":"page","userId":"u","context":{"a":1}}"#)
        #expect(raw(own["context"]) == #"{"a":1}"#)
    }

    @Test("a batch's context must be an object of bounded size")
    func refuses() throws {
        var normaliser = normaliser()
        let array = try json(#"{"context":[1]}"#)
        #expect(throws: CallError.contextNotObject) { try normaliser.adopt(batch: array) }
        let long = try json(
            #"{"context":{"a":"\#(String(repeating: "x", count: CallLimits.shared))"}}"#)
        #expect(throws: CallError.tooLarge(limit: CallLimits.shared)) {
            try normaliser.adopt(batch: long)
        }
    }
}
