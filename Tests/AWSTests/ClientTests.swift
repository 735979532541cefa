import AWS
import Formats
import Platform
import Signing
import TestSupport
import Testing
import Transport

@Suite("Calls of the JSON protocol")
struct ClientTests {
    private static let body = Array(#"{"SecretId":"prod/authorizer/jwt-key"}"#.utf8)

    private func client(
        _ server: SocketServer, _ more: [String: String] = [:],
        waits: Recorder<Duration> = Recorder()
    ) -> AWSClient {
        var variables = ["AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": server.url]
        variables.merge(keys) { $1 }
        variables.merge(more) { $1 }
        let settings = AWSSettings(system(variables, random: 0.25, waits: waits))
        return AWSClient(settings, credentials: CredentialChain(settings))
    }

    private func call(
        _ client: AWSClient, within time: Duration = .seconds(600)
    ) throws -> JSONText {
        try client.call(
            .secretsManager, target: "secretsmanager.GetSecretValue", body: Self.body,
            within: client.system.budget(of: time))
    }

    private static func failure(_ code: String, _ status: Int = 400) -> SocketServer.Reply {
        .text(status, #"{"__type":"\#(code)","message":"no"}"#)
    }

    @Test("are signed for what is sent, and reuse their connection")
    func signed() throws {
        let server = try SocketServer { _ in .text(200, #"{"SecretString":"x"}"#) }
        let client = client(server, ["AWS_SESSION_TOKEN": "to+ken=="])
        #expect(try call(client).root["SecretString"]?.string == "x")
        _ = try call(client)
        let requests = server.requests
        #expect(requests.count == 2)
        #expect(server.connectionCount == 1)
        let request = try #require(requests.first)
        #expect(request.method == "POST")
        #expect(request.target == "/")
        #expect(request.body == Self.body)
        #expect(request["content-type"] == "application/x-amz-json-1.1")
        #expect(request["x-amz-target"] == "secretsmanager.GetSecretValue")
        #expect(request["x-amz-date"] == "20260314T092653Z")
        #expect(request["x-amz-security-token"] == "to+ken==")
        #expect(request["host"] == "127.0.0.1:\(server.port)")
        #expect(request["authorization"] == signature(of: request))
    }

    @Test("of the query protocol are signed forms, and their replies are XML")
    func query() throws {
        let body = "<DescribeStacksResponse><Name>a &amp; b</Name></DescribeStacksResponse>"
        let server = try SocketServer { _ in .text(200, body) }
        let client = client(server)
        let reply = try client.query(
            .cloudFormation, region: "eu-west-1", version: "2010-05-15", action: "DescribeStacks",
            [NamedValue("StackName", "a b&c=d+é")], within: client.system.budget(of: .seconds(60)))
        #expect(reply.name == "DescribeStacksResponse" && reply["Name"]?.text == "a & b")
        let request = try #require(server.requests.first)
        #expect(request["content-type"] == "application/x-www-form-urlencoded")
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == "Action=DescribeStacks&Version=2010-05-15&StackName=a%20b%26c%3Dd%2B%C3%A9")
        #expect(
            request["authorization"]
                == signature(of: request, region: "eu-west-1", service: "cloudformation"))
    }

    @Test("a refusal of the query protocol is named, and what is not XML is tried again")
    func queryFailures() throws {
        let refusal = "<ErrorResponse><Error><Code>ValidationError</Code></Error></ErrorResponse>"
        let count = Recorder<Int>()
        let server = try SocketServer { _ in
            count.append(1)
            return count.all.count < 2 ? .text(200, "garbage") : .text(400, refusal)
        }
        let client = client(server)
        #expect {
            _ = try client.query(
                .cloudFormation, version: "2010-05-15", action: "DescribeStacks",
                within: client.system.budget(of: .seconds(60)))
        } throws: {
            ($0 as? AWSError)?.reason == "ValidationError (HTTP 400)"
        }
        #expect(server.requests.count == 2)
    }

    /// The signature by what the server has seen.
    private func signature(
        of request: SocketServer.Request, region: String = "us-east-1",
        service: String = "secretsmanager"
    ) -> String {
        var signer = SigV4()
        let names: Set = ["host", "content-type", "x-amz-target"]
        return signer.sign(
            SigV4Request(
                method: request.method, path: request.target,
                headers: request.headers.filter { names.contains($0.name) }
                    .map { HTTPField($0.name, $0.value) },
                payloadHash: SHA256.digest(request.body)),
            region: region, service: service,
            credentials: Credentials(
                accessKeyID: "AKIDEXAMPLE", secretAccessKey: "sesame",
                sessionToken: request["x-amz-security-token"]),
            at: date
        ).authorization
    }

    @Test(
        "a passing failure is tried again after a random wait",
        arguments: [
            failure("ThrottlingException"), failure("InternalServiceError", 500), .text(503, ""),
            .text(200, "garbage"), .reset, .close, .raw(Array("garbage\r\n\r\n".utf8)),
        ] as [SocketServer.Reply])
    func retries(failure: SocketServer.Reply) throws {
        let count = Recorder<Int>()
        let server = try SocketServer { _ in
            count.append(1)
            return count.all.count < 3 ? failure : .text(200, "{}")
        }
        let waits = Recorder<Duration>()
        _ = try call(client(server, waits: waits))
        #expect(server.requests.count >= 3)
        #expect(waits.all == [.milliseconds(250), .milliseconds(500)])
    }

    @Test("a success without a body is a reply without members, as SQS answers DeleteMessage")
    func empty() throws {
        let server = try SocketServer { _ in .text(200, "") }
        #expect(try call(client(server)).root.members.isEmpty)
        #expect(server.requests.count == 1)
    }

    @Test("the last failure is told when attempts are used up")
    func givesUp() throws {
        let server = try SocketServer { _ in Self.failure("ThrottlingException") }
        #expect {
            try call(client(server))
        } throws: {
            ($0 as? AWSError)?.reason == "ThrottlingException (HTTP 400)"
        }
        #expect(server.requests.count == 3)
    }

    @Test("a refusal is final")
    func permanent() throws {
        let server = try SocketServer { _ in Self.failure("AccessDeniedException") }
        #expect(throws: AWSError.self) { try call(client(server)) }
        #expect(server.requests.count == 1)
    }

    @Test("no wait goes past the deadline")
    func deadline() throws {
        let server = try SocketServer { _ in .text(503, "") }
        let waits = Recorder<Duration>()
        #expect(throws: AWSError.self) {
            try call(client(server, waits: waits), within: .milliseconds(200))
        }
        #expect(waits.all.isEmpty)
        #expect(server.requests.count == 1)
    }

    @Test("a service that never answers costs no more than the deadline")
    func silence() throws {
        let gate = SocketServer.Gate()
        let server = try SocketServer { _ in .hold(gate, then: .close) }
        let watch = Stopwatch()
        #expect(throws: AWSError.self) {
            try call(client(server), within: .milliseconds(100))
        }
        #expect(watch.waited < .seconds(3))
    }

    @Test("expired credentials are loaded anew, once")
    func expired() throws {
        let credentials = try SocketServer { request in
            .text(200, #"{"AccessKeyId":"ID\#(request.connection)","SecretAccessKey":"s"}"#)
        }
        let server = try SocketServer { request in
            request["authorization"]?.contains("Credential=ID0/") == true
                ? Self.failure("ExpiredTokenException") : .text(200, "{}")
        }
        let variables = [
            "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": server.url,
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": credentials.url,
        ]
        let settings = settings(variables)
        _ = try call(AWSClient(settings, credentials: CredentialChain(settings)))
        #expect(server.requests.count == 2)
        #expect(credentials.requests.count == 2)
    }

    @Test("a wrong clock is corrected by the server's, for later calls too")
    func clock() throws {
        let server = try SocketServer { request in
            request["x-amz-date"] == "20260314T102653Z"
                ? .text(200, "{}")
                : .text(
                    403, #"{"__type":"InvalidSignatureException"}"#,
                    [("Date", "Sat, 14 Mar 2026 10:26:53 GMT")])
        }
        let client = client(server)
        _ = try call(client)
        #expect(server.requests.count == 2)
        _ = try call(client)
        #expect(server.requests.count == 3)
    }

    @Test("each call has all its attempts, and its own reload of credentials")
    func secondCall() throws {
        let credentials = try SocketServer { request in
            .text(
                200,
                #"{"AccessKeyId":"ID\#(request.connection)","SecretAccessKey":"container-secret"}"#)
        }
        let calls = Recorder<Int>()
        let server = try SocketServer { _ in
            calls.append(1)
            // Of each call the first is refused and the second fails.
            return switch calls.all.count % 3 {
            case 1: Self.failure("ExpiredTokenException")
            case 2: Self.failure("ThrottlingException")
            default: .text(200, "{}")
            }
        }
        let settings = settings([
            "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": server.url,
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": credentials.url,
        ])
        let client = AWSClient(settings, credentials: CredentialChain(settings))
        for round in 1...3 {
            _ = try call(client)
            #expect(server.requests.count == 3 * round)
            #expect(credentials.requests.count == round + 1)
        }
        let keys = server.requests.map { request in
            request["authorization"]?.split(separator: "Credential=").last?.prefix(3)
        }
        #expect(keys == ["ID0", "ID1", "ID1", "ID1", "ID2", "ID2", "ID2", "ID3", "ID3"])
    }

    @Test("the clock is corrected by the last answer that said so, call by call")
    func clockAgain() throws {
        let calls = Recorder<Int>()
        let server = try SocketServer { _ in
            calls.append(1)
            let dates = ["10:26:53", "", "08:26:53", "", "09:26:53", "", ""]
            let date = dates[calls.all.count - 1]
            return date.isEmpty
                ? .text(200, "{}")
                : .text(
                    403, #"{"__type":"RequestTimeTooSkewed"}"#,
                    [("Date", "Sat, 14 Mar 2026 \(date) GMT")])
        }
        let client = client(server)
        for _ in 0..<4 { _ = try call(client) }
        #expect(
            server.requests.map { $0["x-amz-date"]?.prefix(13) } == [
                "20260314T0926", "20260314T1026", "20260314T1026", "20260314T0826",
                "20260314T0826", "20260314T0926", "20260314T0926",
            ])
    }

    @Test("a connection that died is replaced, time after time")
    func connectionAgain() throws {
        let calls = Recorder<Int>()
        let server = try SocketServer { _ in
            calls.append(1)
            return calls.all.count.isMultiple(of: 2)
                ? .reset : .text(200, "{}", [("Connection", "close")])
        }
        let client = client(server)
        for _ in 0..<3 { _ = try call(client) }
        #expect(server.requests.count >= 5)
    }

    @Test("a signed request carries unsigned headers beside the signed ones")
    func unsignedHeaders() throws {
        var signer = RequestSigner()
        let settings = settings(["AWS_REGION": "us-east-1"])
        let endpoint = try settings.endpoint(of: .sns)
        let credentials = Credentials(accessKeyID: "A", secretAccessKey: "s")
        let request = signer.request(
            to: endpoint, headers: [HTTPField("Content-Type", "x")],
            unsigned: [HTTPField("X-Amzn-Trace-Id", "Root=1")], body: [1],
            credentials: credentials, at: date)
        #expect(request.method == "POST")
        #expect(request.url == "https://sns.us-east-1.amazonaws.com/")
        #expect(
            request.headers.map(\.name)
                == ["Content-Type", "X-Amz-Date", "Authorization", "X-Amzn-Trace-Id"])
        #expect(
            request.headers[2].value.contains("SignedHeaders=content-type;host;x-amz-date,"))
    }
}
