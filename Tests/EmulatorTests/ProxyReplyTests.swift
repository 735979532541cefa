import Formats
import LocalServer
import Testing

@testable import emulator

@Suite("Proxy replies")
struct ProxyReplyTests {
    private func response(
        _ text: String, binaryTypes: [String] = [], accept: String? = nil
    ) -> LocalResponse? {
        ProxyReply.response(
            from: Array(text.utf8), binaryTypes: BinaryTypes(binaryTypes), accept: accept)
    }

    @Test(
        "malformed ones are refused",
        arguments: [
            "", "null", "[]", #""text""#, "{}", #"{"statusCode":"abc"}"#, #"{"statusCode":200.5}"#,
            #"{"statusCode":99}"#, #"{"statusCode":200,"cookies":[]}"#,
            #"{"statusCode":200,"body":{}}"#, #"{"statusCode":200,"body":7}"#,
            #"{"statusCode":200,"headers":{"a":{}}}"#, #"{"statusCode":200,"headers":[]}"#,
            #"{"statusCode":200,"headers":{"a":null}}"#,
            #"{"statusCode":200,"multiValueHeaders":{"a":"b"}}"#,
            #"{"statusCode":200,"isBase64Encoded":"true"}"#, #"{"statusCode":200"#,
        ])
    func malformed(text: String) {
        #expect(response(text)?.status == nil)
    }

    @Test("status may be text; null maps and bodies are empty; the type defaults to JSON")
    func minimal() {
        let reply = response(
            #"{"statusCode":"201","headers":null,"multiValueHeaders":null,"body":null}"#)
        #expect(reply?.status == 201)
        #expect(reply?.body.isEmpty == true)
        #expect(reply?.headers.map(\.name) == ["Content-Type"])
        #expect(reply?.header("content-type") == "application/json")
    }

    @Test("headers of both maps are merged, the multi-value ones win, some are renamed")
    func headers() {
        let reply = response(
            #"""
            {"statusCode":200,"headers":{"X-A":"1","x-b":2,"X-C":true,"WWW-Authenticate":"Basic"},
             "multiValueHeaders":{"Set-Cookie":["a=1","b=2"],"x-a":["3"]}}
            """#)
        #expect(
            reply?.headers.map { "\($0.name)=\($0.value)" } == [
                "Set-Cookie=a=1", "Set-Cookie=b=2", "x-a=3", "x-b=2", "X-C=true",
                "x-amzn-Remapped-WWW-Authenticate=Basic", "Content-Type=application/json",
            ])
    }

    @Test("Base64 is decoded when the response's type or the request's Accept is binary")
    func base64() {
        let text =
            #"{"statusCode":200,"headers":{"content-type":"image/gif"},"body":"R0lG","isBase64Encoded":true}"#
        #expect(response(text)?.text == "R0lG")
        #expect(response(text, binaryTypes: ["image/gif"])?.text == "GIF")
        #expect(response(text, binaryTypes: ["*/*"])?.text == "GIF")
        #expect(response(text, binaryTypes: ["a/b"], accept: "a/b,c/d")?.text == "GIF")
        #expect(response(text, binaryTypes: ["c/d"], accept: "a/b,c/d")?.text == "R0lG")
        let bad = #"{"statusCode":200,"body":"!","isBase64Encoded":true}"#
        #expect(response(bad, binaryTypes: ["*/*"])?.status == nil)
    }
}
