import Testing

@testable import inlet

@Suite("Server-sent events")
struct EventStreamTests {
    private static let text =
        ": a comment\nretry: 1000\n\nevent: request\nid: 7\ndata: {\"a\":\ndata:1}\n\n"
        + "data\r\n\r\nid: 8\n\nevent: other\ndata:  x\n\n"
    private static let events = [
        EventStream.Event(name: "request", data: Array("{\"a\":\n1}".utf8)),
        EventStream.Event(name: "message", data: []),
        EventStream.Event(name: "other", data: Array(" x".utf8)),
    ]

    @Test("are the same in whatever pieces they come", arguments: [1, 2, 3, 7, 1000])
    func pieces(size: Int) {
        var stream = EventStream()
        var found: [EventStream.Event] = []
        let bytes = Array(Self.text.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            let piece = bytes[start..<min(start + size, bytes.count)]
            found += stream.events(in: Array(piece)) ?? []
        }
        #expect(found == Self.events)
        #expect(stream.lastID == "8")
    }

    @Test("of a connection that is lost, what was under way is given up, and the last id is kept")
    func lost() {
        var stream = EventStream()
        #expect(stream.events(in: Array("id: 3\nevent: request\ndata: {".utf8)) == [])
        stream.restart()
        #expect(
            stream.events(in: Array("data: x\n\n".utf8)) == [
                EventStream.Event(name: "message", data: Array("x".utf8))
            ])
        #expect(stream.lastID == "3")
    }

    @Test("an event without an end is refused")
    func endless() {
        var stream = EventStream()
        let half = [UInt8](repeating: 0x61, count: 600_000)
        #expect(stream.events(in: half) == [])
        #expect(stream.events(in: half) == nil)
        stream.restart()
        var lines = EventStream()
        #expect(lines.events(in: Array("data: ".utf8) + half + [0x0A]) == [])
        #expect(lines.events(in: Array("data: ".utf8) + half) == nil)
    }
}
