import Formats
import Testing

@testable import emulator

@Suite("What was changed between sent and published")
struct MessageChangeTests {
    private func value(_ text: String) throws -> JSONValue { try JSONText(Array(text.utf8)).root }

    /// The changes as `kind from→to`.
    private func changes(
        _ sent: String, _ published: String, batch: String? = nil, by sender: String = "segment-api"
    ) throws -> [String] {
        try all(sent, published, batch: batch, by: sender).map { change in
            [change.kind.rawValue, change.from, change.to].compactMap(\.self)
                .joined(separator: " ")
        }
    }

    private func all(
        _ sent: String, _ published: String, batch: String? = nil, by sender: String = "segment-api"
    ) throws -> [MessageChange] {
        MessageChange.changes(
            from: try value(sent), in: try batch.map(value), to: try value(published), by: sender)
    }

    @Test("each kind of change is told, and what stayed is not")
    func kinds() throws {
        let sent = #"""
            {"writeKey":"k","user_id":"u","event":"Order","integrations":[],
             "properties":{"total":12.50,"note":"kept"},"timestamp":"2026-01-05T10:00:00Z"}
            """#
        let published = #"""
            {"type":"track","messageId":"0b8f4f0e-6f0a-5a55-8a6e-0d4be1c1f0aa","userId":"u",
             "event":"Order","properties":{"total":12.50,"note":"kept"},"integrations":{},
             "timestamp":"2026-01-05T10:00:00.000Z","receivedAt":"2026-01-05T10:00:01.000Z"}
            """#
        #expect(
            try changes(sent, published) == [
                "added type", "added messageId", "renamed user_id userId",
                "corrected integrations integrations", "corrected timestamp timestamp",
                "added receivedAt", "dropped writeKey",
            ])
        let why = try all(sent, published).map(\.why)
        #expect(why[0] == "the path says it")
        #expect(why[1].hasPrefix("none was sent: made of partner and bytes"))
        #expect(why[4] == "the same moment, as RFC 3339 in UTC")
        #expect(why.allSatisfy { !$0.isEmpty && !$0.contains("\n") })
        #expect(try changes(published, published).isEmpty)
    }

    @Test("a clock that is off, an id that was a number, a time that cannot be read")
    func corrections() throws {
        let clock = try all(
            #"{"userId":7,"timestamp":"2026-01-05T10:00:00Z","sentAt":"2026-01-05T10:00:00Z"}"#,
            #"""
            {"userId":"7","timestamp":"2026-01-05T10:00:02.500Z",
             "originalTimestamp":"2026-01-05T10:00:00Z","sentAt":"2026-01-05T10:00:00.000Z"}
            """#)
        #expect(clock.map(\.to) == ["userId", "timestamp", "originalTimestamp", "sentAt"])
        #expect(clock[0].why == "an id is published as text")
        #expect(clock[1].why.contains("2.5 s slow"))
        #expect(clock[2].kind == .added)
        let unreadable = try all(
            #"{"timestamp":"tomorrow"}"#, #"{"timestamp":"2026-01-05T10:00:00.000Z"}"#)
        #expect(unreadable.map(\.why).first?.hasPrefix("it cannot be read") == true)
    }

    @Test("a webhook's fields are followed to where the mapping has put them")
    func moves() throws {
        let found = try changes(
            #"{"id":"evt-1","kind":"Order Shipped","customer":{"id":"u-42"},"flag":true}"#,
            #"""
            {"type":"track","messageId":"evt-1","userId":"u-42","event":"Order Shipped",
             "properties":{"customer":{"id":"u-42"}},"timestamp":"2026-01-05T10:00:00.000Z"}
            """#, by: "partner")
        #expect(
            found == [
                "added type", "moved id messageId", "moved customer.id userId",
                "moved kind event", "moved customer.id properties.customer.id", "added timestamp",
                "dropped flag",
            ])
        let change = MessageChange.changes(
            from: try value(#"{"sender":{"id":42}}"#), in: nil,
            headers: [HTTPField("X-GitHub-Event", "push")],
            to: try value(#"{"userId":"42","event":"push"}"#), by: "partner")
        #expect(change.map(\.from) == ["sender.id", "header X-GitHub-Event"])
    }

    @Test("an item is found again by its id, or by what it holds, and has what its batch says")
    func items() throws {
        let calls = try #require(
            SentCalls(
                try JSONText(
                    Array(
                        #"""
                        {"sentAt":"2026-01-05T10:00:00Z","context":{"app":"a"},"batch":[
                         {"event":"One","userId":"u"},{"messageId":"m-2","event":"Two"},
                         {"event":"Three","userId":"u-3"}]}
                        """#.utf8))))
        func source(_ message: String) throws -> String? {
            calls.source(of: try value(message), rejected: [0])?["event"]?.string
        }
        #expect(try source(#"{"messageId":"m-2","event":"Changed"}"#) == "Two")
        #expect(try source(#"{"messageId":"x","event":"Three","userId":"u-3"}"#) == "Three")
        // Of the rejected one nothing was published.
        #expect(try source(#"{"messageId":"x","event":"One","userId":"u"}"#) == "Three")
        let batch = #"{"context":{"app":"a"},"batch":[]}"#
        let change = try all(
            #"{"event":"E"}"#, #"{"event":"E","context":{"app":"a"}}"#, batch: batch)
        #expect(change.map(\.why) == ["the batch says it for all its items"])
    }
}
