import Formats
import Testing

/// Texts of pieces that meet at every distance from the ends of words of eight bytes.
private struct Pieces {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    private mutating func next(_ count: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % count
    }

    /// The content of a JSON string; `broken` pieces are no part of one.
    mutating func content(broken: Bool) -> String {
        let whole = [
            "a", "bcd", "0123456789abcdef", String(repeating: "long ", count: 50), #"\""#, #"\\"#,
            #"\/"#, #"\n"#, #"\t"#, #"\u0041"#,
            #"\u00e9"#, #"\uD83D\uDE00"#, #"\ud83d"#, #"\ude00"#, "é", "€", "😀", "\u{7F}", "{\\\"",
        ]
        let others = [#"\x"#, #"\u12g4"#, #"\uD83D\uDEZZ"#, "\u{1}", "\n", #"\u12"#]
        var text = ""
        for _ in 0..<next(12) { text += whole[next(whole.count)] }
        if broken { text += others[next(others.count)] }
        for _ in 0..<next(4) { text += whole[next(whole.count)] }
        return text
    }
}

@Suite("Strings that are unescaped while they are checked")
struct UnescapingTests {
    private func parse(_ text: String, unescaping: String?) throws(JSONError) -> JSONValue {
        try JSONText(Array(text.utf8), unescaping: unescaping).root
    }

    @Test("have the characters that they have otherwise", arguments: 0..<400)
    func same(seed: Int) throws {
        var pieces = Pieces(seed: UInt64(seed))
        let text =
            #"{"a":"\#(pieces.content(broken: false))","body":"\#(pieces.content(broken: false))","z":1}"#
        let value = try #require(try parse(text, unescaping: "body")["body"])
        let other = try #require(try parse(text, unescaping: nil)["body"])
        #expect(value.utf8 == other.utf8)
        #expect(value.string == other.string)
        #expect(value.raw.elementsEqual(other.raw))
        #expect(value.equals(try #require(other.string)))
    }

    @Test("are refused for what they are refused for otherwise", arguments: 0..<400)
    func sameProblem(seed: Int) {
        var pieces = Pieces(seed: UInt64(seed))
        let text = #"{"body":"\#(pieces.content(broken: true))","z":1}"#
        #expect(problem(text, unescaping: "body") == problem(text, unescaping: nil))
        // Cut anywhere, it ends early.
        let end = text.utf8.index(text.utf8.startIndex, offsetBy: seed % text.utf8.count)
        let cut = String(decoding: text.utf8[..<end], as: UTF8.self)
        #expect(problem(cut, unescaping: "body") == problem(cut, unescaping: nil))
    }

    private func problem(_ text: String, unescaping: String?) -> JSONError? {
        do throws(JSONError) {
            _ = try parse(text, unescaping: unescaping)
            return nil
        } catch {
            return error
        }
    }

    @Test("are the members of the root alone, the last of a repeated name, and no names")
    func which() throws {
        let text = #"{"n":{"body":"\u0061"},"body":"\u0062","x":["body","\u0063"],"body":"\u0064"}"#
        let root = try parse(text, unescaping: "body")
        #expect(root["n"]?["body"]?.string == "a")
        #expect(root["body"]?.string == "d")
        #expect(root["x"]?.element(at: 1)?.string == "c")
        #expect(root.members.map { $0.value.string ?? "" } == ["", "b", "", "d"])
        #expect(try parse(#"["body","\u0063"]"#, unescaping: "body").element(at: 1)?.string == "c")
        #expect(try parse(#"{"b\u006fdy":"\u0065"}"#, unescaping: "body")["body"]?.string == "e")
    }

    @Test("keep bytes that are not UTF-8, if those are to be kept")
    func malformed() throws {
        let bytes = Array(#"{"body":"\"caf"#.utf8) + [0xE9] + Array(#"\"","z":1}"#.utf8)
        do throws(JSONError) {
            _ = try JSONText(bytes, unescaping: "body")
            Issue.record("it was read")
        } catch {
            #expect(error.problem == .badUTF8)
            #expect(error.offset == 14)
        }
        let text = try JSONText(bytes, malformedUTF8: .kept, unescaping: "body")
        #expect(
            text.root["body"]?.utf8 == Array(#""caf"#.utf8) + [0xE9] + Array(#"""#.utf8))
    }
}

@Suite("Bytes, several at once")
struct WordTests {
    private func isPrintableASCII(_ bytes: [UInt8]) -> Bool { bytes.span.isPrintableASCII }
    private func hasSpaceOrControl(_ bytes: [UInt8]) -> Bool { bytes.span.hasSpaceOrControl }
    private func name(_ bytes: [UInt8]) -> ShortName? { ShortName(bytes.span) }

    @Test("printable ASCII is told from the rest, wherever the odd byte stands", arguments: 1..<20)
    func ascii(count: Int) {
        let plain = [UInt8](repeating: UInt8(ascii: "~"), count: count)
        #expect(isPrintableASCII(plain))
        #expect(!hasSpaceOrControl(plain))
        for place in 0..<count {
            for byte: UInt8 in [0x00, 0x1F, 0x7F, 0x80, 0xFF] {
                var odd = plain
                odd[place] = byte
                #expect(!isPrintableASCII(odd))
                #expect(hasSpaceOrControl(odd) == (byte <= 0x20))
            }
            var spaced = plain
            spaced[place] = 0x20
            #expect(isPrintableASCII(spaced))
            #expect(hasSpaceOrControl(spaced))
        }
        #expect(isPrintableASCII([UInt8]()))
        #expect(!hasSpaceOrControl([UInt8]()))
    }

    @Test("short names are equal if all of their bytes are", arguments: 0...24)
    func names(count: Int) throws {
        let bytes = (0..<count).map { UInt8(ascii: "a") + UInt8($0) }
        let short = try #require(name(bytes))
        #expect(short == name(bytes))
        for place in 0..<count {
            var other = bytes
            other[place] = UInt8(ascii: "_")
            #expect(short != name(other))
        }
        #expect(short != name(bytes + [0]))
        let long = [UInt8](repeating: 0, count: 25)
        #expect(name(long) == nil)
    }

    @Test(
        "numbers are written in decimal digits",
        arguments: [0, 7, 10, 99, 100, 2500, .max, -1, .min])
    func decimal(number: Int) {
        var bytes: [UInt8] = [0x3D]
        bytes.append(decimal: number)
        #expect(bytes == [0x3D] + Array(String(number).utf8))
    }

    @Test("every byte has its code in hex and in a form, alone and among others")
    func codes() {
        for byte in UInt8.min...UInt8.max {
            let bytes = [byte, UInt8(ascii: "a"), byte]
            let hex = String(byte, radix: 16)
            let digits = String(repeating: "0", count: 2 - hex.count) + hex
            let text = Hex.encode(bytes.span)
            #expect(text == digits + "61" + digits)
            var form: [UInt8] = []
            PercentEncoding.append(bytes.span, to: &form)
            let decoded = PercentEncoding.decode(form.span, plusIsSpace: true)
            #expect(decoded == bytes)
            #expect([3, 5, 7].contains(form.count))
        }
    }
}
