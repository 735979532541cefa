import Formats
import LocalServer
import Testing

@testable import emulator

@Suite("SNS endpoint")
struct SNSEndpointTests {
    private let endpoint = SNSEndpoint(
        topics: [
            topic("plain"), topic("ordered.fifo"),
            topic("content.fifo", deduplicatesByContent: true),
        ], check: SignatureCheckTests.check(), store: MessageStore())

    private static func topic(_ name: String, deduplicatesByContent: Bool = false) -> Template.Topic
    {
        Template.Topic(
            logicalID: "T", name: name, arn: arn(name), isFIFO: name.hasSuffix(".fifo"),
            deduplicatesByContent: deduplicatesByContent)
    }

    private static func arn(_ name: String) -> String {
        "arn:aws:sns:us-east-1:123456789012:\(name)"
    }

    /// Signs the parameters and asks for the reply.
    private func call(
        _ parameters: [(String, String)], at now: Timestamp = SignatureCheckTests.now
    ) throws -> (status: Int, root: XMLElement) {
        let body = parameters.map { name, value in
            "\(PercentEncoding.encode(name))=\(PercentEncoding.encode(value))"
        }.joined(separator: "&")
        let date = now.basic
        var headers: [HTTPField] = [
            HTTPField("Host", "127.0.0.1:1"), HTTPField("Content-Type", SignatureCheckTests.form),
            HTTPField("X-Amz-Date", date),
            HTTPField("X-Amz-Security-Token", SignatureCheckTests.token),
        ]
        let signed = ["content-type", "host", "x-amz-date", "x-amz-security-token"]
        let unsigned = LocalRequest(
            method: "POST", path: "/", headers: headers, body: Array(body.utf8))
        let signature = endpoint.check.signature(
            of: SignatureCheck.canonical(unsigned, signedHeaders: signed), date: date)
        headers.append(
            HTTPField(
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/\(date.prefix(8))/us-east-1/sns/"
                    + "aws4_request,SignedHeaders=\(signed.joined(separator: ";")),"
                    + "Signature=\(signature)"
            ))
        let response = endpoint.answer(
            LocalRequest(method: "POST", path: "/", headers: headers, body: unsigned.body), at: now)
        return (response.status, try XMLElement.parse(response.body))
    }

    private func publish(
        _ more: [(String, String)], topic: String = "plain",
        at now: Timestamp = SignatureCheckTests.now
    ) throws -> (status: Int, root: XMLElement) {
        try call(
            [("Action", "Publish"), ("Version", "2010-03-31"), ("TopicArn", Self.arn(topic))]
                + more,
            at: now)
    }

    private func batch(
        _ entries: [[(String, String)]], topic: String = "plain"
    ) throws -> (status: Int, root: XMLElement) {
        var parameters = [
            ("Action", "PublishBatch"), ("Version", "2010-03-31"), ("TopicArn", Self.arn(topic)),
        ]
        for (index, entry) in entries.enumerated() {
            parameters += entry.map {
                ("PublishBatchRequestEntries.member.\(index + 1).\($0.0)", $0.1)
            }
        }
        return try call(parameters)
    }

    private static func attribute(
        _ name: String, _ type: String, _ value: String, _ kind: String = "StringValue"
    ) -> [(String, String)] {
        [
            ("MessageAttributes.entry.1.Name", name),
            ("MessageAttributes.entry.1.Value.DataType", type),
            ("MessageAttributes.entry.1.Value.\(kind)", value),
        ]
    }

    private func code(_ reply: (status: Int, root: XMLElement)) -> String? {
        reply.root["Error"]?["Code"]?.text
    }

    /// Parameters besides the topic, and the code they get.
    private static let refusals: [(parameters: [(String, String)], code: String)] = {
        let message = [("Message", "m")]
        return [
            ([("Message", "")], "InvalidParameter"),
            ([], "InvalidParameter"),
            ([("Message", "m"), ("Subject", "a\nb")], "InvalidParameter"),
            ([("Message", "m"), ("MessageDeduplicationId", "d")], "InvalidParameter"),
            ([("Message", "m"), ("MessageStructure", "json")], "InvalidParameter"),
            ([("Message", "m"), ("TargetArn", "x")], "InvalidParameter"),
            ([("Message", "m"), ("Message", "m")], "MalformedQueryString"),
            (message + attribute("", "String", "x"), "ParameterValueInvalid"),
            (message + attribute("AWS.x", "String", "x"), "ParameterValueInvalid"),
            (message + attribute("a..b", "String", "x"), "ParameterValueInvalid"),
            (message + attribute("a b", "String", "x"), "ParameterValueInvalid"),
            (message + attribute("a", "String", ""), "ParameterValueInvalid"),
            (message + attribute("a", "string", "x"), "ParameterValueInvalid"),
            (message + attribute("a", "Number", "x"), "ParameterValueInvalid"),
            (message + attribute("a", "Binary", "x"), "ParameterValueInvalid"),
            (message + attribute("a", "String.Array", "{}"), "ParameterValueInvalid"),
        ]
    }()

    private static let acceptable: [[(String, String)]] = [
        attribute("a", "Number", "-1.5"), attribute("a.b-c_1", "String", "x"),
        attribute("a", "Binary", "AAE=", "BinaryValue"),
        attribute("a", "String.Array", #"["a",1,null,true]"#), [("MessageGroupId", "fair")],
        [("Subject", String(repeating: "s", count: 99))],
    ]

    @Test("keeps what is published, and gives it back as JSON lines")
    func keeps() throws {
        let first = try publish(
            [("Message", "é \"<1>\""), ("Subject", "S")] + Self.attribute("type", "String", "track")
        )
        #expect(first.status == 200)
        #expect(first.root.name == "PublishResponse")
        let id = try #require(first.root["PublishResult"]?["MessageId"]?.text)
        _ = try publish(
            [("Message", "m"), ("MessageGroupId", "g"), ("MessageDeduplicationId", "d")],
            topic: "ordered.fifo")
        let lines = String(decoding: endpoint.store.lines(topic: nil), as: UTF8.self)
            .split(separator: "\n").map(String.init)
        #expect(
            lines.first
                == #"{"topicArn":"\#(Self.arn("plain"))","messageId":"\#(id)","message":"é \"<1>\"","#
                + #""subject":"S","attributes":{"type":{"Type":"String","Value":"track"}},"#
                + #""receivedAt":"2026-03-14T09:26:53.000Z"}"#)
        #expect(lines.last?.contains(#""messageGroupId":"g","messageDeduplicationId":"d""#) == true)
        #expect(endpoint.store.lines(topic: "plain").count == (lines.first?.utf8.count ?? 0) + 1)
        #expect(endpoint.store.lines(topic: Self.arn("other")).isEmpty)
    }

    @Test("keeps the newest when it is full")
    func bounded() throws {
        let store = MessageStore(capacity: 3)
        let form = try SNSForm(
            LocalRequest(method: "POST", path: "/", body: Array("Message=m".utf8)))
        let topic = Self.topic("plain")
        let message = try SNSMessage(form, prefix: "", topic: topic)
        var ids: [String] = []
        for _ in 0..<10 {
            ids.append(store.add(message, to: topic, at: SignatureCheckTests.now).messageID)
        }
        let lines = String(decoding: store.lines(topic: nil), as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 3)
        #expect(zip(lines, ids.suffix(3)).allSatisfy { $0.contains($1) })
    }

    @Test(
        "refuses what SNS refuses", arguments: refusals)
    func refuses(parameters: [(String, String)], code expected: String) throws {
        let reply = try publish(parameters)
        #expect(reply.status == 400)
        #expect(code(reply) == expected)
        #expect(reply.root["Error"]?["Type"]?.text == "Sender")
    }

    @Test(
        "accepts what SNS accepts", arguments: acceptable)
    func accepts(parameters: [(String, String)]) throws {
        #expect(try publish([("Message", "m")] + parameters).status == 200)
    }

    @Test("a message may have 262,144 bytes with its attributes, and no more")
    func size() throws {
        let attribute = Self.attribute("a", "String", "x")
        let fits = String(repeating: "m", count: 262_144 - 8)
        #expect(try publish([("Message", fits)] + attribute).status == 200)
        #expect(try code(publish([("Message", fits + "m")] + attribute)) == "InvalidParameter")
    }

    @Test("unknown topics, regions, actions and versions have their errors")
    func unknown() throws {
        let missing = try publish([("Message", "m")], topic: "none")
        #expect(missing.status == 404)
        #expect(code(missing) == "NotFound")
        let version = [("Version", "2010-03-31")]
        let elsewhere = [
            ("TopicArn", "arn:aws:sns:eu-west-1:123456789012:plain"), ("Message", "m"),
        ]
        #expect(try code(call([("Action", "Publish")] + version + elsewhere)) == "InvalidParameter")
        #expect(try code(call([("Action", "CreateTopic")] + version)) == "InvalidAction")
        #expect(try code(call(version)) == "MissingAction")
        let unsigned = endpoint.answer(LocalRequest(method: "POST", path: "/"))
        #expect(unsigned.status == 403)
        #expect(unsigned.text.contains("<Code>MissingAuthenticationToken</Code>"))
    }

    @Test("FIFO topics need group and deduplication id, and drop duplicates for five minutes")
    func fifo() throws {
        let group = ("MessageGroupId", "g")
        #expect(try code(publish([("Message", "m")], topic: "ordered.fifo")) == "InvalidParameter")
        #expect(
            try code(publish([("Message", "m"), group], topic: "ordered.fifo"))
                == "InvalidParameter")
        let body = [("Message", "m"), group]
        let first = try publish(body, topic: "content.fifo").root["PublishResult"]
        let second = try publish(body, topic: "content.fifo").root["PublishResult"]
        #expect(first?["SequenceNumber"]?.text.count == 20)
        #expect(first?["MessageId"]?.text == second?["MessageId"]?.text)
        let later = Timestamp(microseconds: SignatureCheckTests.now.microseconds + 300_000_000)
        let third = try publish(body, topic: "content.fifo", at: later).root["PublishResult"]
        #expect(third?["MessageId"]?.text != first?["MessageId"]?.text)
        let lines = endpoint.store.lines(topic: "content.fifo").split(separator: UInt8(ascii: "\n"))
        #expect(lines.count == 2)
    }

    @Test("a batch keeps its good entries and tells of the bad ones")
    func partial() throws {
        let reply = try batch([
            [("Id", "a"), ("Message", "1")],
            [("Id", "b"), ("Message", "2")] + Self.attribute("x", "Nothing", "y"),
            [("Id", "c"), ("Message", "3"), ("MessageGroupId", "g")],
        ])
        #expect(reply.status == 200)
        let result = try #require(reply.root["PublishBatchResult"])
        #expect(result["Successful"]?.children.map { $0["Id"]?.text } == ["a", "c"])
        let failed = try #require(result["Failed"]?["member"])
        #expect(failed["Id"]?.text == "b")
        #expect(failed["Code"]?.text == "ParameterValueInvalid")
        #expect(failed["SenderFault"]?.text == "true")
        #expect(endpoint.store.lines(topic: nil).split(separator: UInt8(ascii: "\n")).count == 2)
    }

    @Test("a batch as a whole has limits")
    func batchLimits() throws {
        func entries(_ count: Int, size: Int = 1) -> [[(String, String)]] {
            (0..<count).map {
                [("Id", "e-\($0)"), ("Message", String(repeating: "m", count: size))]
            }
        }
        #expect(try batch(entries(10)).status == 200)
        #expect(try code(batch(entries(11))) == "TooManyEntriesInBatchRequest")
        #expect(try code(batch([])) == "EmptyBatchRequest")
        #expect(try code(batch(entries(1) + entries(1))) == "BatchEntryIdsNotDistinct")
        #expect(try code(batch([[("Id", "a b"), ("Message", "m")]])) == "InvalidBatchEntryId")
        #expect(try code(batch([[("Message", "m")]])) == "InvalidBatchEntryId")
        #expect(try batch(entries(4, size: 65_536)).status == 200)
        #expect(try code(batch(entries(4, size: 65_537))) == "BatchRequestTooLong")
    }
}
