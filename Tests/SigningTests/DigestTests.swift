import Formats
import Signing
import Testing

@Suite("Digests")
struct DigestTests {
    @Test(
        "SHA-256 follows FIPS 180-4",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (
                String(repeating: "a", count: 1_000_000),
                "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
            ),
        ])
    func sha256(text: String, digest: String) {
        #expect(hex(SHA256.digest(Array(text.utf8))) == digest)
    }

    @Test(
        "SHA-1 follows FIPS 180-4",
        arguments: [
            ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
            ),
            (
                String(repeating: "a", count: 1_000_000),
                "34aa973cd4c4daa4f61eeb2bdbad27316534016f"
            ),
        ])
    func sha1(text: String, digest: String) {
        #expect(hex(SHA1.digest(Array(text.utf8))) == digest)
    }

    @Test("a slice's digest is that of its bytes alone")
    func slices() {
        let bytes = Array("xxabcxx".utf8)
        #expect(hex(SHA256.digest(bytes[2..<5])) == hex(SHA256.digest(Array("abc".utf8))))
        #expect(hex(SHA1.digest(bytes[2..<5])) == hex(SHA1.digest(Array("abc".utf8))))
        let key = Array("key".utf8)
        #expect(
            hex(HMAC.sha256(key: key, message: bytes[2..<5]))
                == hex(HMAC.sha256(key: key, message: Array("abc".utf8))))
    }

    @Test("HMAC-SHA-256 follows RFC 4231", arguments: HMACVector.rfc4231)
    func hmacSHA256(vector: HMACVector) {
        #expect(hex(HMAC.sha256(key: vector.key, message: vector.message)) == vector.code)
    }

    @Test("HMAC-SHA-1 follows RFC 2202", arguments: HMACVector.rfc2202)
    func hmacSHA1(vector: HMACVector) {
        #expect(hex(HMAC.sha1(key: vector.key, message: vector.message)) == vector.code)
    }

    @Test("HMAC-SHA-512 follows RFC 4231", arguments: HMACVector.rfc4231SHA512)
    func hmacSHA512(vector: HMACVector) {
        #expect(hex(HMAC.sha512(key: vector.key, message: vector.message)) == vector.code)
        #expect(hex(HMAC.sha512(key: vector.key, message: vector.message[...])) == vector.code)
    }

    @Test("an empty key and an empty message have a code")
    func emptyHMAC() {
        #expect(
            hex(HMAC.sha256(key: [], message: [UInt8]()))
                == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
        #expect(
            hex(HMAC.sha1(key: [], message: [UInt8]()))
                == "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d")
    }

    @Test("constant-time comparison tells equal from different")
    func constantTime() {
        #expect(ConstantTime.equal([], []))
        #expect(ConstantTime.equal([1, 2, 3], [1, 2, 3]))
        #expect(!ConstantTime.equal([1, 2, 3], [1, 2, 4]))
        #expect(!ConstantTime.equal([1, 2, 3], [0, 2, 3]))
        #expect(!ConstantTime.equal([1, 2, 3], [1, 2]))
        #expect(!ConstantTime.equal([], [0]))
    }

    @Test("a named UUID follows RFC 9562, appendix A.4")
    func uuid() throws {
        let dns = try #require(Hex.decode("6ba7b8109dad11d180b400c04fd430c8".utf8))
        let namespace = [16 of UInt8] { dns[$0] }
        #expect(
            UUID(namespace: namespace, name: "www.example.com".utf8).text
                == "2ed6657d-e927-568b-95e1-2665a8aea6a2")
    }
}

struct HMACVector: Sendable {
    let key: [UInt8]
    let message: [UInt8]
    let code: String

    init(_ key: [UInt8], _ message: [UInt8], _ code: String) {
        (self.key, self.message, self.code) = (key, message, code)
    }

    init(_ key: String, _ message: String, _ code: String) {
        self.init(Array(key.utf8), Array(message.utf8), code)
    }

    private static func of(_ byte: UInt8, _ count: Int) -> [UInt8] {
        [UInt8](repeating: byte, count: count)
    }

    private static let countingKey = (1...25).map { UInt8($0) }
    private static let largeKey = Array(
        "Test Using Larger Than Block-Size Key - Hash Key First".utf8)

    static let rfc4231 = [
        HMACVector(
            of(0x0b, 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        HMACVector(
            "Jefe", "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        HMACVector(
            of(0xaa, 20), of(0xdd, 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
        HMACVector(
            countingKey, of(0xcd, 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
        HMACVector(
            of(0xaa, 131), largeKey,
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
        HMACVector(
            of(0xaa, 131),
            Array(
                ("This is a test using a larger than block-size key and a larger than block-size "
                    + "data. The key needs to be hashed before being used by the HMAC algorithm.")
                    .utf8),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
    ]

    static let rfc4231SHA512 = [
        HMACVector(
            of(0x0b, 20), Array("Hi There".utf8),
            "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
                + "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"),
        HMACVector(
            "Jefe", "what do ya want for nothing?",
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
                + "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"),
        HMACVector(
            of(0xaa, 20), of(0xdd, 50),
            "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
                + "bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb"),
        HMACVector(
            countingKey, of(0xcd, 50),
            "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3db"
                + "a91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd"),
        HMACVector(
            of(0xaa, 131), largeKey,
            "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
                + "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"),
    ]

    static let rfc2202 = [
        HMACVector(
            of(0x0b, 20), Array("Hi There".utf8), "b617318655057264e28bc0b6fb378c8ef146be00"),
        HMACVector(
            "Jefe", "what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
        HMACVector(of(0xaa, 20), of(0xdd, 50), "125d7342b9ac11cd91a39af48aa17b4f63f175d3"),
        HMACVector(countingKey, of(0xcd, 50), "4c9007f4026250c6bc8414f9bf50c86c2d7235da"),
        HMACVector(
            of(0x0c, 20), Array("Test With Truncation".utf8),
            "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04"),
        HMACVector(of(0xaa, 80), largeKey, "aa4ae5e15272d00e95705637ce8a3b55ed402112"),
        HMACVector(
            of(0xaa, 80),
            Array("Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data".utf8),
            "e8e99d0f45237d786d6bbaa7965c7808bbff1a91"),
    ]
}

func hex(_ digest: [32 of UInt8]) -> String { Hex.encode(digest.indices.map { digest[$0] }) }

func hex(_ digest: [20 of UInt8]) -> String { Hex.encode(digest.indices.map { digest[$0] }) }

func hex(_ digest: [64 of UInt8]) -> String { Hex.encode(digest.indices.map { digest[$0] }) }
