import Formats
import Gateway
import Testing

private func request(_ event: String) throws -> Request { try Request(event: Array(event.utf8)) }

private func error(_ event: String) -> GatewayError? {
    do throws(GatewayError) {
        _ = try Request(event: Array(event.utf8))
        return nil
    } catch {
        return error
    }
}

private let rest = #"""
    {"resource":"/v1/{call}","path":"/v1/track","httpMethod":"POST",
     "headers":{"Content-Type":"application/json","X-Repeated":"b","AUTHORIZATION":"Basic eA=="},
     "multiValueHeaders":{"Content-Type":["application/json"],"X-Repeated":["a","b"],"AUTHORIZATION":["Basic eA=="]},
     "queryStringParameters":{"tag":"b"},"multiValueQueryStringParameters":{"tag":["a","b c"]},
     "pathParameters":{"call":"track"},"stageVariables":null,
     "requestContext":{"resourcePath":"/v1/{call}","stage":"prod","path":"/prod/v1/track","requestId":"r-1",
       "identity":{"sourceIp":"198.51.100.7","userAgent":null},
       "authorizer":{"principalId":"p","partner":"web-app","integrationLatency":251}},
     "body":"{\"a\":\"é\\n\"}","isBase64Encoded":false}
    """#

private let http2 = #"""
    {"version":"2.0","routeKey":"POST /v1/track","rawPath":"/prod/v1/track","rawQueryString":"tag=a&tag=b%20c",
     "cookies":["s=1"],"headers":{"content-type":"application/json","x-repeated":"a,b"},
     "queryStringParameters":{"tag":"a,b c"},
     "requestContext":{"domainName":"x.execute-api.eu-west-1.amazonaws.com","requestId":"r-2","stage":"prod",
       "http":{"method":"POST","path":"/prod/v1/track","sourceIp":"198.51.100.7"},
       "authorizer":{"lambda":{"partner":"web-app"}}},
     "body":"eyJhIjoxfQ==","isBase64Encoded":true}
    """#

private let functionURL = #"""
    {"version":"2.0","routeKey":"$default","rawPath":"/v1/pixel/tr%61ck","rawQueryString":"",
     "headers":{"host":"x.lambda-url.eu-west-1.on.aws"},"pathParameters":null,
     "requestContext":{"accountId":"anonymous","domainName":"x.lambda-url.eu-west-1.on.aws","stage":"$default",
       "authentication":null,"authorizer":null,"requestId":"r-3",
       "http":{"method":"GET","path":"/v1/pixel/tr%61ck","sourceIp":"2001:db8::1"}},"isBase64Encoded":false}
    """#

private let balancer = #"""
    {"requestContext":{"elb":{"targetGroupArn":"arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/t/1"}},
     "httpMethod":"GET","path":"/v1/track","queryStringParameters":{"tag":"b%20c"},
     "headers":{"x-forwarded-for":"10.0.0.1, 198.51.100.7","accept":"*/*"},"body":"","isBase64Encoded":false}
    """#

@Suite("Requests")
struct RequestTests {
    @Test("a REST event")
    func readsREST() throws {
        let request = try request(rest)
        #expect(request.format == .rest)
        #expect(request.method == "POST")
        #expect(request.path == ["v1", "track"])
        #expect(request.headers["content-type"] == "application/json")
        #expect(request.headers["authorization"] == "Basic eA==")
        #expect(request.headers.values("x-repeated") == ["a", "b"])
        #expect(request.headers.values("none").isEmpty)
        #expect(request.query.map(\.value) == ["a", "b c"])
        #expect(request.sourceIP == "198.51.100.7")
        #expect(request.requestID == "r-1")
        #expect(request.authorizer?["partner"]?.string == "web-app")
        #expect(request.body == Array(#"{"a":"é\n"}"#.utf8))
    }

    @Test("an HTTP API event of payload format 2.0")
    func readsHTTP2() throws {
        let request = try request(http2)
        #expect(request.format == .http2)
        #expect(request.path == ["v1", "track"])
        #expect(request.query.map(\.value) == ["a", "b c"])
        #expect(request.sourceIP == "198.51.100.7")
        #expect(request.authorizer?["partner"]?.string == "web-app")
        #expect(request.body == Array(#"{"a":1}"#.utf8))
    }

    @Test("an HTTP API event of payload format 1.0 has its stage in the path")
    func readsHTTP1() throws {
        let event = rest.replacing(#"{"resource""#, with: #"{"version":"1.0","resource""#)
            .replacing(#""path":"/v1/track""#, with: #""path":"/prod/v1/track""#)
        let request = try request(event)
        #expect(request.format == .http1)
        #expect(request.path == ["v1", "track"])
    }

    @Test("a function URL's event keeps its path encoded and has no authorizer")
    func readsFunctionURL() throws {
        let request = try request(functionURL)
        #expect(request.format == .functionURL)
        #expect(request.path == ["v1", "pixel", "track"])
        #expect(request.sourceIP == "2001:db8::1")
        #expect(request.authorizer == nil)
        #expect(request.body.isEmpty)
    }

    @Test("a load balancer's event: undecoded query, and the address that the balancer saw")
    func readsBalancer() throws {
        let single = try request(balancer)
        #expect(single.format == .loadBalancer(multiValue: false))
        #expect(single.sourceIP == "198.51.100.7")
        #expect(single.query.map(\.value) == ["b c"])
        let multiple = try request(
            balancer.replacing(
                #""headers":{"x-forwarded-for":"10.0.0.1, 198.51.100.7","accept":"*/*"}"#,
                with: #""multiValueHeaders":{"x-forwarded-for":["10.0.0.1","198.51.100.8"]}"#))
        #expect(multiple.format == .loadBalancer(multiValue: true))
        #expect(multiple.sourceIP == "198.51.100.8")
    }

    @Test("maps may be null or absent, and so may nearly everything else")
    func sparse() throws {
        for event in [
            #"{"httpMethod":"get","path":"/","headers":null,"multiValueHeaders":null,"body":null,"queryStringParameters":null}"#,
            #"{"httpMethod":"GET","path":"/"}"#,
        ] {
            let request = try request(event)
            #expect(request.method == "GET")
            #expect(request.path.isEmpty)
            #expect(request.query.isEmpty)
            #expect(request.headers["accept"] == nil)
            #expect(request.sourceIP == nil)
        }
    }

    @Test(
        "stages, base paths, doubled and trailing slashes are not part of the path",
        arguments: [
            ("/shop/v1/track", #""resource":"/{proxy+}","pathParameters":{"proxy":"v1/track"}"#),
            ("/a/b/v1/track", #""resource":"/v1/track""#),
            ("/v1/track/", #""resource":"/{proxy+}""#),
            ("//v1//track", #""resource":null"#),
            ("/v1/%74rack", #""resource":"/{a}/{b}","pathParameters":{"a":"v1","b":"track"}"#),
        ])
    func prefixes(path: String, resource: String) throws {
        let request = try request(#"{"httpMethod":"POST","path":"\#(path)",\#(resource)}"#)
        #expect(request.path == ["v1", "track"])
    }

    @Test("a decoded path is not decoded again")
    func decodedOnce() throws {
        let event = http2.replacing(
            "/prod/v1/track\",\"rawQuery", with: "/prod/v1/a%41\",\"rawQuery")
        #expect(try request(event).path == ["v1", "a%41"])
    }

    @Test(
        "events that are no HTTP request",
        arguments: [
            "", "null", "[]", "{}", "\"x\"", "{", #"{"Records":[{"eventSource":"aws:sqs"}]}"#,
            #"{"version":"2.0"}"#, #"{"httpMethod":1,"path":"/"}"#, #"{"path":"/"}"#,
            #"{"type":"TOKEN","methodArn":"arn","httpMethod":"GET","path":"/"}"#,
            #"{"type":"REQUEST","methodArn":"arn","httpMethod":"GET","path":"/"}"#,
        ])
    func notRequests(event: String) {
        #expect(error(event) == .notARequest)
    }

    @Test(
        "a front's event without method or path is one that somebody has written wrongly",
        arguments: [
            #"{"version":"2.0","requestContext":{"http":{}}}"#,
            #"{"version":"2.0","rawPath":"/","requestContext":{"http":{"method":1}}}"#,
            #"{"httpMethod":"GET"}"#,
        ])
    func incomplete(event: String) {
        #expect(error(event) == .incomplete)
    }

    @Test("bodies that cannot be read")
    func unreadableBodies() throws {
        func isReadable(_ rest: String) throws -> Bool {
            try request(#"{"httpMethod":"POST","path":"/a","# + rest).isBodyReadable
        }
        #expect(try !isReadable(#""body":"*","isBase64Encoded":true}"#))
        #expect(try !isReadable(#""body":{"a":1}}"#))
        #expect(try isReadable(#""body":"*","isBase64Encoded":null}"#))
        #expect(try isReadable(#""body":"eA=\u003d","isBase64Encoded":true}"#))
    }
}

@Suite("Responses")
struct ResponseTests {
    private let response = Response.json(
        405, Array(#"{"a":"é"}"#.utf8), headers: [HTTPField("Allow", "GET")])

    private func encoded(_ format: GatewayFormat, _ response: Response) -> String {
        String(decoding: response.encoded(for: format), as: UTF8.self)
    }

    @Test("API Gateway and function URLs get no member that they do not know")
    func gateway() {
        for format in [GatewayFormat.rest, .http1, .http2, .functionURL] {
            #expect(
                encoded(format, response)
                    == #"{"statusCode":405,"headers":{"Content-Type":"application/json","Allow":"GET"},"#
                    + #""body":"{\"a\":\"é\"}","isBase64Encoded":false}"#)
        }
    }

    @Test("a load balancer gets a description, and headers in the mode that it is in")
    func balancer() {
        #expect(
            encoded(.loadBalancer(multiValue: false), response).hasPrefix(
                #"{"statusCode":405,"statusDescription":"405 Method Not Allowed","headers":{"Content-Type""#
            ))
        #expect(
            encoded(.loadBalancer(multiValue: true), response).contains(
                #""multiValueHeaders":{"Content-Type":["application/json"],"Allow":["GET"]}"#))
    }

    @Test("binary bodies are base64")
    func binary() {
        let gif = Response(status: 200, body: .binary([0xFF, 0xFE]))
        #expect(
            encoded(.rest, gif)
                == #"{"statusCode":200,"headers":{},"body":"//4=","isBase64Encoded":true}"#)
    }
}

@Suite("Authorizer events")
struct AuthorizerTests {
    private static let arn = "arn:aws:execute-api:eu-west-1:123456789012:a1b2/prod/POST/v1/segment"

    @Test(
        "every form of event names the ARN and the credentials",
        arguments: [
            (
                #"{"type":"TOKEN","methodArn":"ARN","authorizationToken":"Basic eDo="}"#,
                "Basic eDo=", false
            ),
            (#"{"type":"TOKEN","methodArn":"ARN","authorizationToken":""}"#, nil, false),
            (
                #"{"type":"REQUEST","methodArn":"ARN","httpMethod":"POST","path":"/","headers":{"authorization":"Basic eDo="}}"#,
                "Basic eDo=", false
            ),
            (
                #"{"version":"1.0","type":"REQUEST","methodArn":"ARN","identitySource":"Basic eDo=","headers":{"Authorization":"Basic eDo="}}"#,
                "Basic eDo=", false
            ),
            (
                #"{"version":"2.0","type":"REQUEST","routeArn":"ARN","identitySource":null,"headers":{"authorization":"Basic eDo="}}"#,
                "Basic eDo=", true
            ),
            (#"{"type":"REQUEST","methodArn":"ARN","headers":null}"#, nil, false),
        ] as [(String, String?, Bool)])
    func reads(event: String, authorization: String?, mayAnswerSimply: Bool) throws {
        let request = try #require(AuthorizerRequest(event: Array(event.utf8)))
        #expect(request.arn == "ARN")
        #expect(request.authorization == authorization)
        #expect(request.mayAnswerSimply == mayAnswerSimply)
    }

    @Test(
        "other events are none",
        arguments: [
            "", "{}", "null", #"{"type":"REQUEST"}"#, #"{"methodArn":"a"}"#,
            #"{"type":"X","methodArn":"a"}"#,
        ])
    func refuses(event: String) {
        #expect(AuthorizerRequest(event: Array(event.utf8)) == nil)
    }

    @Test("an allowing policy opens the stage of the API and nothing else")
    func allows() {
        let answer = AuthorizerAnswer(
            isAllowed: true, principal: "web-app", context: [NamedValue("partner", "web-app")])
        #expect(
            String(decoding: answer.policy(for: Self.arn), as: UTF8.self)
                == #"{"principalId":"web-app","policyDocument":{"Version":"2012-10-17","Statement":["#
                + #"{"Action":"execute-api:Invoke","Effect":"Allow","#
                + #""Resource":"arn:aws:execute-api:eu-west-1:123456789012:a1b2/prod/*"}]},"#
                + #""context":{"partner":"web-app"}}"#)
        #expect(
            String(decoding: answer.simple, as: UTF8.self)
                == #"{"isAuthorized":true,"context":{"partner":"web-app"}}"#)
    }

    @Test("a denying policy denies everything")
    func denies() {
        let answer = AuthorizerAnswer(isAllowed: false, principal: "unknown")
        #expect(
            String(decoding: answer.policy(for: Self.arn), as: UTF8.self)
                == #"{"principalId":"unknown","policyDocument":{"Version":"2012-10-17","Statement":["#
                + #"{"Action":"execute-api:Invoke","Effect":"Deny","Resource":"*"}]}}"#)
        #expect(String(decoding: answer.simple, as: UTF8.self) == #"{"isAuthorized":false}"#)
    }

    @Test("an ARN of another form opens only itself")
    func oddARN() {
        let answer = AuthorizerAnswer(isAllowed: true, principal: "p")
        #expect(
            String(decoding: answer.policy(for: "arn:odd"), as: UTF8.self)
                .contains(#""Resource":"arn:odd""#))
    }
}
