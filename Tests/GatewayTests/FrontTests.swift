import Formats
import Gateway
import Testing

/// An HTTP API's event, in payload format 2.0 and 1.0.
private func events(
    stage: String, path: String, route: String = "$default", more: String = "",
    domain: String = "x.execute-api.eu-west-1.amazonaws.com"
) -> [String] {
    let resource = route.split(separator: " ").last.map(String.init) ?? route
    let context = #""stage":"\#(stage)","domainName":"\#(domain)""#
    return [
        #"{"version":"2.0","routeKey":"\#(route)","rawPath":"\#(path)",\#(more)"#
            + #""requestContext":{\#(context),"http":{"method":"POST","path":"\#(path)"}}}"#,
        #"{"version":"1.0","resource":"\#(resource)","path":"\#(path)",\#(more)"#
            + #""httpMethod":"POST","requestContext":{\#(context),"path":"\#(path)"}}"#,
    ]
}

private func request(_ event: [UInt8]) throws -> Request { try Request(event: event) }
private func request(_ event: String) throws -> Request { try request(Array(event.utf8)) }

@Suite("What fronts put before a path")
struct PathTests {
    @Test("a stage is taken off once, whatever its name")
    func stage() throws {
        for event in events(stage: "v1", path: "/v1/v1/track")
            + events(stage: "prod", path: "/prod/v1/track")
            + events(stage: "webhook", path: "/webhook/v1/track")
        {
            #expect(try request(event).path == ["v1", "track"])
        }
    }

    @Test("where a stage may be a part of the path, that is read both ways")
    func ambiguous() throws {
        for event in events(stage: "v1", path: "/v1/track") {
            let request = try request(event)
            #expect(([request.path] + request.otherPaths).contains(["v1", "track"]))
            #expect(([request.path] + request.otherPaths).contains(["track"]))
        }
    }

    @Test("a stage's root is less likely meant than a route of the stage's name")
    func root() throws {
        for event in events(stage: "health", path: "/health") {
            #expect(try request(event).path == ["health"])
        }
    }

    @Test("a domain of one's own has no stage in its paths")
    func ownDomain() throws {
        for event in events(
            stage: "webhook", path: "/webhook/v1/token", domain: "events.example.com")
        {
            #expect(try request(event).path == ["webhook", "v1", "token"])
        }
    }

    @Test("where a route's template stands, it tells what is the path")
    func template() throws {
        for event in events(
            stage: "webhook", path: "/webhook/v1/token", route: "POST /webhook/v1/{token}")
            + events(
                stage: "webhook", path: "/webhook/webhook/v1/token",
                route: "POST /webhook/v1/{token}")
            + events(
                stage: "prod", path: "/shop/webhook/v1/token", route: "ANY /{proxy+}",
                more: #""pathParameters":{"proxy":"webhook/v1/token"},"#)
        {
            #expect(try request(event).path == ["webhook", "v1", "token"])
        }
    }

    @Test("an HTTP API's path is decoded already, and a stage is found in it all the same")
    func decoded() throws {
        for event in events(stage: "v1", path: "/v1/webhook/v1/a%41 b") {
            #expect(try request(event).path == ["webhook", "v1", "a%41 b"])
        }
    }

    @Test("a REST API's stage is not in its path, and may be what was meant as its beginning")
    func rest() throws {
        let request = try request(
            #"{"resource":"/{proxy+}","path":"/track","httpMethod":"POST","pathParameters":{"proxy":"track"},"#
                + #""requestContext":{"stage":"v1","path":"/v1/track"}}"#)
        #expect(request.path == ["track"])
        #expect(request.otherPaths.contains(["v1", "track"]))
    }

    @Test("a base path of a domain of one's own may have a route's name")
    func basePath() throws {
        let mapped =
            #"{"resource":"/{proxy+}","path":"/v1/v1/track","httpMethod":"POST","pathParameters":{"proxy":"v1/track"}}"#
        #expect(try request(mapped).path == ["v1", "track"])
    }
}

@Suite("Whence a request came")
struct SourceTests {
    private func balanced(_ header: String) throws -> String? {
        try request(
            #"{"requestContext":{"elb":{}},"httpMethod":"GET","path":"/","headers":{"x-forwarded-for":"\#(header)"}}"#
        ).sourceIP
    }

    @Test(
        "the address a load balancer saw, with or without port, brackets and blanks",
        arguments: [
            ("203.0.113.9", "203.0.113.9"), ("203.0.113.9:4711", "203.0.113.9"),
            (" 203.0.113.9 ", "203.0.113.9"), (#"\t203.0.113.9:1\t"#, "203.0.113.9"),
            ("[2001:db8::1]:443", "2001:db8::1"), ("[2001:db8::1]", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"), ("2001:db8::1:443", "2001:db8::1:443"),
            ("10.0.0.1:1, [2001:db8::2]:2", "2001:db8::2"), ("10.0.0.1,203.0.113.9", "203.0.113.9"),
            ("x, 203.0.113.9", "203.0.113.9"),
        ])
    func address(header: String, address: String) throws {
        #expect(try balanced(header) == address)
    }

    @Test(
        "anything else is no address, and what stands before it is only the client's word",
        arguments: [
            "", " ", "unknown", "203.0.113.9, ", "203.0.113.9,x", "203.0.113.9:", ":443",
            "203.0.113.9:123456", "203.0.113.9:4a", "[203.0.113.9", "[]:443", "2001:db8::1]:443",
            "1.2.3.4 5.6.7.8",
        ])
    func noAddress(header: String) throws {
        #expect(try balanced(header) == nil)
    }

    @Test("every front's address is read alike")
    func everyFront() throws {
        for event in [
            #"{"httpMethod":"GET","path":"/","requestContext":{"identity":{"sourceIp":" [2001:db8::1]:443"}}}"#,
            #"{"version":"2.0","rawPath":"/","requestContext":{"http":{"method":"GET","sourceIp":"[2001:db8::1]"}}}"#,
        ] {
            #expect(try request(event).sourceIP == "2001:db8::1")
        }
    }
}

@Suite("Bytes that are not UTF-8")
struct MalformedTextTests {
    private func event(_ header: [UInt8], path: [UInt8] = [], body: [UInt8] = []) -> [UInt8] {
        Array(#"{"httpMethod":"POST","path":"/v1/track"#.utf8) + path
            + Array(#"","headers":{"Authorization":"Basic eA==","X-Name":""#.utf8) + header
            + Array(#""},"body":""#.utf8) + body + Array(#""}"#.utf8)
    }

    @Test(
        "one header does not cost the call",
        arguments: [
            [0xE9], [0xFF, 0xFE], [0xC3], [0xED, 0xA0, 0x80], [0xC0, 0xAF],
            [0xF5, 0x80, 0x80, 0x80],
        ] as [[UInt8]])
    func header(bytes: [UInt8]) throws {
        let request = try request(event(bytes))
        #expect(request.path == ["v1", "track"])
        #expect(request.headers["authorization"] == "Basic eA==")
        #expect(request.headers["x-name"]?.contains("\u{FFFD}") == true)
    }

    @Test("nor does a lone surrogate")
    func surrogate() throws {
        #expect(
            try request(event(Array(#"a\ud800b"#.utf8))).headers["x-name"] == "a\u{FFFD}b")
    }

    @Test("a body's bytes stay as they were sent, so that its signature can be checked")
    func body() throws {
        #expect(try request(event([], body: [0x61, 0xE9, 0x62])).body == [0x61, 0xE9, 0x62])
    }

    @Test("a path and a query are read with a mark for what cannot be")
    func path() throws {
        #expect(try request(event([], path: [0xFF])).path == ["v1", "track\u{FFFD}"])
        let query = try request(
            #"{"version":"2.0","rawPath":"/","rawQueryString":"a=%FF&b=1","requestContext":{"http":{"method":"GET"}}}"#
        ).query
        #expect(query.map(\.value) == ["\u{FFFD}", "1"])
    }

    @Test("an event that is no JSON for another reason is none")
    func notJSON() {
        #expect(throws: GatewayError.notARequest) { try request(event([0xFF]).dropLast()) }
        #expect(throws: GatewayError.notARequest) { try request(event([0xFF, 0x00])) }
    }

    private func request(_ event: ArraySlice<UInt8>) throws -> Request {
        try Request(event: Array(event))
    }

    private func request(_ event: [UInt8]) throws -> Request { try Request(event: event) }
    private func request(_ event: String) throws -> Request { try request(Array(event.utf8)) }
}
