import Signing
import Testing

@Suite("Signatures of Segment's webhooks")
struct XSignatureTests {
    static let first =
        #"{"messageId":"msg-0001","type":"track","event":"Order Shipped","userId":"u-42","#
        + #""properties":{"url":"https://shop.example/o/9","total":12.5}}"#
    static let second =
        #"{"messageId":"msg-0002","type":"identify","userId":"u-42","traits":{"name":"Zoë"}}"#
    let secret = Array("segment-shared-secret".utf8)

    @Test(
        "HMAC-SHA-1 gives what the sender gives",
        arguments: [
            (first, "c49c8c992521f86a521a1c7b822ff29494a8e3ed"),
            (second, "2e40bccdd1c3a41ada36e914d683a736e76e4359"),
            ("[\(first),\(second)]", "8ea532c408cf1a2dcdeeeaa176e74f4c73c05541"),
            (#"{ "a": 1 }"#, "a385d9a0c9b183e549a119ca1e89b8cde0358135"),
        ])
    func whole(body: String, signature: String) {
        #expect(hex(HMAC.sha1(key: secret, message: Array(body.utf8))) == signature)
    }

    @Test("the first element of a batch is verified where it stands")
    func firstElement() {
        let batch = Array("[\(Self.first),\(Self.second)]".utf8)
        #expect(batch.count == 226)
        let element = batch[1..<1 + Self.first.utf8.count]
        #expect(
            hex(HMAC.sha1(key: secret, message: element))
                == "c49c8c992521f86a521a1c7b822ff29494a8e3ed")
    }
}
