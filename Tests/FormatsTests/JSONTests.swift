import Formats
import Testing

private func parse(_ text: String) throws(JSONError) -> JSONValue {
    try JSONText(Array(text.utf8)).root
}

private func problem(_ bytes: [UInt8]) -> JSONError.Problem? {
    do throws(JSONError) {
        _ = try JSONText(bytes)
        return nil
    } catch {
        return error.problem
    }
}

@Suite("JSON")
struct JSONTests {
    @Test(
        "accepts what RFC 8259 accepts and keeps it as written",
        arguments: [
            "{}", "[]", " [ ] ", "\t\n\r1\n", "0", "-0", "-0.0", "1.10", "1E400", "1e-7", "1E+2",
            "123456789012345678901234567890", "\"\"", "\"a\\u0000b\"", "\"\\ud800\"",
            "\"\\uD83D\\uDE00\"", "\"\u{7F}\u{2028}\u{10FFFF}\"", "true", "false", "null",
            #"{"":0,"a":{"b":[1,{"c":null}]},"a":2}"#, #""\"\\\/\b\f\n\r\t""#,
            "[[],{},[{}]]", "[1 , 2 ,\n3]", #"{ "a" : 1 , "b" : [ ] }"#,
        ])
    func accepts(text: String) throws {
        let root = try parse(text)
        let trimmed = text.utf8.drop { " \t\r\n".utf8.contains($0) }
        #expect(trimmed.starts(with: root.raw))
    }

    @Test(
        "rejects what RFC 8259 rejects, and says why",
        arguments: [
            ("", .empty), ("  ", .empty), ("[1,]", .unexpectedByte), ("[,1]", .unexpectedByte),
            (#"{"a":1,}"#, .unexpectedByte), (#"{"a"}"#, .unexpectedByte),
            (#"{a:1}"#, .unexpectedByte), ("{'a':1}", .unexpectedByte), ("[1 2]", .unexpectedByte),
            ("[1}", .unexpectedByte), (#"{"a":1]"#, .unexpectedByte), ("[", .endsEarly),
            (#"{"a":"#, .endsEarly), ("\"abc", .endsEarly), ("\"\\", .endsEarly),
            ("\"\\u12", .endsEarly), ("01", .badNumber), ("-01", .badNumber), ("-", .endsEarly),
            ("-a", .badNumber), ("1.", .endsEarly), ("1.e1", .badNumber), ("1e", .endsEarly),
            (".5", .unexpectedByte), ("+1", .unexpectedByte), ("1x", .trailingBytes),
            ("1 2", .trailingBytes), ("{}{}", .trailingBytes), ("[]]", .trailingBytes),
            ("NaN", .unexpectedByte), ("nul", .endsEarly), ("nule", .unexpectedByte),
            ("True", .unexpectedByte), ("\"\\x\"", .badEscape), ("\"\\u12g4\"", .badEscape),
            ("\"\t\"", .controlCharacter), ("\"\u{0}\"", .controlCharacter),
            ("\u{FEFF}1", .unexpectedByte), ("/**/1", .unexpectedByte),
            ("\u{A0}1", .unexpectedByte),
        ] as [(String, JSONError.Problem)])
    func rejects(text: String, expected: JSONError.Problem) {
        #expect(problem(Array(text.utf8)) == expected)
    }

    @Test(
        "rejects bytes that are not UTF-8",
        arguments: [
            [0x80], [0xC0, 0xAF], [0xC1, 0xBF], [0xE0, 0x80, 0xAF], [0xED, 0xA0, 0x80],
            [0xF0, 0x80, 0x80, 0xAF], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF],
            [0xC3], [0xE2, 0x82], [0xC3, 0x28], [0xF0, 0x9F, 0x98],
        ] as [[UInt8]])
    func rejectsBadUTF8(bytes: [UInt8]) {
        #expect(problem([0x22] + bytes + [0x22]) == .badUTF8)
    }

    @Test("accepts the deepest text allowed and rejects one level more")
    func boundsDepth() {
        let depth = JSONText.maximumDepth
        let open = [UInt8](repeating: UInt8(ascii: "["), count: depth)
        let close = [UInt8](repeating: UInt8(ascii: "]"), count: depth)
        #expect(problem(open + close) == nil)
        #expect(problem([UInt8(ascii: "[")] + open + close + [UInt8(ascii: "]")]) == .tooDeep)
        #expect(problem([UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)) == .tooDeep)
    }

    @Test("finds members, the last of a repeated name, by escaped names too")
    func findsMembers() throws {
        let object = try parse(#"{"a":1,"b":{"c":[true]},"a":2.50,"\u0064":"x","n":null}"#)
        #expect(object["a"].map { Array($0.raw) } == Array("2.50".utf8))
        #expect(object["d"]?.string == "x")
        #expect(object["b"]?["c"]?.elements.map(\.bool) == [true])
        #expect(object["n"]?.unlessNull == nil)
        #expect(object["z"] == nil)
        #expect(object["a"]?["a"] == nil)
        #expect(object.members.map { $0.name.string } == ["a", "b", "a", "d", "n"])
        #expect(object.members(ignoringCase: "b").last != nil)
        #expect(try parse(#"{"X-Y":1}"#).members(ignoringCase: "x-y").last?.int == 1)
    }

    @Test(
        "resolves escapes, and replaces a surrogate without its partner",
        arguments: [
            (#""a\u00e9\n\/\"""#, "aé\n/\""), (#""\ud83d\ude00""#, "😀"),
            (#""\ud83dx""#, "\u{FFFD}x"),
            (#""\ude00\ud83d""#, "\u{FFFD}\u{FFFD}"), (#""\ud83d\u0041""#, "\u{FFFD}A"),
            (#""Zoë""#, "Zoë"),
        ])
    func unescapes(text: String, expected: String) throws {
        let value = try parse(text)
        #expect(value.string == expected)
        #expect(value.utf8 == Array(expected.utf8))
        #expect(value.equals(expected))
    }

    private func outline(_ text: String, depth: Int, maximumNodes: Int = 1000) throws -> JSONText {
        try JSONText(outlining: Array(text.utf8), depth: depth, maximumNodes: maximumNodes)
    }

    @Test("an outline has what is at most so deep, and the places of what is deeper")
    func outlines() throws {
        let text = #" {"a":{"b":{"c":[1,{}]},"d":2},"e":[[3],"f"],"g":"\u0068"} "#
        let outline = try outline(text, depth: 2)
        #expect(!outline.isCut)
        #expect(outline.bytes == Array(text.utf8))
        let root = outline.root
        #expect(root.members.map { $0.name.string } == ["a", "e", "g"])
        #expect(root["a"]?["d"]?.int == 2)
        #expect(root["a"]?["b"].map { String(decoding: $0.raw, as: UTF8.self) } == #"{"c":[1,{}]}"#)
        #expect(root["a"]?["b"]?["c"] == nil)
        #expect(root["e"]?.elements.map(\.kind) == [.array, .string])
        #expect(root["e"]?.element(at: 0)?.elements.isEmpty == true)
        #expect(root["g"]?.string == "h")
        #expect(try self.outline("[[1]]", depth: 0).root.elements.isEmpty)
    }

    @Test("an outline that is full ends there, and so does its text")
    func fullOutlines() throws {
        // An array, its first two elements, and no room for the third.
        let list = try outline("[1,[2,2],3,4]", depth: 1, maximumNodes: 3)
        #expect(list.isCut)
        #expect(
            list.root.elements.map { String(decoding: $0.raw, as: UTF8.self) } == ["1", "[2,2]"])
        #expect(String(decoding: list.bytes, as: UTF8.self) == "[1,[2,2],    ")
        // A name is there with its value or not at all, and nothing after what was left out.
        for (maximum, text) in [
            (1, #"{                      "#), (2, #"{                      "#),
            (3, #"{"a":{                 "#), (4, #"{"a":{                 "#),
            (5, #"{"a":{"b":1},          "#), (7, #"{"a":{"b":1},"c":2}"#),
        ] {
            let object = #"{"a":{"b":1},"c":2}"#
            let outline = try outline(object, depth: 2, maximumNodes: maximum)
            #expect(outline.isCut == (maximum < 7))
            #expect(
                String(decoding: outline.bytes, as: UTF8.self) == text.prefix(object.utf8.count))
            #expect(outline.root["c"]?.int == (maximum < 7 ? nil : 2))
            #expect(outline.root["a"]?["b"]?.int == (maximum < 5 ? nil : 1))
        }
        #expect(try outline("[1,[2,2],3,4]", depth: 1, maximumNodes: 5).isCut == false)
    }

    @Test("an outline refuses what the whole index refuses", arguments: ["[[1,]]", "[[]", "[] x"])
    func malformedOutlines(text: String) {
        #expect(throws: JSONError.self) { try outline(text, depth: 0, maximumNodes: 1) }
    }

    @Test("writes text that it reads back")
    func writes() throws {
        var writer = JSONWriter()
        writer.object { object in
            object.member("text", "a\"b\\c\n\u{1}é😀")
            object.member("count", -3)
            object.name("list")
            object.array { list in
                list.bool(true)
                list.null()
                list.object { _ in }
                list.raw(Array("1.10".utf8)[...])
            }
            object.member("last", raw: Array("[]".utf8)[...])
        }
        let expected =
            #"{"text":"a\"b\\c\n\u0001é😀","count":-3,"list":[true,null,{},1.10],"last":[]}"#
        #expect(writer.text == expected)
        #expect(try parse(writer.text)["text"]?.string == "a\"b\\c\n\u{1}é😀")
    }
}
