import Formats
import Testing

@Suite("JSON Pointers")
struct JSONPointerTests {
    /// The example document of RFC 6901, section 5.
    private static let document = #"""
        {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5,
         "k\"l": 6, " ": 7, "m~n": 8}
        """#

    private func value(_ pointer: String, in text: String) throws -> String? {
        let pointer = try #require(JSONPointer(pointer))
        let value = pointer.value(in: try JSONText(Array(text.utf8)).root)
        return value.map { String(decoding: $0.raw, as: UTF8.self) }
    }

    @Test(
        "the RFC's own examples, section 5",
        arguments: [
            ("", document), ("/foo", #"["bar", "baz"]"#), ("/foo/0", #""bar""#), ("/", "0"),
            ("/a~1b", "1"), ("/c%d", "2"), ("/e^f", "3"), ("/g|h", "4"), (#"/i\j"#, "5"),
            (#"/k"l"#, "6"), ("/ ", "7"), ("/m~0n", "8"),
        ])
    func examples(pointer: String, expected: String) throws {
        #expect(try value(pointer, in: Self.document) == expected)
    }

    @Test(
        "what is not there is not found",
        arguments: [
            "/bar", "/foo/2", "/foo/-", "/foo/00", "/foo/01", "/foo/+1", "/foo/1e0", "/foo/ 0",
            "/foo/", "/foo/0/", "/foo/99999999999999999999", "//", "/a/b", "/FOO",
        ])
    func absent(pointer: String) throws {
        #expect(try value(pointer, in: Self.document) == nil)
    }

    @Test("~01 is ~1 and not a slash, as section 4 warns")
    func escapeOrder() throws {
        #expect(try value("/~01", in: #"{"~1":1,"/":2}"#) == "1")
        #expect(try value("/~1", in: #"{"~1":1,"/":2}"#) == "2")
        #expect(try value("/~10", in: #"{"/0":3}"#) == "3")
    }

    @Test("names are compared by their characters, whatever their escapes, and not normalised")
    func names() throws {
        #expect(try value("/é/x", in: #"{"\u00e9":{"x":1.10}}"#) == "1.10")
        #expect(try value("/e\u{301}", in: #"{"é":1}"#) == nil)
        // A slash and a combining accent are one character of Swift's.
        #expect(try value("/\u{301}a/b", in: "{\"\u{301}a\":{\"b\":2}}") == "2")
        #expect(try value("/0", in: #"{"0":"zero"}"#) == #""zero""#)
        #expect(try value("/a", in: #"{"a":1,"a":2}"#) == "2")
        #expect(try value("/a/b", in: #"{"a":null}"#) == nil)
        #expect(try value("/a", in: #"{"a":null}"#) == "null")
        #expect(try value("", in: "7") == "7")
    }

    @Test(
        "anything else is not a pointer",
        arguments: ["a", "a/b", "#/a", "$.a", " /a", "/~", "/a~", "/~2", "/a~/b", "/~~0"])
    func malformed(text: String) {
        #expect(JSONPointer(text) == nil)
    }

    @Test("a long array is walked no further than it goes")
    func bounds() throws {
        let text = "[" + Array(repeating: "0", count: 999).joined(separator: ",") + ",1]"
        #expect(try value("/999", in: text) == "1")
        #expect(try value("/1000", in: text) == nil)
        #expect(try value("/9223372036854775807", in: text) == nil)
    }
}
