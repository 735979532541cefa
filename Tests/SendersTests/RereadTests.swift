import Formats
import Senders
import Partners
import Testing
import Tracking

@Suite("Bodies outside of requests")
struct RereadTests {
    private static func read(_ body: String, index: Int?) throws -> Intake {
        let partners = #"[{"name":"web-app","id":"p-1","webhook_token":"token-of-web-app"}]"#
        let partner = try #require(try Registry(json: Array(partners.utf8)).partners.first)
        return RouteTable.sender(.segmentAPI).reread(
            KeptInput(
                Array(body.utf8), from: partner, index: index, context: CustomerIOSample.context))
    }

    @Test("an item of a batch is one call, also where it has a member that is called batch")
    func item() throws {
        let item =
            #"{"type":"track","userId":"u","event":"Own","timestamp":"2026-01-05T09:59:00Z","#
            + #""batch":[{"type":"track","userId":"v","event":"Inner"}]}"#
        let intake = try Self.read(item, index: 3)
        #expect(intake.rejects.isEmpty)
        try #require(intake.messages.count == 1)
        #expect(intake.messages[0].name?.text == "Own")
        #expect(intake.indices == [3])
        // The id that the item has had in its batch.
        let batch = try Self.read(#"{"batch":[1,2,3,\#(item)]}"#, index: nil)
        #expect(batch.messages.map(\.messageID.text) == intake.messages.map(\.messageID.text))
        #expect(batch.indices == [3])
    }

    @Test(
        "a body keeps how its sender was authenticated",
        arguments: [SenderName.segmentDestination, .partner],
        [Origin.Authentication.key, .signed, .unsigned, nil])
    func authentication(sender: SenderName, known: Origin.Authentication?) throws {
        let partner = try CustomerIOSample.partner()
        let call = #"{"type":"track","event":"E","userId":"u"}"#
        for body in [call, "[\(call),\(call)]"] {
            let intake = RouteTable.sender(sender).reread(
                KeptInput(
                    Array(body.utf8), from: partner, authentication: known,
                    context: CustomerIOSample.context))
            #expect(!intake.messages.isEmpty)
            #expect(intake.messages.allSatisfy { $0.origin.authentication == known ?? .key })
        }
    }

    @Test("what only a signature opens was signed, whatever a record says")
    func customerIO() throws {
        let intake = RouteTable.sender(.customerIO).reread(
            KeptInput(
                Array(#"{"event_id":"e"}"#.utf8), from: try CustomerIOSample.partner(),
                context: CustomerIOSample.context))
        #expect(intake.messages.map(\.origin.authentication) == [.signed])
    }
}
