import AWS
import Formats
import Platform
import TestSupport
import Testing
import Transport
@testable import Partners
@testable import Secrets
@testable import Store

@Suite("The registry's cache")
struct RegistryCacheTests {
    private static let start = Timestamp(milliseconds: 1_773_480_413_000)

    private static func later(_ seconds: Int64) -> Timestamp {
        Timestamp(milliseconds: start.milliseconds + seconds * 1000)
    }

    private static func record(_ name: String) -> String {
        #"[{"name":"\#(name)","webhook_token":"t-\#(name)"}]"#
    }

    private static func quoted(_ text: String) -> String {
        var out: [UInt8] = []
        JSONString.append(text.utf8.span, to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    private static func secret(_ text: String) -> SocketServer.Reply {
        .text(
            200,
            #"{"ARN":"arn","Name":"n","SecretString":\#(quoted(text)),"CreatedDate":1773480413.12}"#
        )
    }

    private func cache(_ source: String, server: SocketServer? = nil) throws -> RegistryCache {
        var variables = [
            "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKID",
            "AWS_SECRET_ACCESS_KEY": "s",
        ]
        variables["AWS_ENDPOINT_URL"] = server?.url
        let fixed = variables
        let settings = AWSSettings(
            System(
                environment: { fixed[$0] }, now: { Self.start }, random: { 0 }, sleep: { _ in }))
        let client = AWSClient(settings, credentials: CredentialChain(settings))
        return RegistryCache(try PartnerSource(source), reader: ReferenceReader(client))
    }

    private func names(
        _ cache: RegistryCache, at seconds: Int64 = 0
    ) throws -> (names: [String], failure: StoreError?) {
        let reading = try cache.content(at: Self.later(seconds), until: .now + .seconds(20))
        return (try names(reading.value), reading.failure)
    }

    private func names(_ content: PartnerContent) throws -> [String] {
        guard case .registry(let registry) = content else {
            throw StoreError.malformedSource
        }
        return registry.partners.map(\.name)
    }

    private func secrets(
        _ cache: RegistryCache, _ texts: [String], at seconds: Int64 = 0,
        signer: String? = nil
    ) throws -> (tried: [String], finding: SignerSearch.Finding, problems: [String]) {
        let list = texts.map(Self.quoted).joined(separator: ",")
        let registry = try Registry(
            json: Array(
                (#"[{"name":"a","webhook_token":"t","validation_config":{"senders":["partner"],"signing":"#
                    + #"{"scheme":"segment","secrets":[\#(list)]}}}]"#).utf8))
        let rule = try #require(registry.partners[0].signing)
        var tried: [String] = []
        let problems = Recorder<String>()
        let search = SignerSearch(
            cache, at: Self.later(seconds), until: .now + .seconds(20),
            report: { problems.append($0.reason) })
        let finding = search.signer(among: [rule]) { _, key in
            tried.append(String(decoding: key, as: UTF8.self))
            return tried.last == signer
        }
        return (tried, finding, problems.all)
    }

    @Test("an inline registry is read once, and fails when it is broken")
    func inline() throws {
        #expect(try names(cache(Self.record("a"))).names == ["a"])
        let broken = try cache("[1]")
        #expect(throws: StoreError.self) { try names(broken) }
    }

    @Test("a file is read, kept, and read again after five minutes")
    func file() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("partners.json", Self.record("a"))
        let cache = try cache("file:\(path)")
        #expect(try names(cache).names == ["a"])
        _ = try directory.write("partners.json", Self.record("b"))
        #expect(try names(cache, at: 299).names == ["a"])
        #expect(try names(cache, at: 300).names == ["b"])
    }

    @Test("a file that is not there fails the first load, naming the path")
    func missingFile() throws {
        let cache = try cache("file:/nowhere/partners.json")
        #expect(throws: StoreError.file(path: "/nowhere/partners.json", .missing)) {
            try names(cache)
        }
    }

    @Test("a refresh that fails keeps the old value and is tried again after thirty seconds")
    func failingRefresh() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("partners.json", Self.record("a"))
        let cache = try cache("file:\(path)")
        _ = try names(cache)
        _ = try directory.write("partners.json", "[{")
        let failed = try names(cache, at: 300)
        #expect(failed.names == ["a"])
        #expect(failed.failure?.reason.hasPrefix("the partners are not JSON") == true)
        _ = try directory.write("partners.json", Self.record("b"))
        let paused = try names(cache, at: 329)
        #expect(paused.names == ["a"])
        #expect(paused.failure == nil)
        let mended = try names(cache, at: 330)
        #expect(mended.names == ["b"])
        #expect(mended.failure == nil)
    }

    @Test("Secrets Manager is asked by a signed call")
    func secretsManager() throws {
        let server = try SocketServer { _ in Self.secret(Self.record("a")) }
        let cache = try cache("secretsmanager:prod/partners", server: server)
        #expect(server.requests.isEmpty)
        #expect(try names(cache).names == ["a"])
        #expect(try names(cache, at: 200).names == ["a"])
        let requests = server.requests
        #expect(requests.count == 1)
        #expect(requests[0]["x-amz-target"] == "secretsmanager.GetSecretValue")
        #expect(requests[0]["content-type"] == "application/x-amz-json-1.1")
        #expect(
            requests[0]["authorization"]?.contains(
                "Credential=AKID/20260314/eu-west-1/secretsmanager/aws4_request") == true)
        #expect(
            requests[0].text == #"{"SecretId":"prod/partners","VersionStage":"AWSCURRENT"}"#)
    }

    @Test("an ARN's region is the one that is signed for")
    func arn() throws {
        let server = try SocketServer { _ in Self.secret(Self.record("a")) }
        let arn = "arn:aws:secretsmanager:ap-south-1:123456789012:secret:partners-AbCdEf"
        #expect(try names(cache("secretsmanager:\(arn)", server: server)).names == ["a"])
        let authorization = server.requests[0]["authorization"]
        #expect(authorization?.contains("/ap-south-1/secretsmanager/") == true)
    }

    @Test("a binary secret is decoded")
    func binary() throws {
        let base64 = String(
            decoding: Base64.encode(Array(Self.record("é").utf8)), as: UTF8.self)
        let server = try SocketServer { _ in .text(200, #"{"SecretBinary":"\#(base64)"}"#) }
        #expect(try names(cache("secretsmanager:x", server: server)).names == ["é"])
    }

    @Test("Parameter Store is asked to decrypt")
    func parameter() throws {
        let server = try SocketServer { _ in
            .text(
                200,
                #"{"Parameter":{"Name":"/p","Type":"SecureString","Value":"#
                    + Self.quoted(Self.record("a"))
                    + #","Version":3,"LastModifiedDate":1773480413.1}}"#)
        }
        #expect(try names(cache("ssm:/prod/partners", server: server)).names == ["a"])
        let request = server.requests[0]
        #expect(request["x-amz-target"] == "AmazonSSM.GetParameter")
        #expect(request.text == #"{"Name":"/prod/partners","WithDecryption":true}"#)
        #expect(request["authorization"]?.contains("/ssm/aws4_request") == true)
    }

    @Test("throttling is waited out")
    func throttling() throws {
        let count = Recorder<Int>()
        let server = try SocketServer { _ in
            count.append(1)
            return count.all.count == 1
                ? .text(400, #"{"__type":"ThrottlingException","message":"Rate exceeded"}"#)
                : Self.secret(Self.record("a"))
        }
        #expect(try names(cache("secretsmanager:x", server: server)).names == ["a"])
        #expect(server.requests.count == 2)
    }

    @Test(
        "a first load that fails is an error that names the reference and the code",
        arguments: [
            (
                .text(400, #"{"__type":"ResourceNotFoundException","Message":"m"}"#),
                "secretsmanager:x: ResourceNotFoundException (HTTP 400)"
            ),
            (.text(200, "{}"), "secretsmanager:x: the answer holds no value"),
            (
                .text(200, #"{"SecretString":""}"#),
                "secretsmanager:x: the answer holds no value"
            ),
            (
                .text(200, #"{"SecretBinary":"*"}"#),
                "secretsmanager:x: the answer holds no value"
            ),
            (secret("{}"), "partners: not an array"),
        ] as [(SocketServer.Reply, String)])
    func firstLoadFails(reply: SocketServer.Reply, reason: String) throws {
        let server = try SocketServer { _ in reply }
        let cache = try cache("secretsmanager:x", server: server)
        #expect {
            try names(cache)
        } throws: {
            ($0 as? StoreError)?.reason == reason
        }
    }

    @Test(
        "a refresh that gets no answer ends at its budget, or sooner at the event's deadline",
        arguments: [
            (Duration.milliseconds(100), Duration.milliseconds(900)), (.seconds(20), .seconds(4)),
        ])
    func budget(deadline: Duration, limit: Duration) throws {
        let gate = SocketServer.Gate()
        let count = Recorder<Int>()
        let server = try SocketServer { _ in
            count.append(1)
            let reply = Self.secret(Self.record("a"))
            return count.all.count == 1 ? reply : .hold(gate, then: .close)
        }
        let cache = try cache("secretsmanager:x", server: server)
        _ = try names(cache)
        let watch = Stopwatch()
        let late = try cache.content(at: Self.later(301), until: .now + deadline)
        #expect(try names(late.value) == ["a"])
        #expect(late.failure != nil)
        #expect(watch.waited < limit)
    }

    @Test("signing secrets are fetched once where they are kept elsewhere")
    func signingSecrets() throws {
        let server = try SocketServer { request in
            request["x-amz-target"]?.hasPrefix("AmazonSSM") == true
                ? .text(200, #"{"Parameter":{"Value":"from-ssm"}}"#) : Self.secret("from-sm")
        }
        let cache = try cache(Self.record("a"), server: server)
        for _ in 0..<2 {
            let found = try secrets(cache, ["plain", "secretsmanager:x", "ssm:/y"])
            #expect(found.tried == ["plain", "from-sm", "from-ssm"])
            #expect(found.finding == .unsigned)
            #expect(found.problems.isEmpty)
        }
        #expect(server.requests.count == 2)
    }

    @Test("a secret that cannot be had is told beside those that can")
    func missingSecret() throws {
        let server = try SocketServer { _ in
            .text(400, #"{"__type":"AccessDeniedException","Message":"u may not"}"#)
        }
        let cache = try cache(Self.record("a"), server: server)
        let found = try secrets(cache, ["plain", "ssm:/y"])
        #expect(found.tried == ["plain"])
        #expect(found.finding == .undecided)
        #expect(found.problems == ["ssm:/y: AccessDeniedException (HTTP 400): u may not"])
        // It is not asked again by everybody, and told by all of them.
        #expect(try secrets(cache, ["ssm:/y"], at: 8).problems == found.problems)
        #expect(server.requests.count == 1)
        _ = try secrets(cache, ["ssm:/y"], at: 10)
        #expect(server.requests.count == 2)
        // Whoever signs with another one waits for nothing.
        let other = try secrets(cache, ["ssm:/z", "plain"], signer: "plain")
        #expect(other.finding == .signed(0))
        #expect(other.problems.isEmpty)
        #expect(server.requests.count == 2)
    }

    @Test(
        "one line break at a value's end is no part of it",
        arguments: [
            ("key\n", "key"), ("key\r\n", "key"), ("key\n\n", "key\n"), ("key", "key"),
            ("key\r", "key\r"), ("\nkey ", "\nkey "), ("\n", nil), ("\r\n", nil),
        ] as [(String, String?)])
    func lineBreak(stored: String, key: String?) throws {
        let server = try SocketServer { request in
            request["x-amz-target"]?.hasPrefix("AmazonSSM") == true
                ? .text(200, #"{"Parameter":{"Value":\#(Self.quoted(stored))}}"#)
                : Self.secret(stored)
        }
        for reference in ["ssm:/y", "secretsmanager:x"] {
            let found = try secrets(cache(Self.record("a"), server: server), [reference])
            #expect(found.tried == (key.map { [$0] } ?? []))
            #expect(found.finding == (key == nil ? .undecided : .unsigned))
        }
    }

    @Test("a secret outlives a refresh that fails")
    func secretRefreshFails() throws {
        let count = Recorder<Int>()
        let server = try SocketServer { _ in
            count.append(1)
            return count.all.count == 1
                ? Self.secret("old") : .text(400, #"{"__type":"DecryptionFailure"}"#)
        }
        let cache = try cache(Self.record("a"), server: server)
        _ = try secrets(cache, ["secretsmanager:x"])
        let found = try secrets(cache, ["secretsmanager:x"], at: 300)
        #expect(found.tried.first == "old")
        #expect(found.finding == .unsigned)
        #expect(found.problems == ["secretsmanager:x: DecryptionFailure (HTTP 400)"])
        let later = try secrets(cache, ["secretsmanager:x"], at: 310, signer: "old")
        #expect(later.finding == .signed(0))
        #expect(later.problems.isEmpty)
        #expect(server.requests.count == 2)
    }

    @Test("an old secret that has been changed where it is kept no longer counts")
    func rotated() throws {
        let count = Recorder<Int>()
        let server = try SocketServer { _ in
            count.append(1)
            return Self.secret(count.all.count == 1 ? "old" : "new")
        }
        let cache = try cache(Self.record("a"), server: server)
        #expect(try secrets(cache, ["secretsmanager:x"], signer: "old").finding == .signed(0))
        let found = try secrets(cache, ["secretsmanager:x"], at: 301, signer: "old")
        #expect(found.finding == .unsigned)
        #expect(found.tried == ["old", "new"])
    }
}
