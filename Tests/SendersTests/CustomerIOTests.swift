import Formats
import Partners
import Platform
import TestSupport
import Testing
import Transport
import Tracking

@testable import Senders

/// An event with this envelope and these members of `data`.
private func event(
    _ object: String? = "email", _ metric: String? = "sent", _ data: String = "",
    more: String = ""
) -> String {
    let object = object.map { #","object_type":"\#($0)""# } ?? ""
    let metric = metric.map { #","metric":"\#($0)""# } ?? ""
    return
        #"{"event_id":"e1"\#(object)\#(metric),"timestamp":1767226011,"data":{\#(data)}\#(more)}"#
}

private func raw(_ value: JSONValue?) -> String? {
    value.map { String(decoding: $0.raw, as: UTF8.self) }
}

@Suite("Customer.io's events")
struct CustomerIOEventTests {
    @Test(
        "what changes a person's subscriptions is named so, whatever object_type says",
        arguments: [
            ("customer", "subscribed", "Customer Subscribed"),
            ("sms", "subscribed", "Customer Subscribed"),
            ("email", "subscribed", "Customer Subscribed"),
            ("customer", "unsubscribed", "Customer Unsubscribed"),
            ("push", "unsubscribed", "Customer Unsubscribed"),
            (
                "customer", "cio_subscription_preferences_changed",
                "Subscription Preferences Changed"
            ),
            ("email", "cio_subscription_preferences_changed", "Subscription Preferences Changed"),
        ])
    func subscriptions(object: String, metric: String, name: String) throws {
        let body = event(
            object, metric,
            #""customer_id":"c1","email_address":"nia@example.org","identifiers":{"id":"c1"}"#)
        let message = try CustomerIOSample.message(body)
        #expect(message["event"]?.string == name)
        #expect(message["userId"]?.string == "c1")
        #expect(
            raw(message["properties"]) == #"{"object_type":"\#(object)","metric":"\#(metric)"}"#)
        #expect(raw(message["context"]?["traits"]) == #"{"email":"nia@example.org"}"#)
        let legacy = try CustomerIOSample.message(body, naming: "legacy")
        #expect(legacy["event"]?.string == "customerio:\(object)_\(metric)")
    }

    @Test(
        "an email's unsubscribed is about the message where it has a recipient",
        arguments: [
            (#""recipient":"nia@example.org","subject":"s""#, "Email Unsubscribed"),
            (#""recipient":"nia@example.org","email_address":null"#, "Email Unsubscribed"),
            (#""customer_id":"c""#, "Email Unsubscribed"),
            (#""email_address":"nia@example.org""#, "Customer Unsubscribed"),
            (#""email_address":null,"recipient":null"#, "Customer Unsubscribed"),
        ])
    func unsubscribed(data: String, name: String) throws {
        let message = try CustomerIOSample.message(event("email", "unsubscribed", data))
        #expect(message["event"]?.string == name)
    }

    @Test("changed preferences name their channel in three ways, and keep what has changed")
    func preferences() throws {
        for (channel, object) in [
            (#","object_type":"sms""#, "sms"), (#","object_type_type":"push""#, "push"),
            ("", "customer"), (#","object_type":null,"object_type_type":null"#, "customer"),
        ] {
            for content in [#""{\"topics\":{\"topic_3\":false}}""#, #""not JSON""#, "null", "7"] {
                let message = try CustomerIOSample.message(
                    event(
                        nil, "cio_subscription_preferences_changed",
                        #""identifiers":{"id":"c"},"delivery_id":"d","content":\#(content)"#,
                        more: channel))
                #expect(message["event"]?.string == "Subscription Preferences Changed")
                #expect(message["properties"]?["object_type"]?.string == object)
                #expect(raw(message["properties"]?["content"]) == content)
            }
        }
    }

    @Test(
        "an unknown kind is published with a name made alike",
        arguments: [
            ("line", "sent", "Line Sent"), ("email", "snoozed", "Email Snoozed"),
            ("carrier_pigeon", "clicked", "Carrier Pigeon Link Clicked"),
            ("sms", "opened", "SMS Opened"),
            ("webhook", "link_pre_viewed", "Webhook Message Link Pre Viewed"),
            ("customer", "sent", "Customer Sent"), ("2fa", "sent", "2fa Sent"),
            ("", "sent", "Unknown Event"), ("email", "", "Unknown Event"),
            ("e\\u0000", "sent", "Unknown Event"), ("почта", "sent", "Unknown Event"),
            (String(repeating: "x", count: 65), "sent", "Unknown Event"),
            (nil, "sent", "Unknown Event"), ("email", nil, "Unknown Event"),
            (nil, nil, "Unknown Event"),
        ])
    func unknown(object: String?, metric: String?, name: String) throws {
        let message = try CustomerIOSample.message(event(object, metric, #""delivery_id":"d""#))
        #expect(message["event"]?.string == name)
        // Nothing depends on the name.
        #expect(
            raw(message["properties"]?["object_type"])
                == raw(try JSONText(Array(event(object, metric).utf8)).root["object_type"]))
        #expect(raw(message["properties"]?["metric"]) == metric.map { "\"\($0)\"" })
        let legacy = try CustomerIOSample.message(event(object, metric), naming: "legacy")
        #expect(legacy["event"]?.string?.hasPrefix("customerio:") == true)
    }

    @Test("an object_type or metric that is no text is kept, and the kind is unknown")
    func oddKinds() throws {
        let message = try CustomerIOSample.message(
            #"{"event_id":"e","object_type":7,"metric":["sent"],"data":{}}"#)
        #expect(message["event"]?.string == "Unknown Event")
        #expect(raw(message["properties"]) == #"{"object_type":7,"metric":["sent"]}"#)
    }

    @Test(
        "a person is known by an id, else by what tells people apart",
        arguments: [
            (
                #""identifiers":{"id":"i","email":"e@x","cio_id":"k"},"customer_id":"c""#, "userId",
                "i"
            ),
            (
                #""identifiers":{"id":null,"email":"e@x","cio_id":"k"},"customer_id":"c""#,
                "userId", "c"
            ),
            (#""identifiers":{"id":" ","email":"e@x"},"customer_id":"c""#, "userId", "c"),
            (#""identifiers":{"id":7},"customer_id":"""#, "userId", "7"),
            (#""customer_id":601"#, "userId", "601"),
            (
                #""identifiers":{"id":null,"email":"e@x","cio_id":"k"},"customer_id":"""#,
                "anonymousId", "e@x"
            ),
            (
                #""identifiers":{"id":null,"cio_id":"k"},"email_address":"a@x""#, "anonymousId",
                "a@x"
            ),
            (
                #""identifiers":{"id":"","email":null,"cio_id":"k"},"delivery_id":"d""#,
                "anonymousId", "cio_k"
            ),
            (
                #""identifiers":{"id":null,"email":null,"cio_id":null},"customer_id":"","delivery_id":"d==""#,
                "anonymousId", "cio-delivery-d=="
            ),
            (#""recipient":"r@x","delivery_id":"d""#, "anonymousId", "cio-delivery-d"),
            (#""identifiers":null,"delivery_id":12"#, "anonymousId", "cio-delivery-12"),
            (#""identifiers":[1],"customer_id":{}"#, "anonymousId", "cio-event-e1"),
            ("", "anonymousId", "cio-event-e1"),
        ])
    func identity(data: String, field: String, id: String) throws {
        let message = try CustomerIOSample.message(event("email", "sent", data))
        #expect(message[field]?.string == id)
        #expect(message[field == "userId" ? "anonymousId" : "userId"] == nil)
    }

    @Test(
        "an anonymous_id is the anonymousId, beside a userId and before what is made up",
        arguments: [
            (#""identifiers":{"anonymous_id":"a-1"},"delivery_id":"d""#, nil, "a-1"),
            (
                #""identifiers":{"id":null,"email":"e@x","cio_id":"k","anonymous_id":"a-1"}"#, nil,
                "a-1"
            ),
            (#""identifiers":{"id":"i","anonymous_id":"a-1"}"#, "i", "a-1"),
            (#""identifiers":{"anonymous_id":7},"customer_id":"c""#, "c", "7"),
            (#""identifiers":{"anonymous_id":"\u0061"}"#, nil, "a"),
            (#""identifiers":{"anonymous_id":null},"delivery_id":"d""#, nil, "cio-delivery-d"),
            (#""identifiers":{"anonymous_id":""},"delivery_id":"d""#, nil, "cio-delivery-d"),
            (#""identifiers":{"id":"i","anonymous_id":""}"#, "i", nil),
        ] as [(String, String?, String?)])
    func anonymousID(data: String, userID: String?, anonymousID: String?) throws {
        let message = try CustomerIOSample.message(event("push", "sent", data))
        #expect(message["userId"]?.string == userID)
        #expect(message["anonymousId"]?.string == anonymousID)
        // It has gone where it belongs, and nothing of it is left.
        #expect(message["properties"]?["identifiers"] == nil)
    }

    @Test(
        "data that is missing, null or no object leaves a message",
        arguments: [
            ("", #"{"object_type":"email","metric":"sent"}"#),
            (#","data":null"#, #"{"object_type":"email","metric":"sent"}"#),
            (#","data":{}"#, #"{"object_type":"email","metric":"sent"}"#),
            (#","data":"text""#, #"{"object_type":"email","metric":"sent","data":"text"}"#),
            (#","data":[1.10]"#, #"{"object_type":"email","metric":"sent","data":[1.10]}"#),
        ])
    func noData(data: String, properties: String) throws {
        let message = try CustomerIOSample.message(
            #"{"event_id":"e1","object_type":"email","metric":"sent","timestamp":1767226011\#(data)}"#
        )
        #expect(raw(message["properties"]) == properties)
        #expect(message["anonymousId"]?.string == "cio-event-e1")
    }

    @Test(
        "a recipient is an email's address, a telephone number, or itself",
        arguments: [
            ("email", "r@x", #"{"email":"r@x"}"#, false),
            ("sms", "+1", #"{"phone":"+1"}"#, false), ("whatsapp", "+1", #"{"phone":"+1"}"#, false),
            ("slack", "signups", nil, true), ("webhook", "https://x", nil, true),
            ("in_app", "r@x", nil, true), ("push", "r@x", nil, true),
        ])
    func recipients(object: String, recipient: String, traits: String?, isKept: Bool) throws {
        let message = try CustomerIOSample.message(
            event(object, "sent", #""recipient":"\#(recipient)""#))
        #expect(raw(message["context"]?["traits"]) == traits)
        #expect((message["properties"]?["recipient"]?.string == recipient) == isKept)
    }

    @Test("of two that differ none is lost")
    func differing() throws {
        let message = try CustomerIOSample.message(
            event(
                "email", "sent",
                #""identifiers":{"id":"i","email":"e@x","region":"eu"},"customer_id":"c","#
                    + #""email_address":"a@x","recipient":"r@x""#))
        #expect(raw(message["context"]?["traits"]) == #"{"email":"e@x"}"#)
        #expect(
            raw(message["properties"])
                == #"{"object_type":"email","metric":"sent","identifiers":{"id":"i","email":"e@x","region":"eu"},"#
                + #""customer_id":"c","email_address":"a@x","recipient":"r@x"}"#)
    }

    @Test("values that are copied stay byte for byte, null and unknown members with them")
    func bytes() throws {
        let kept =
            #""broadcast_id":null,"x":1.10,"big":123456789012345678901234567890,"journey_id":"01KDVQ","#
            + #""transactional_message_id":8,"u":"\u00e9\/é","nested":{"b":[1e2, {}],"a":null}"#
        let message = try CustomerIOSample.message(
            event(
                "push", "opened", #""delivery_id":"d\u003d=",\#(kept)"#,
                more: #","extra":{"k":1.0}"#))
        #expect(
            raw(message["properties"])
                == #"{"object_type":"push","metric":"opened","extra":{"k":1.0},"delivery_id":"d\u003d=",\#(kept)}"#
        )
    }

    @Test(
        "journey_id and transactional_message_id are what they came as",
        arguments: ["7", #""7""#, "null"])
    func eitherType(value: String) throws {
        let message = try CustomerIOSample.message(
            event(
                "email", "opened", #""journey_id":\#(value),"transactional_message_id":\#(value)"#))
        #expect(raw(message["properties"]?["journey_id"]) == value)
        #expect(raw(message["properties"]?["transactional_message_id"]) == value)
    }

    @Test(
        "campaign_id and link_id become text",
        arguments: [
            ("41", #""41""#), (#""41""#, #""41""#), ("null", "null"), ("1e2", #""1e2""#),
            ("[]", "[]"),
        ])
    func ids(value: String, text: String) throws {
        let message = try CustomerIOSample.message(
            event("email", "clicked", #""campaign_id":\#(value),"link_id":\#(value)"#))
        #expect(raw(message["properties"]?["campaign_id"]) == text)
        #expect(raw(message["properties"]?["link_id"]) == text)
    }

    @Test("a member that has the new name of another is not overwritten")
    func collisions() throws {
        let message = try CustomerIOSample.message(
            event(
                "email", "clicked",
                #""subject":"s","email_subject":"own","href":"h","link_url":null,"failure_message":"f","#
                    + #""reason":1,"delivery_id":"d","email_id":"52","object_type":"x","metric":"y""#
            ))
        #expect(
            raw(message["properties"])
                == #"{"object_type":"email","metric":"clicked","subject":"s","email_subject":"own","href":"h","#
                + #""link_url":null,"failure_message":"f","reason":1,"delivery_id":"d","email_id":"52","#
                + #""data_object_type":"x","data_metric":"y"}"#
        )
    }

    @Test("what stands beside data and has a name that data uses goes under its own roof")
    func envelope() throws {
        let message = try CustomerIOSample.message(
            #"{"event_id":"e1","object_type":"email","object_type_type":"sms","metric":"failed","#
                + #""foo":1,"bar":2,"reason":3,"data":{"foo":4,"failure_message":"f"}}"#)
        #expect(
            raw(message["properties"])
                == #"{"object_type":"email","metric":"failed","object_type_type":"sms","bar":2,"#
                + #""envelope":{"foo":1,"reason":3},"foo":4,"reason":"f"}"#)
    }

    @Test("a kind inside of data stays a property where the event has none of its own")
    func kindInData() throws {
        let message = try CustomerIOSample.message(
            #"{"event_id":"e1","data":{"object_type":"email","metric":"sent","foo":1}}"#)
        #expect(message["event"]?.string == "Unknown Event")
        #expect(
            raw(message["properties"]) == #"{"object_type":"email","metric":"sent","foo":1}"#)
    }

    @Test("the relay of 2015 keeps what an event has beside its data, and data that is no object")
    func legacyExtras() throws {
        let event = #"{"event_type":"email_sent","event_id":"e1","timestamp":"soon","x":1,"data":"#
        let message = try CustomerIOSample.message(event + "{}}", naming: "legacy")
        #expect(raw(message["properties"]) == "{}")
        #expect(raw(message["context"]) == #"{"event_id":"e1","x":1}"#)
        #expect(message["originalTimestamp"]?.string == "soon")
        let other = try CustomerIOSample.message(event + "[7]}", naming: "legacy")
        #expect(other["event"]?.string == "customerio:email_sent")
        #expect(raw(other["properties"]?["data"]) == "[7]")
    }

    @Test("of a repeated name the last value counts")
    func repeated() throws {
        let message = try CustomerIOSample.message(
            #"{"event_id":"old","event_id":"e2","metric":"x","object_type":"sms","metric":"sent","#
                + #""data":{"customer_id":"lost"},"data":{"subject":"a","customer_id":"a","subject":"b","customer_id":"b"}}"#
        )
        #expect(message["messageId"]?.string == "cio-e2")
        #expect(message["event"]?.string == "SMS Sent")
        #expect(message["userId"]?.string == "b")
        #expect(
            raw(message["properties"])
                == #"{"object_type":"sms","metric":"sent","email_subject":"b"}"#)
    }

    @Test("bodies and headers of messages are dropped, also where they are huge")
    func content() throws {
        let huge = String(repeating: "x", count: 400_000)
        let message = try CustomerIOSample.message(
            event(
                "email", "sent",
                #""content":"\#(huge)","headers":{"X":["y"]},"customer_id":"c","recipient":"r@x""#))
        #expect(raw(message["properties"]) == #"{"object_type":"email","metric":"sent"}"#)
    }

    private func repeated(_ text: String, _ count: Int) -> String {
        String(repeating: text, count: count)
    }

    @Test(
        "of an event that is too large only by its content the rest is a message",
        arguments: ["headers", "content", "both"])
    func largeContent(shape: String) throws {
        let content =
            switch shape {
            case "headers": #""headers":{"X":[\#(repeated("1,", 1_000_000))1]}"#
            case "content": #""content":{\#(repeated(#""":0,"#, 900_000))"":0}"#
            default:
                #""content":"x","headers":[\#(repeated("[],", 200_000))0],"content":"#
                    + repeated("[", 400) + repeated("]", 400)
            }
        let message = try CustomerIOSample.message(
            event("email", "sent", #""customer_id":"c",\#(content),"subject":"s","x":1.10"#))
        #expect(message["userId"]?.string == "c")
        #expect(
            raw(message["properties"])
                == #"{"object_type":"email","metric":"sent","email_subject":"s","x":1.10}"#)
    }

    @Test(
        "one that keeps its content, or is as large without it, is too large",
        arguments: ["preferences", "legacy", "text", "beside", "names"])
    func tooLarge(shape: String) throws {
        let text = #""content":"\#(repeated("x", 300_000))""#
        let body =
            switch shape {
            case "preferences": event("email", "cio_subscription_preferences_changed", text)
            case "legacy": #"{"event_id":"e","event_type":"email_sent","data":{\#(text)}}"#
            case "text": event("email", "sent", #""x":"\#(repeated("x", 300_000))""#)
            case "beside":
                event("email", "sent", more: #","x":[\#(repeated("1,", 1_000_000))1]"#)
            default: event("email", "sent", #"\#(repeated(#""":0,"#, 900_000))"":0"#)
            }
        let intake = try CustomerIOSample.read(
            body, naming: shape == "legacy" ? "legacy" : "standard")
        #expect(intake.messages.isEmpty)
        #expect(intake.rejects.map(\.code) == ["message_too_large"])
        #expect(intake.rejects.first?.input == Array(body.utf8))
    }

    @Test("white space around an event does not count")
    func whiteSpace() throws {
        let space = String(repeating: " ", count: 300_000)
        let message = try CustomerIOSample.message(
            "\(space)\n" + event("email", "sent", #""content":"x","nested":{"a":{"b":[1]}}"#)
                + space)
        #expect(raw(message["properties"]?["nested"]) == #"{"a":{"b":[1]}}"#)
    }

    @Test(
        "what an event costs grows with its size and no faster, whatever its names are",
        arguments: [
            "apart", "taken", "renamed", "typed", "repeated", "fields", "identifiers", "escaped",
        ])
    func linear(shape: String) throws {
        func members(_ count: Int, _ name: (Int) -> String) -> String {
            (0..<count).map { #""\#(name($0))":1"# }.joined(separator: ",")
        }
        func body(_ count: Int) -> String {
            let numbers = members(count) { "n\($0)" }
            let (beside, data): (String, String) =
                switch shape {
                case "apart": (members(count) { "m\($0)" }, numbers)
                case "taken": (numbers, numbers)
                case "renamed": (members(count) { _ in "reason" }, #""failure_message":1"#)
                case "typed": (members(count) { _ in "object_type_type" }, numbers)
                case "repeated": (members(count) { _ in "data" }, numbers)
                case "fields": (numbers, members(count) { _ in "subject" })
                case "identifiers":
                    ("", #""identifiers":{\#(members(count) { _ in "id" })}"#)
                default: (members(count) { #"\u006e\#($0)"# }, numbers)
                }
            let more = beside.isEmpty ? "" : ",\(beside)"
            return #"{"event_id":"e"\#(more),"object_type":"email","data":{\#(data)}}"#
        }
        let growth = try Growth.ofFourTimes(2000) {
            _ = try CustomerIOSample.read(body($0))
        }
        #expect(growth < 9)
    }

    @Test(
        "a time is seconds, however they are written, or milliseconds by mistake",
        arguments: [
            ("1767226011", "2026-01-01T00:06:51.000Z"),
            (#""1767226011""#, "2026-01-01T00:06:51.000Z"),
            ("1767226011.25", "2026-01-01T00:06:51.250Z"),
            ("1767226011.0", "2026-01-01T00:06:51.000Z"),
            ("1767226011.123456", "2026-01-01T00:06:51.123Z"),
            ("1767226011123", "2026-01-01T00:06:51.123Z"),
            (#""1767226011123""#, "2026-01-01T00:06:51.123Z"),
            (#""2026-01-01T00:06:51Z""#, "2026-01-01T00:06:51.000Z"),
            ("1.767226011e9", "2026-01-01T00:06:51.000Z"),
            (#""Thu, 01 Jan 2026 00:06:51 GMT""#, "2026-01-01T00:06:51.000Z"),
        ])
    func times(value: String, time: String) throws {
        let message = try CustomerIOSample.message(
            #"{"event_id":"e","object_type":"sms","metric":"sent","timestamp":\#(value),"data":{}}"#
        )
        #expect(message["timestamp"]?.string == time)
        #expect(message["originalTimestamp"]?.string == time)
        #expect(message["sentAt"] == nil)
        #expect(message["properties"]?["timestamp"] == nil)
    }

    @Test(
        "what is no time is kept as it came, and the time of arrival counts",
        arguments: [
            "-1", "0", "1", "-1767226011", #""yesterday""#, "1.5e10", "true", "{}",
            "99999999999999999999", "100000000000000", "0.5", #"" 1767226011""#, #""1767226011.""#,
        ])
    func noTime(value: String) throws {
        let intake = try CustomerIOSample.read(
            #"{"event_id":"e","object_type":"sms","metric":"sent","timestamp":\#(value),"data":{}}"#
        )
        #expect(intake.warnings.map(\.call.field) == ["timestamp"])
        let message = try JSONText(try #require(intake.messages.first).json).root
        #expect(message["timestamp"]?.string == "2026-01-05T10:00:00.500Z")
        #expect(raw(message["originalTimestamp"]) == value)
        #expect(message["properties"]?["timestamp"] == nil)
    }

    @Test(
        "a time that is missing, null or empty is that of arrival",
        arguments: ["", #","timestamp":null"#, #","timestamp":"""#])
    func missingTime(member: String) throws {
        let message = try CustomerIOSample.message(
            #"{"event_id":"e","object_type":"sms","metric":"sent","data":{}\#(member)}"#)
        #expect(message["timestamp"]?.string == "2026-01-05T10:00:00.500Z")
        #expect(raw(message["properties"]) == #"{"object_type":"sms","metric":"sent"}"#)
    }

    @Test("a byte order mark, white space and a line's end are signed with the body and do no harm")
    func system() throws {
        for body in ["\u{FEFF}" + event(), event() + "\n", " \r\n" + event() + "\t"] {
            #expect(try CustomerIOSample.message(body)["event"]?.string == "Email Sent")
        }
    }

    @Test("an id may be a number; it becomes the message's")
    func ids() throws {
        #expect(
            try CustomerIOSample.message(#"{"event_id":12345}"#)["messageId"]?.string == "cio-12345"
        )
        #expect(
            try CustomerIOSample.message(#"{"event_id":"a\"\u00e9"}"#)["messageId"]?.string
                == "cio-a\"é")
    }
}

@Suite("Customer.io's events of 2015")
struct CustomerIOLegacyTests {
    private static let data =
        #"{"customer_id":"601","email_address":"olga@example.org","email_id":"52","subject":"Welcome aboard","campaign_id":"7","campaign_name":"Onboarding"}"#

    private func body(_ type: String = "email_delivered", _ data: String = data) -> String {
        #"{"event_type":"\#(type)","event_id":"5f0d2a9c-8a44-4c1e-9a51-0c7f3f5f9e10","timestamp":1422300000,"data":\#(data)}"#
    }

    @Test("the relay's call comes out of the relay's body, with naming legacy")
    func relay() throws {
        let message = try CustomerIOSample.message(body(), naming: "legacy")
        // What the example sent, in this order where it matters to nobody.
        #expect(message["type"]?.string == "track")
        #expect(message["userId"]?.string == "601")
        #expect(message["event"]?.string == "customerio:email_delivered")
        #expect(raw(message["properties"]) == Self.data)
        #expect(
            raw(message["context"]) == #"{"event_id":"5f0d2a9c-8a44-4c1e-9a51-0c7f3f5f9e10"}"#)
        let time = try #require(message["timestamp"]?.string)
        #expect(Timestamp(rfc3339: time.utf8) == Timestamp(milliseconds: 1_422_300_000_000))
        // What the example left to Segment's library.
        #expect(message["messageId"]?.string == "cio-5f0d2a9c-8a44-4c1e-9a51-0c7f3f5f9e10")
        #expect(raw(message["integrations"]) == #"{"Customer.io":false}"#)
        #expect(message["sentAt"] == nil)
    }

    @Test("what made the example crash does not: ids that are numbers, and no customer_id")
    func numbers() throws {
        let numbers = #"{"customer_id":601,"email_id":52,"campaign_id":7}"#
        let message = try CustomerIOSample.message(body("email_sent", numbers), naming: "legacy")
        #expect(message["userId"]?.string == "601")
        #expect(raw(message["properties"]) == numbers)
        for (data, id) in [
            (#"{"email_address":"olga@example.org"}"#, "olga@example.org"),
            ("{}", "cio-event-5f0d2a9c-8a44-4c1e-9a51-0c7f3f5f9e10"),
            ("null", "cio-event-5f0d2a9c-8a44-4c1e-9a51-0c7f3f5f9e10"),
        ] {
            let message = try CustomerIOSample.message(body("email_sent", data), naming: "legacy")
            #expect(message["anonymousId"]?.string == id)
            #expect(raw(message["properties"]) == (data == "null" ? "{}" : data))
        }
    }

    @Test("with the names of today it is mapped as an event of today")
    func standard() throws {
        let message = try CustomerIOSample.message(body())
        #expect(message["event"]?.string == "Email Delivered")
        #expect(
            raw(message["properties"])
                == #"{"object_type":"email","metric":"delivered","email_id":"52","email_subject":"Welcome aboard","campaign_id":"7","campaign_name":"Onboarding"}"#
        )
        #expect(raw(message["context"]?["traits"]) == #"{"email":"olga@example.org"}"#)
    }

    @Test(
        "the two parts of a kind are told apart by the objects that are known",
        arguments: [
            ("email_drafted", "Email Drafted"), ("email_clicked", "Email Link Clicked"),
            ("email_bounced", "Email Bounced"), ("email_spammed", "Email Marked as Spam"),
            ("email_dropped", "Email Suppressed"), ("email_failed", "Email Failed"),
            ("email_unsubscribed", "Email Unsubscribed"),
            ("customer_subscribed", "Customer Subscribed"),
            ("customer_unsubscribed", "Customer Unsubscribed"),
            ("customer_subscription_preferences_changed", "Subscription Preferences Changed"),
            ("in_app_opened", "In-App Message Opened"), ("push_sent", "Push Sent"),
            ("whatsapp_replied", "WhatsApp Message Replied"),
            ("pigeon_lost", "Pigeon Lost"), ("email_", "Email"), ("", "Unknown Event"),
        ])
    func kinds(type: String, name: String) throws {
        #expect(try CustomerIOSample.message(body(type))["event"]?.string == name)
        #expect(
            try CustomerIOSample.message(body(type), naming: "legacy")["event"]?.string
                == "customerio:\(type)")
    }

    @Test("an event of today that has an event_type as well is one of today")
    func both() throws {
        let message = try CustomerIOSample.message(
            event("sms", "sent", "", more: #","event_type":"email_opened""#), naming: "legacy")
        #expect(message["event"]?.string == "customerio:sms_sent")
        #expect(message["properties"]?["event_type"]?.string == "email_opened")
    }
}

@Suite("Customer.io's rejects")
struct CustomerIORejectTests {
    @Test(
        "an authentic body that is no event is a reject, with its bytes",
        arguments: [
            ("", "bad_request"), ("{", "bad_request"), ("null", "bad_request"),
            ("7", "bad_request"),
            ("[]", "bad_request"), (#"[{"event_id":"e"}]"#, "bad_request"),
            (#""e""#, "bad_request"),
            ("event_id=e", "bad_request"), ("{}", "event_id_missing"),
            (#"{"event_id":null}"#, "event_id_missing"), (#"{"event_id":""}"#, "event_id_missing"),
            (#"{"event_id":" "}"#, "event_id_missing"), (#"{"event_id":true}"#, "event_id_missing"),
            (#"{"Event_ID":"e"}"#, "event_id_missing"),
        ])
    func rejects(body: String, code: String) throws {
        let intake = try CustomerIOSample.read(body)
        #expect(intake.messages.isEmpty)
        #expect(intake.rejects.map(\.code) == [code])
        #expect(intake.rejects.first?.input == Array(body.utf8))
    }

    @Test("bytes that are no text are kept as bytes")
    func binary() throws {
        let body: [UInt8] = [0x7B, 0x22, 0xFF, 0xFE, 0x00]
        let intake = try CustomerIOSample.read(body)
        #expect(intake.rejects.first?.input == body)
    }

    @Test("a message's id has 100 characters at most")
    func longID() throws {
        let fits = String(repeating: "é", count: 96)
        #expect(try CustomerIOSample.read(#"{"event_id":"\#(fits)"}"#).messages.count == 1)
        #expect(
            try CustomerIOSample.read(#"{"event_id":"\#(fits)x"}"#).rejects.map(\.code)
                == ["message_id_too_long"])
    }

    @Test("what is too large for a message or for a request is a reject")
    func tooLarge() throws {
        func body(_ size: Int) -> String {
            event("sms", "sent", #""x":"\#(String(repeating: "x", count: size))""#)
        }
        #expect(try CustomerIOSample.read(body(261_000)).messages.count == 1)
        #expect(try CustomerIOSample.read(body(262_144)).rejects.map(\.outcome) == [.tooLarge])
        #expect(
            try CustomerIOSample.read(body(CallLimits.webhookBody)).rejects.map(\.code)
                == ["body_too_large"])
    }

    @Test("depth, and hundreds of thousands of members, cost no more than their bytes")
    func hostile() throws {
        let deep = String(repeating: "[", count: 600) + String(repeating: "]", count: 600)
        #expect(
            try CustomerIOSample.read(event("sms", "sent", #""x":\#(deep)"#)).rejects.count == 1)
        let members = (0..<20_000).map { _ in #""subject":1"# }.joined(separator: ",")
        #expect(try CustomerIOSample.read(event("sms", "sent", members)).messages.count == 1)
        let envelope = (0..<10_000).map { #","k\#($0)":1"# }.joined()
        #expect(
            try CustomerIOSample.read(event("sms", "sent", "", more: envelope)).messages.count == 1)
    }
}

@Suite("Customer.io's signatures")
struct CustomerIOSignatureTests {
    private func read(
        _ partners: String, secret: String = CustomerIOSample.secret,
        seconds: String = "1767607200", deadline: Instant = .now + .seconds(20),
        isComplete: Bool = true, padding: Int = 0
    ) throws(Refusal) -> String {
        do {
            let body = #"{"event_id":"e"}"# + String(repeating: " ", count: padding)
            let request = try CustomerIOSample.request(
                Array(body.utf8), seconds: seconds, secret: secret)
            return try CustomerIOSample.receive(
                request, token: nil,
                partners: isComplete ? partners : partners.dropLast() + Self.tooMany + "]",
                until: deadline
            ).partner.name
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            throw Refusal(.invalid, code: "test", message: "\(error)")
        }
    }

    /// What follows so that there are more than are tried.
    private static let tooMany = (0..<PartnerLookup.maximumSigners).map { number in
        #",{"name":"more\#(number)","webhook_token":"more\#(number)","validation_config":"#
            + #"{"senders":["customerio"],"signing":{"scheme":"customerio","secrets":["ka"]}}}"#
    }.joined()

    @Test("where there are more partners than are tried, none of whom signed, it is sent again")
    func truncated() throws {
        #expect(try read(Self.several, secret: "kb", isComplete: false) == "b")
        let problem = #expect(throws: Refusal.self) {
            try read(Self.several, secret: "kd", isComplete: false)
        }
        #expect(problem?.outcome == .notAccepted)
        #expect(problem?.reason?.contains("more than 1000 partners") == true)
    }

    @Test("a large body is tried with as many secrets as are worth it, active partners first")
    func costly() throws {
        // 32 MiB of hashing are 31 times 1 MiB and a little.
        let records = (0..<40).map { number in
            // The inactive ones stand first, and come last.
            #"{"name":"p\#(number)","webhook_token":"t\#(number)","#
                + #""status":"\#(number < 9 ? "INACTIVE" : "ACTIVE")","#
                + #""validation_config":{"senders":["customerio"],"signing":{"scheme":"customerio","#
                + #""secrets":["k\#(number)"]}}}"#
        }
        let partners = "[\(records.joined(separator: ","))]"
        for (number, isTried) in [(9, true), (39, true), (0, false), (8, false)] {
            func name() throws(Refusal) -> String {
                try read(partners, secret: "k\(number)", padding: 1 << 20)
            }
            if isTried {
                #expect(try name() == "p\(number)")
            } else {
                let refusal = #expect(throws: Refusal.self) { try name() }
                #expect(refusal?.outcome == .notAccepted)
                #expect(refusal?.reason?.contains("name them by token") == true)
            }
            // A usual body is tried with all of them, which tells whose it is.
            func usual() throws(Refusal) -> String { try read(partners, secret: "k\(number)") }
            if number < 9 {
                let refusal = #expect(throws: Refusal.self) { try usual() }
                #expect(refusal?.code == "partner_inactive")
                #expect(refusal?.partner == "p\(number)")
            } else {
                #expect(try usual() == "p\(number)")
            }
        }
    }

    private static let several = #"""
        [{"name":"a","webhook_token":"1","validation_config":{"senders":["customerio"],"signing":{"scheme":"customerio","secrets":["ka"]}}},
         {"name":"b","webhook_token":"2","validation_config":{"senders":["customerio"],"signing":{"scheme":"customerio","secrets":["kb","kb2"],"tolerance_seconds":0}}},
         {"name":"c","webhook_token":"3","validation_config":{"senders":["customerio"],"signing":{"scheme":"slack","secrets":["kc"]}}}]
        """#

    @Test(
        "the partner is the one whose secret signed",
        arguments: [("ka", "a"), ("kb", "b"), ("kb2", "b")])
    func whose(secret: String, name: String) throws {
        #expect(try read(Self.several, secret: secret) == name)
    }

    @Test("a secret of another scheme, or of nobody, is refused")
    func nobody() {
        for secret in ["kc", "kd", ""] {
            #expect {
                try read(Self.several, secret: secret)
            } throws: {
                ($0 as? Refusal)?.outcome == .notAuthentic
            }
        }
    }

    @Test("each partner's own tolerance counts")
    func tolerances() throws {
        #expect(try read(Self.several, secret: "kb", seconds: "1700000000") == "b")
        #expect {
            try read(Self.several, secret: "ka", seconds: "1700000000")
        } throws: {
            ($0 as? Refusal)?.reason == SignatureProblem.outsideWindow.reason
        }
    }

    @Test("where nobody has a secret it cannot be told, and nothing is lost by waiting")
    func notConfigured() {
        let unsigned =
            #"[{"name":"x","webhook_token":"t","validation_config":{"senders":["customerio"]}}]"#
        for partners in ["[]", unsigned] {
            #expect {
                try read(partners)
            } throws: {
                ($0 as? Refusal)?.outcome == .notAccepted
            }
        }
    }

    @Test("when time has run out the request must be sent again")
    func late() {
        #expect {
            try read(Self.several, secret: "ka", deadline: .now + .seconds(-1))
        } throws: {
            ($0 as? Refusal) == Refusal.notChecked
        }
    }

    @Test("statuses: 200 for all that is authentic, and none that the page warns of")
    func contract() {
        let statuses = Dictionary(
            uniqueKeysWithValues: Outcome.allCases.map { ($0, CustomerIO().status(for: $0)) })
        #expect(
            statuses == [
                .published: 200, .invalid: 200, .unsupportedType: 200, .tooLarge: 200,
                .notAuthentic: 401, .forbidden: 401, .notFound: 401, .gone: 401,
                .notAccepted: 503,
            ])
        #expect(CustomerIO().deadline == .seconds(4))
        #expect(CustomerIO().deadline - CustomerIO().margin < .seconds(3))
    }
}
