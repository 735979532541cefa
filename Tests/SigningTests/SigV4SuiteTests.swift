import Formats
import Signing
import Testing

/// Source: aws-c-auth, `tests/aws-signing-test-suite/v4`.
@Suite("SigV4: the published suite")
struct SigV4SuiteTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        var method = "GET"
        var path = "/"
        var query = ""
        var headers: [[String]] = []
        var body = ""
        var token: String?
        var rule = SigV4Request.PathRule.normalised
        let signature: String

        var testDescription: String { name }

        static func form(contentType: String, signature: String) -> Case {
            Case(
                name: "POST with \(contentType)", method: "POST",
                headers: [
                    ["Content-Type", contentType], ["Content-Length", "13"],
                    [
                        "X-Amz-Content-Sha256",
                        "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e",
                    ],
                ],
                body: "Param1=value1", signature: signature)
        }

        func sign(with signer: inout SigV4) -> SigV4Signature {
            signer.sign(
                SigV4Request(
                    method: method, path: path, query: query,
                    headers: [HTTPField("Host", "example.amazonaws.com")]
                        + headers.map { HTTPField($0[0], $0[1]) },
                    payloadHash: SHA256.digest(Array(body.utf8)), pathRule: rule),
                region: "us-east-1", service: "service",
                credentials: Credentials(
                    accessKeyID: "AKIDEXAMPLE",
                    secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                    sessionToken: token),
                at: Timestamp(milliseconds: 1_440_938_160_000))
        }
    }

    static let cases = [
        Case(
            name: "get-vanilla",
            signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        Case(
            name: "no path", path: "",
            signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        Case(
            name: "/example/..", path: "/example/..",
            signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        Case(
            name: "/./", path: "/./",
            signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        Case(
            name: "//", path: "//",
            signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        Case(
            name: "post-vanilla", method: "POST",
            signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        Case(
            name: "header duplicates",
            headers: [
                ["My-Header1", "value2"], ["My-Header1", "value2"], ["My-Header1", "value1"],
            ],
            signature: "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"),
        Case(
            name: "header order kept",
            headers: [
                ["My-Header1", "value4"], ["My-Header1", "value1"], ["My-Header1", "value3"],
                ["My-Header1", "value2"],
            ],
            signature: "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"),
        Case(
            name: "header trim",
            headers: [["My-Header1", " value1"], ["My-Header2", "  \"a   b   c\" "]],
            signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"),
        Case(
            name: "folded header", headers: [["My-Header1", "value1\n  value2\r\n     value3"]],
            signature: "cfd34249e4b1c8d6b91ef74165d41a32e5fab3306300901bb65a51a73575eefd"),
        Case(
            name: "POST My-Header1:value1", method: "POST", headers: [["My-Header1", "value1"]],
            signature: "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"),
        Case(
            name: "POST My-Header1:VALUE1", method: "POST", headers: [["My-Header1", "VALUE1"]],
            signature: "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"),
        Case(
            name: "//example// normalised", path: "//example//",
            signature: "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"),
        Case(
            name: "//example// kept", path: "//example//", rule: .verbatim,
            signature: "87cca117541a147f6df867677d98a7d80dff226d2bfca9e4ffa899665623c7e5"),
        Case(
            name: "a space in the path", path: "/example space/",
            signature: "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"),
        Case(
            name: "UTF-8 in the path", path: "/ሴ",
            signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"),
        Case(
            name: "an encoded path is encoded again", path: "/a%20b",
            signature: "08c33fd523b5dc18699a2c38863929f12203a282c033d442d45b59a096458aa6"),
        Case(
            name: "UTF-8 in the query", query: "ሴ=bar",
            signature: "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"),
        Case(
            name: "query sorted", query: "Param2=value2&Param1=value1",
            signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
        Case(
            name: "query sorted by encoded name",
            query: "Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
            signature: "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac"),
        Case(
            name: "POST with a query", method: "POST", query: "Param1=value1",
            signature: "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"),
        Case(
            name: "session token",
            token: "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267",
            signature: "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8"),
        .form(
            contentType: "application/x-www-form-urlencoded",
            signature: "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b"),
        .form(
            contentType: "application/x-www-form-urlencoded; charset=utf-8",
            signature: "328d1b9eaadca9f5818ef05e8392801e091653bafec24fcab71e7344e7f51422"),
    ]

    @Test("every case has its published signature", arguments: cases)
    func published(vector: Case) {
        var signer = SigV4()
        let authorization = vector.sign(with: &signer).authorization
        #expect(authorization.hasSuffix("Signature=\(vector.signature)"))
    }

    @Test("the headers to add are complete")
    func headers() {
        var signer = SigV4()
        let plain = Case(name: "", signature: "").sign(with: &signer).headers
        #expect(plain.map(\.name) == ["X-Amz-Date", "Authorization"])
        #expect(plain[0].value == "20150830T123600Z")
        #expect(
            plain[1].value == "AWS4-HMAC-SHA256 "
                + "Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                + "SignedHeaders=host;x-amz-date, Signature="
                + "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")
        let temporary = Case(name: "", token: "a/b+c==", signature: "").sign(with: &signer).headers
        #expect(temporary.map(\.name) == ["X-Amz-Date", "X-Amz-Security-Token", "Authorization"])
        #expect(temporary[1].value == "a/b+c==")
    }

    @Test(
        "what proxies and HTTP libraries rewrite is not signed",
        arguments: [
            "Connection", "Expect", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "TE",
            "Trailer", "Transfer-Encoding", "Upgrade", "User-Agent", "X-Amzn-Trace-Id",
        ])
    func unsigned(name: String) {
        var signer = SigV4()
        let plain = Case(name: "", signature: "").sign(with: &signer)
        let more = Case(name: "", headers: [[name, "x"]], signature: "").sign(with: &signer)
        #expect(plain.authorization == more.authorization)
    }

    @Test("headers of an earlier signature do not count when signing again")
    func signedAgain() {
        var signer = SigV4()
        let first = Case(name: "", token: "t", signature: "").sign(with: &signer)
        let again = Case(
            name: "", headers: first.headers.map { [$0.name, $0.value] }, token: "t", signature: ""
        ).sign(with: &signer)
        #expect(first.authorization == again.authorization)
    }
}
