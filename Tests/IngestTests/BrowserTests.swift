import Formats
import TestSupport
import Testing

/// The headers that a library's call has, and a browser asks about before it.
private let asked: [(library: String, headers: String)] = [
    ("analytics.js", "authorization,content-type"),
    ("analytics.js, sent again", "authorization,content-type,x-retry-count"),
    ("analytics.js with headers of the page's own", "authorization,content-type,x-tenant"),
    ("analytics-react-native on the web", "content-type"),
    ("rudder-sdk-js", "anonymousid,authorization,content-type,sentat"),
    (
        "rudder-sdk-js, sent again",
        "anonymousid,authorization,content-type,rsa-recovered,rsa-retry-attempt,rsa-retry-reason,"
            + "rsa-since-first-attempt,rsa-since-last-attempt,sentat"
    ),
    ("a browser that writes blanks and capitals", "Authorization, Content-Type"),
]

@Suite("What browsers send")
struct BrowserTests {
    @Test("a library's headers pass the preflight on every front", arguments: asked)
    func preflight(library: String, headers: String) throws {
        let harness = try Harness()
        for path in ["/v1/t", "/v1/b", "/v1/track", "/v1/batch"] {
            var event = ProxyEvent(path)
            event.method = "OPTIONS"
            event.headers = [
                ("Origin", "https://shop.example"), ("Access-Control-Request-Method", "POST"),
                ("Access-Control-Request-Headers", headers),
            ]
            for front in Front.allCases {
                let reply = try harness.send(front.event(for: event))
                #expect(reply.status == 204)
                #expect(reply.body.isEmpty)
                #expect(Self.value(reply, "access-control-allow-origin") == "*")
                #expect(Self.list(reply, "access-control-allow-methods").contains("post"))
                let allowed = Self.list(reply, "access-control-allow-headers")
                #expect(allowed.isSuperset(of: Self.list(headers)), "\(front)")
            }
        }
    }

    @Test(
        "a preflight repeats nothing that is not a header's name",
        arguments: [
            "x-a, x b", "x-a,\"y\"", "x-a\r\nSet-Cookie: a=b", "x-ä", "", ",", "(x)",
            String(repeating: "x-long,", count: 1000),
        ])
    func strangePreflight(asked: String) throws {
        let harness = try Harness()
        var event = ProxyEvent("/v1/t")
        event.method = "OPTIONS"
        event.headers = [("Access-Control-Request-Headers", asked)]
        let reply = try harness.send(event)
        #expect(reply.status == 204)
        #expect(
            Self.value(reply, "access-control-allow-headers")
                == "authorization, content-type, x-retry-count")
    }

    @Test("sendBeacon's text, without any header of its own, is taken", arguments: Front.allCases)
    func beacon(front: Front) throws {
        let harness = try Harness()
        let call = #"{"event":"Left","anonymousId":"a","messageId":"m","writeKey":"wk_live_51xQ"}"#
        for (path, body) in [
            ("/v1/t", call), ("/v1/b", #"{"batch":[{"type":"track",\#(call.dropFirst())]}"#),
        ] {
            for isBase64 in [false, true] {
                var event = ProxyEvent(path, body)
                event.headers = [
                    ("Content-Type", "text/plain;charset=UTF-8"),
                    ("Origin", "https://shop.example"),
                ]
                event.isBase64 = isBase64
                let reply = try harness.send(front.event(for: event))
                #expect(reply.status == 200)
                #expect(Self.value(reply, "access-control-allow-origin") == "*")
            }
        }
        #expect(harness.messages.count == 4)
        #expect(harness.messages.allSatisfy { $0.text.contains(#""event":"Left""#) })
        #expect(!harness.messages.contains { $0.text.contains("wk_live") })
    }

    /// Base64 of this has both letters in which the alphabets differ, and padding.
    private static let pixelCall =
        #"{"event":"Opened >>>","userId":"u","messageId":"m","properties":{"a":"~~~ ??? ÿÿÿ"},"#
        + #""writeKey":"wk_live_51xQ"}"#

    @Test("the pixel's data is read however its Base64 is written", arguments: Front.allCases)
    func pixel(front: Front) throws {
        let standard = String(decoding: Base64.encode(Array(Self.pixelCall.utf8)), as: UTF8.self)
        try #require(standard.contains("+") && standard.contains("/") && standard.hasSuffix("="))
        let unpadded = standard.replacing("=", with: "")
        let urlSafe = standard.replacing("+", with: "-").replacing("/", with: "_")
        let forms = [
            standard, unpadded, urlSafe, urlSafe.replacing("=", with: ""),
            // Plus signs that nobody has encoded.
            standard.replacing("+", with: " "), unpadded.replacing("+", with: " "),
            Self.pixelCall,
        ]
        let harness = try Harness()
        for data in forms {
            var event = ProxyEvent("/v1/pixel/track")
            event.method = "GET"
            event.query = [("data", data)]
            event.headers = [("Accept", "image/avif,image/webp,*/*"), ("Sec-Fetch-Dest", "image")]
            let reply = try harness.send(front.event(for: event))
            #expect(reply.status == 200)
            #expect(Self.value(reply, "content-type") == "image/gif")
            #expect(reply.body.starts(with: Array("GIF89a".utf8)))
        }
        #expect(harness.messages.count == forms.count)
        #expect(Set(harness.messages.map(\.text)).count == 1)
        #expect(harness.messages.first?.text.contains(#"{"a":"~~~ ??? ÿÿÿ"}"#) == true)
    }

    @Test("HEAD is answered as GET, without the body", arguments: Front.allCases)
    func head(front: Front) throws {
        let harness = try Harness()
        for path in ["/", "/health", "/v1/pixel/track"] {
            var event = ProxyEvent(path)
            event.method = "GET"
            let whole = try harness.send(front.event(for: event))
            event.method = "HEAD"
            let head = try harness.send(front.event(for: event))
            #expect(head.status == 200)
            #expect(head.body.isEmpty)
            #expect(!whole.body.isEmpty)
            #expect(Self.value(head, "content-type") == Self.value(whole, "content-type"))
        }
    }

    /// A header's value, in the shape of a reply that has one or several for each name.
    private static func value(_ reply: Harness.Reply, _ name: String) -> String? {
        let value = reply.headers.members(ignoringCase: name).last
        return value?.kind == .array ? value?.element(at: 0)?.string : value?.string
    }

    private static func list(_ reply: Harness.Reply, _ name: String) -> Set<String> {
        list(value(reply, name) ?? "")
    }

    private static func list(_ names: String) -> Set<String> {
        Set(names.lowercased().split { $0 == "," || $0 == " " }.map(String.init))
    }
}
