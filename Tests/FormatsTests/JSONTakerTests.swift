import Formats
import Testing

@Suite("Members taken by name")
struct JSONTakerTests {
    private func names(_ taker: JSONTaker) -> [String] { taker.rest.map { $0.name.string ?? "" } }

    @Test("each is handed out once, with its last value, and the rest stays in order")
    func take() throws {
        let object = try JSONText(Array(#"{"a":1,"b":2,"\u0061":3,"c":null,"d":4}"#.utf8)).root
        var taker = JSONTaker(object)
        #expect(taker.take("a")?.int == 3)
        #expect(taker.take("a") == nil)
        #expect(taker.take("x") == nil)
        #expect(names(taker) == ["b", "c", "d"])
        #expect(taker.take("c")?.isNull == true)
        #expect(names(taker) == ["b", "d"])
    }

    @Test("nulls of a name can be taken without its values")
    func nulls() throws {
        let object = try JSONText(Array(#"{"a":null,"b":null,"a":1}"#.utf8)).root
        var taker = JSONTaker(object)
        taker.takeNulls("a")
        #expect(names(taker) == ["b", "a"])
    }

    @Test("what is no object has no members", arguments: ["[1]", "7", "null", "{}"])
    func others(text: String) throws {
        #expect(JSONTaker(try JSONText(Array(text.utf8)).root).rest.isEmpty)
    }
}

@Suite("The depth of a value")
struct JSONDepthTests {
    @Test(
        "is that of its deepest place",
        arguments: [
            ("1", 0), ("[]", 1), ("{}", 1), (#"{"a":[1,[2]],"b":{}}"#, 3), ("[[],[[]],[]]", 3),
            (#"{"a":"[[[["}"#, 1),
        ])
    func depth(text: String, depth: Int) throws {
        #expect(try JSONText(Array(text.utf8)).root.depth == depth)
    }

    @Test("of a part counts from that part on, and may be bounded below others")
    func part() throws {
        let nested = String(repeating: "[", count: 510) + String(repeating: "]", count: 510)
        let root = try JSONText(Array(#"{"a":\#(nested),"b":[]}"#.utf8)).root
        let part = try #require(root["a"])
        #expect(root.depth == 511 && part.depth == 510)
        try part.check(below: 2)
        #expect(throws: JSONError.self) { try part.check(below: 3) }
    }
}
