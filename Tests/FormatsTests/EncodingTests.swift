import Formats
import Testing

@Suite("Encodings")
struct EncodingTests {
    @Test(
        "Base64 follows RFC 4648, section 10",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"), ("ключ:", "0LrQu9GO0Yc6"),
        ])
    func base64(plain: String, encoded: String) {
        #expect(String(decoding: Base64.encode(Array(plain.utf8)), as: UTF8.self) == encoded)
        #expect(Base64.decode(encoded.utf8) == Array(plain.utf8))
        #expect(Base64.decode(encoded.filter { $0 != "=" }.utf8) == Array(plain.utf8))
    }

    @Test("Base64 reads both alphabets")
    func base64Alphabets() {
        #expect(Base64.decode("+/8=".utf8) == [0xFB, 0xFF])
        #expect(Base64.decode("-_8".utf8) == [0xFB, 0xFF])
    }

    @Test(
        "Base64 refuses what is not Base64",
        arguments: ["Z", "Zg=", "Zg===", "Z=g=", "Zm8==", "=", "Zm 9v", "Zm9v\n", "Zm9v=", "Zé=="])
    func base64Refuses(text: String) {
        #expect(Base64.decode(text.utf8) == nil)
    }

    @Test("hex reads both cases and refuses the rest")
    func hex() {
        #expect(Hex.encode([0, 0x9A, 0xFF]) == "009aff")
        #expect(Hex.decode("009AfF".utf8) == [0, 0x9A, 0xFF])
        #expect(Hex.decode("0".utf8) == nil)
        #expect(Hex.decode("0g".utf8) == nil)
    }

    @Test("percent-encoding keeps unreserved characters only")
    func percent() {
        let every = (0..<128).map { UInt8($0) }
        var out: [UInt8] = []
        PercentEncoding.append(every.span, space: .percent20, to: &out)
        let kept = every.filter { byte in out.contains(byte) && !"%".utf8.contains(byte) }
        #expect(
            String(decoding: kept, as: UTF8.self)
                == "-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~")
        #expect(PercentEncoding.encode("é &*+") == "%C3%A9%20%26%2A%2B")
        #expect(PercentEncoding.decode("a%20b+c%zz%4".utf8.span) == Array("a b+c%zz%4".utf8))
    }

    @Test("a query's pairs keep order, repeats and empty values")
    func pairs() {
        let pairs = PercentEncoding.pairs(Array("a=1&b&a=x%3Dy+z&=&c=".utf8))
        #expect(pairs.map { String(decoding: $0.name, as: UTF8.self) } == ["a", "b", "a", "", "c"])
        #expect(
            pairs.map { String(decoding: $0.value, as: UTF8.self) } == ["1", "", "x=y z", "", ""])
    }

    @Test("UUIDs carry version and variant")
    func uuid() {
        var generator = SystemRandomNumberGenerator()
        let text = Array(UUID(random: &generator).text.utf8)
        #expect(text.count == 36)
        #expect(text[14] == UInt8(ascii: "4"))
        #expect("89ab".utf8.contains(text[19]))
    }

    @Test(
        "networks contain their addresses",
        arguments: [
            ("203.0.113.0/24", "203.0.113.255", true), ("203.0.113.0/24", "203.0.114.0", false),
            ("203.0.113.9", "203.0.113.9", true), ("203.0.113.9/32", "203.0.113.8", false),
            ("0.0.0.0/0", "255.1.2.3", true), ("0.0.0.0/0", "::1", false),
            ("10.1.2.3/8", "10.255.0.1", true), ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("2001:db8::/32", "2001:db9::", false), ("::/0", "fe80::1", true),
            ("::1", "0:0:0:0:0:0:0:1", true), ("203.0.113.0/24", "::ffff:203.0.113.7", true),
            ("::ffff:203.0.113.7", "203.0.113.7", true),
            ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8", true),
        ])
    func networks(network: String, address: String, expected: Bool) throws {
        let network = try #require(IPNetwork(network))
        #expect(network.contains(try #require(IPAddress(address))) == expected)
    }

    @Test(
        "malformed networks are refused",
        arguments: [
            "", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4/33", "1.2.3.4/",
            "1.2.3.4/-1",
            "1.2.3.4/8/8", "::1::", "1:2:3:4:5:6:7", "12345::", "g::", "::1/129", "1.2.3.4 ",
            ":1::2:",
        ])
    func malformedNetworks(text: String) {
        #expect(IPNetwork(text) == nil)
    }
}

@Suite("Timestamps")
struct TimestampTests {
    @Test(
        "reads RFC 3339 with any fraction and offset",
        arguments: [
            ("2026-01-05T10:07:12.100Z", "2026-01-05T10:07:12.100Z"),
            ("2026-01-05T10:07:12Z", "2026-01-05T10:07:12.000Z"),
            ("2026-01-05T11:07:12.100+01:00", "2026-01-05T10:07:12.100Z"),
            ("2026-01-05T15:37:12.250119+05:30", "2026-01-05T10:07:12.250Z"),
            ("2026-01-05T10:07:12.999999999-00:00", "2026-01-05T10:07:12.999Z"),
            ("1969-12-31T23:59:59.9996Z", "1969-12-31T23:59:59.999Z"),
            ("2000-02-29T00:00:00z", "2000-02-29T00:00:00.000Z"),
            ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"),
            ("9999-12-31T23:59:60Z", nil), ("0000-01-01T00:00:00+00:01", nil),
        ] as [(String, String?)])
    func reads(text: String, expected: String?) throws {
        let timestamp = try #require(Timestamp(rfc3339: text.utf8))
        #expect(timestamp.rfc3339 == expected)
    }

    @Test(
        "refuses what is no instant",
        arguments: [
            "", "2015-2-02T00:00:00Z", "2026-01-05", "2026-01-05T10:07:12", "2026-13-05T10:07:12Z",
            "2026-02-29T10:07:12Z", "2026-01-05T24:00:00Z", "2026-01-05T10:07:12.Z",
            "2026-01-05T10:07:12+0100", "2026-01-05T10:07:12Zx", "x026-01-05T10:07:12Z",
            "2026-01-05T10:07:12+25:00",
        ])
    func refuses(text: String) {
        #expect(Timestamp(rfc3339: text.utf8) == nil)
    }

    @Test("writes the form of AWS signatures")
    func basic() {
        #expect(Timestamp(milliseconds: 1_773_480_413_120).basic == "20260314T092653Z")
        #expect(Timestamp(milliseconds: 1_440_938_160_000).basic == "20150830T123600Z")
    }

    @Test("every day of four centuries survives the round trip")
    func roundTrip() {
        for day in Int64(-719_468)..<(-719_468 + 146_097 * 2) {
            let timestamp = Timestamp(milliseconds: day * 86_400_000 + 1)
            guard let text = timestamp.rfc3339 else { continue }
            #expect(Timestamp(rfc3339: text.utf8) == timestamp)
        }
    }
}

@Suite("XML")
struct XMLTests {
    @Test("reads an AWS reply whatever its prefixes, order and white space")
    func reads() throws {
        let text = """
            <?xml version="1.0"?>
            <!-- c --><a:R xmlns:a='x'>
              <E/><a:Code n="1>">A&amp;B &lt;&gt;&quot;&apos; &#10;&#x1F600;</a:Code>
              <T><![CDATA[<raw>]]></T>
            </a:R>
            """
        let root = try XMLElement.parse(Array(text.utf8))
        #expect(root.name == "R")
        #expect(root["Code"]?.text == "A&B <>\"' \n😀")
        #expect(root["T"]?.text == "<raw>")
        #expect(root["E"]?.children.isEmpty == true)
        #expect(root["None"] == nil)
    }

    @Test(
        "refuses what is not XML, entities it does not know, and documents without an end",
        arguments: [
            "", "x", "<a>", "<a></b>", "<a>&nope;</a>", "<a/><b/>", "<a", "<a b></a>",
            "<a>&#xD800;</a>", "<a></ab>", "<ab></a>", "<a:b></b>", "<b></a:b>", "<a></>", "<a></a",
            "<a></a b>", "<></>",
            "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "502 Bad Gateway", "<a><!-- </a>",
        ])
    func refuses(text: String) {
        #expect(throws: XMLError.self) { try XMLElement.parse(Array(text.utf8)) }
    }

    @Test("an end may have white space behind its name, and a text may end at any place of a word")
    func ends() throws {
        for count in 0..<20 {
            let text = String(repeating: "x", count: count)
            let root = try XMLElement.parse(Array("<a:b-1>\(text)&amp;\(text)</a:b-1 \n>".utf8))
            #expect(root.name == "b-1")
            #expect(root.text == "\(text)&\(text)")
        }
    }

    @Test("bounds depth")
    func depth() {
        let text = String(repeating: "<a>", count: 100_000)
        #expect(throws: XMLError.tooDeep) { try XMLElement.parse(Array(text.utf8)) }
    }
}
