import Formats
import Testing

@Suite("Many JSON pointers at once")
struct JSONPointersTests {
    private static let texts = [
        #"{"a":{"b":[{"c":1},{"c":2,"":3},[4,[5,6]]]},"a~":7,"/":{"0":8},"0":9,"é":{"\u00e9":10}}"#,
        #"{"a":1,"a":{"b":2,"b":[3]},"b":{"a":4},"a":{"b":{"c":5},"b":6}}"#,
        #"[[1,2,3],{"0":4,"1":[5,{"a":6}]},7,null,"x"]"#, "{}", "[]", "7", #""a""#, "null",
        #"{"\u0061":{"b":[0,1,2,3,4,5,6,7,8,9,10,{"c":11}]}}"#,
    ]

    private static let pointers = [
        "", "/a", "/a/b", "/a/b/c", "/a/b/0", "/a/b/0/c", "/a/b/1/c", "/a/b/1/", "/a/b/2/1/0",
        "/a/b/11/c", "/a/b/10", "/a/b/01", "/a/b/-", "/a~0", "/~1/0", "/0", "/1/1/1/a", "/1/0",
        "/é/é",
        "/b/a", "/x", "/a/b/9", "/4", "/5", "/3", "/a/b/2", "/", "//", "/a/b", "",
    ]

    @Test("each finds what it finds alone", arguments: texts)
    func equal(text: String) throws {
        let root = try JSONText(Array(text.utf8)).root
        let pointers = try Self.pointers.map { try #require(JSONPointer($0)) }
        let found = JSONPointers(pointers).values(in: root)
        #expect(found.count == pointers.count)
        for (pointer, value) in zip(pointers, found) {
            let alone = pointer.value(in: root)
            #expect(value?.range == alone?.range, "\(pointer.tokens) in \(text)")
        }
    }

    @Test("none find nothing")
    func none() throws {
        #expect(JSONPointers([]).values(in: try JSONText(Array("{}".utf8)).root).isEmpty)
    }
}
