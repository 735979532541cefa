import Formats
import Partners
import Senders
import Testing
import Tracking

@Suite("Bodies outside of requests")
struct BodyReaderTests {
    private static func read(_ body: String, index: Int?) throws -> Intake {
        let partners = #"[{"name":"web-app","id":"p-1","webhook_token":"token-of-web-app"}]"#
        let partner = try #require(try Registry(json: Array(partners.utf8)).partners.first)
        return BodyReader(
            receivedAt: Timestamp(milliseconds: 1_767_607_200_500),
            randomID: {
                var generator = SystemRandomNumberGenerator()
                return UUID(random: &generator)
            }
        ).read(Array(body.utf8), of: .segmentAPI, from: partner, index: index)
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
}
