import AWS
import Formats
import Partners
import Platform
import Secrets
import TestSupport
import Testing

@testable import Store

@Suite("Partners of what a reference names")
struct ReferredBookTests {
    private static func record(_ name: String) -> String {
        #"[{"name":"\#(name)","webhook_token":"t-\#(name)"}]"#
    }

    private func book(_ reference: String, _ server: SocketServer? = nil) throws -> ReferredBook {
        ReferredBook(
            try #require(Reference(reference)), server.map(AWSClient.of) ?? .unconfigured,
            lifetime: .standard)
    }

    /// The names of all partners, and why they could not be read again just now.
    private func names(
        _ book: ReferredBook, at seconds: Int64 = 0, until deadline: Instant = .now + .seconds(20)
    ) throws -> (names: [String], failure: StoreError?) {
        let time = TimeBudget(now: .start.after(seconds), deadline: deadline)
        let reading = try book.read(in: LookupContext(time: time))
        guard case .registry(let registry) = reading.value else {
            throw StoreError.malformedSource
        }
        return (registry.partners.map(\.name), reading.failure)
    }

    @Test("a file is read, kept, and read again after five minutes")
    func file() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("partners.json", Self.record("a"))
        let book = try book("file:\(path)")
        #expect(try names(book).names == ["a"])
        _ = try directory.write("partners.json", Self.record("b"))
        #expect(try names(book, at: 299).names == ["a"])
        #expect(try names(book, at: 300).names == ["b"])
    }

    @Test("a file that is not there fails the first load, naming the path")
    func missingFile() throws {
        let book = try book("file:/nowhere/partners.json")
        #expect(throws: StoreError.secret(.file(path: "/nowhere/partners.json", .missing))) {
            try names(book)
        }
    }

    @Test("a refresh that fails keeps the old value and is tried again after thirty seconds")
    func failingRefresh() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("partners.json", Self.record("a"))
        let book = try book("file:\(path)")
        _ = try names(book)
        _ = try directory.write("partners.json", "[{")
        let failed = try names(book, at: 300)
        #expect(failed.names == ["a"])
        #expect(failed.failure?.reason.hasPrefix("the partners are not JSON") == true)
        _ = try directory.write("partners.json", Self.record("b"))
        let paused = try names(book, at: 329)
        #expect(paused.names == ["a"])
        #expect(paused.failure == nil)
        let mended = try names(book, at: 330)
        #expect(mended.names == ["b"])
        #expect(mended.failure == nil)
    }

    @Test("Secrets Manager is asked by a signed call")
    func secretsManager() throws {
        let server = try SocketServer { _ in .secret(Self.record("a")) }
        let book = try book("secretsmanager:prod/partners", server)
        #expect(server.requests.isEmpty)
        #expect(try names(book).names == ["a"])
        #expect(try names(book, at: 200).names == ["a"])
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
        let server = try SocketServer { _ in .secret(Self.record("a")) }
        let arn = "arn:aws:secretsmanager:ap-south-1:123456789012:secret:partners-AbCdEf"
        #expect(try names(book("secretsmanager:\(arn)", server)).names == ["a"])
        let authorization = server.requests[0]["authorization"]
        #expect(authorization?.contains("/ap-south-1/secretsmanager/") == true)
    }

    @Test("a binary secret is decoded")
    func binary() throws {
        let base64 = String(
            decoding: Base64.encode(Array(Self.record("é").utf8)), as: UTF8.self)
        let server = try SocketServer { _ in .text(200, #"{"SecretBinary":"\#(base64)"}"#) }
        #expect(try names(book("secretsmanager:x", server)).names == ["é"])
    }

    @Test("Parameter Store is asked to decrypt")
    func parameter() throws {
        let server = try SocketServer { _ in
            .text(
                200,
                #"{"Parameter":{"Name":"/p","Type":"SecureString","Value":"#
                    + JSONString.quoted(Self.record("a"))
                    + #","Version":3,"LastModifiedDate":1773480413.1}}"#)
        }
        #expect(try names(book("ssm:/prod/partners", server)).names == ["a"])
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
                : .secret(Self.record("a"))
        }
        #expect(try names(book("secretsmanager:x", server)).names == ["a"])
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
            (.secret("{}"), "partners: not an array"),
        ] as [(SocketServer.Reply, String)])
    func firstLoadFails(reply: SocketServer.Reply, reason: String) throws {
        let server = try SocketServer { _ in reply }
        let book = try book("secretsmanager:x", server)
        #expect {
            try names(book)
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
            let reply = SocketServer.Reply.secret(Self.record("a"))
            return count.all.count == 1 ? reply : .hold(gate, then: .close)
        }
        let book = try book("secretsmanager:x", server)
        _ = try names(book)
        let watch = Stopwatch()
        let late = try names(book, at: 301, until: .now + deadline)
        #expect(late.names == ["a"])
        #expect(late.failure != nil)
        #expect(watch.waited < limit)
    }

    @Test("a look-up throws while nothing is known, and reports why")
    func unreachable() throws {
        let lookups = Lookups(try book("file:/nowhere/partners.json"))
        let error = LookupFailure(
            reason: "/nowhere/partners.json: there is no such file", isOfRecord: false)
        let trouble = LookupEvents.Trouble(failure: error, isBridged: false)
        #expect(throws: error) {
            try lookups.lookup().partner(token: "t".utf8, for: .segmentAPI)
        }
        #expect(lookups.trouble == trouble)
        #expect(throws: error) { try lookups.lookup().partner(id: "t", for: .segmentAPI) }
        #expect(throws: error) {
            try lookups.lookup().signers(by: .segment, for: .segmentDestination)
        }
        #expect(lookups.trouble == trouble)
    }

    @Test("a look-up uses what was known when a reload fails, and reports why")
    func bridged() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("partners.json", #"[{"name":"a","webhook_token":"t"}]"#)
        let lookups = Lookups(try book("file:\(path)"))
        func name(at seconds: Int64) throws -> String? {
            try lookups.lookup(at: seconds).partner(token: "t".utf8, for: .segmentAPI).partner?.name
        }
        #expect(try name(at: 0) == "a")
        #expect(lookups.waits == [.partners, nil])
        #expect(lookups.trouble == nil)
        _ = try directory.write("partners.json", "[")
        #expect(try name(at: 300) == "a")
        #expect(lookups.waits == [.partners, nil, .partners, nil])
        #expect(lookups.trouble?.isBridged == true)
        #expect(try name(at: 301) == "a")
        #expect(lookups.waits.count == 4)
        #expect(lookups.trouble == nil)
    }
}
