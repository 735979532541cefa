import Formats
import LocalServer
import Testing

@testable import emulator

@Suite("SignatureCheck")
struct SignatureCheckTests {
    static let token = "IQoJb3JpZ2luX2VjEXAMPLE//token+with/specials=="
    static let form = "application/x-www-form-urlencoded; charset=utf-8"
    static let head = "Action=Publish&Version=2010-03-31&TopicArn=arn%3Aaws%3Asns%3Aus-east-1%3A"

    static let v1 =
        head + "123456789012%3Aorders&Message=h%C3%A9llo+%26+%3Cworld%3E%0A100%25+~ok_-.%2A%2B+"
        + "%2F%3A%3D&Subject=Order+placed&MessageAttributes.entry.1.Name=priority"
        + "&MessageAttributes.entry.1.Value.DataType=Number"
        + "&MessageAttributes.entry.1.Value.StringValue=7&MessageAttributes.entry.2.Name=kind"
        + "&MessageAttributes.entry.2.Value.DataType=String"
        + "&MessageAttributes.entry.2.Value.StringValue=order+placed"
        + "&MessageAttributes.entry.3.Name=tags"
        + "&MessageAttributes.entry.3.Value.DataType=String.Array"
        + "&MessageAttributes.entry.3.Value.StringValue=%5B%22a%22%2C%22b%22%2Cnull%2C1%5D"
        + "&MessageAttributes.entry.4.Name=blob&MessageAttributes.entry.4.Value.DataType=Binary"
        + "&MessageAttributes.entry.4.Value.BinaryValue=AAH%2B%2Fw%3D%3D"

    private static let member = "&PublishBatchRequestEntries.member."

    static let v3 =
        "Action=PublishBatch&Version=2010-03-31&TopicArn=arn%3Aaws%3Asns%3Aus-east-1%3A"
        + "123456789012%3Aorders\(member)1.Id=a-0\(member)1.Message=%7B%22n%22%3A1%7D"
        + "\(member)1.MessageAttributes.entry.1.Name=kind"
        + "\(member)1.MessageAttributes.entry.1.Value.DataType=String"
        + "\(member)1.MessageAttributes.entry.1.Value.StringValue=x"
        + "\(member)2.Id=a-1\(member)2.Message=two\(member)2.Subject=S"
        + "\(member)2.MessageGroupId=g\(member)2.MessageDeduplicationId=d"

    struct Vector: CustomTestStringConvertible {
        let name: String
        let body: String
        var host = "sns.us-east-1.amazonaws.com"
        var path = "/"
        var token: String? = SignatureCheckTests.token
        let signature: String

        var testDescription: String { name }
    }

    static let vectors = [
        Vector(
            name: "V1", body: v1,
            signature: "209e06a7e4f1b7446bae531350d9da2f93bd970d68ccc90ccf793e648cb7561f"),
        Vector(
            name: "V1 with %20", body: v1.split(separator: "+").joined(separator: "%20"),
            signature: "1f065d6fef853f78cb93a16fa34d65b25dc71bc78e136a0b5a78cc071b7181e5"),
        Vector(
            name: "V2",
            body: head
                + "123456789012%3Aorders.fifo&Message=x&MessageGroupId=g1&MessageDeduplicationId=d-1",
            token: nil,
            signature: "2cabb8a19879f5d85b4420796ff08a0b8ef09568e0b6aaec37a307d01b3728c2"),
        Vector(
            name: "V3", body: v3,
            signature: "ac6ef94fde9f423fe40b91deda8bffe12b9d7a769e70b9ccffc5374d2d20609e"),
        Vector(
            name: "V4 localhost", body: head + "000000000000%3At&Message=x", host: "localhost:4566",
            signature: "c876496097065cff5c0c45bf03a9ef16269e9b4284067fd8be511ddb25d5e510"),
        Vector(
            name: "V4 path", body: head + "000000000000%3At&Message=x", host: "127.0.0.1:9911",
            path: "/sns",
            signature: "35943bd75e42aa321be1b536a92a11a3dbcf1f4842077b1773da76b009606368"),
    ]

    static let now = Timestamp(rfc3339: "2026-03-14T09:26:53Z".utf8) ?? Timestamp(microseconds: 0)

    static func check(token: String? = token) -> SignatureCheck {
        SignatureCheck(
            credentials: FunctionSettings.Credentials(
                accessKeyID: "AKIDEXAMPLE",
                secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", sessionToken: token),
            region: "us-east-1", service: "sns")
    }

    /// A request as signed; `change` edits its headers by name, nil removes one.
    static func request(_ vector: Vector, changing change: [String: String?] = [:]) -> LocalRequest
    {
        let signed = vector.token == nil ? "" : ";x-amz-security-token"
        var headers: [HTTPField] = [
            HTTPField("Host", vector.host), HTTPField("Content-Type", form),
            HTTPField("X-Amz-Date", "20260314T092653Z"),
        ]
        if let token = vector.token { headers.append(HTTPField("X-Amz-Security-Token", token)) }
        headers.append(
            HTTPField(
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260314/us-east-1/sns/aws4_request, "
                    + "SignedHeaders=content-type;host;x-amz-date\(signed), "
                    + "Signature=\(vector.signature)"
            ))
        for (name, value) in change {
            headers.removeAll { $0.name == name }
            if let value { headers.append(HTTPField(name, value)) }
        }
        return LocalRequest(
            method: "POST", path: vector.path, headers: headers, body: Array(vector.body.utf8))
    }

    @Test("accepts published vectors", arguments: vectors)
    func accepts(vector: Vector) {
        let check = Self.check(token: vector.token)
        #expect(check.refusal(of: Self.request(vector), at: Self.now) == nil)
    }

    @Test("refuses a changed body, path, host or signature", arguments: vectors)
    func refusesChanges(vector: Vector) {
        let check = Self.check(token: vector.token)
        var other = vector
        other.path = "/other"
        let requests = [
            Self.request(other),
            Self.request(vector, changing: ["Host": "example.com"]),
            Self.request(Vector(name: "", body: vector.body + "x", signature: vector.signature)),
            Self.request(
                Vector(
                    name: "", body: vector.body, host: vector.host, path: vector.path,
                    token: vector.token, signature: String(repeating: "0", count: 64))),
        ]
        for request in requests.filter({ $0.header("X-Amz-Security-Token") == vector.token }) {
            #expect(check.refusal(of: request, at: Self.now)?.code == "SignatureDoesNotMatch")
        }
    }

    @Test(
        "tells what is wrong",
        arguments: [
            ("Authorization", nil, "MissingAuthenticationToken"),
            ("Authorization", "AWS4-HMAC-SHA256 Credential=x", "IncompleteSignature"),
            ("Authorization", "Basic abc", "IncompleteSignature"),
            ("X-Amz-Date", nil, "IncompleteSignature"),
            ("X-Amz-Date", "yesterday", "IncompleteSignature"),
            ("X-Amz-Security-Token", nil, "InvalidClientTokenId"),
            ("X-Amz-Security-Token", "other", "InvalidClientTokenId"),
            ("X-Amz-Target", "unsigned", "SignatureDoesNotMatch"),
        ])
    func tells(header: String, value: String?, code: String) {
        let request = Self.request(Self.vectors[0], changing: [header: value])
        #expect(Self.check().refusal(of: request, at: Self.now)?.code == code)
    }

    @Test("takes a clock that is off by five minutes and no more")
    func clock() {
        let request = Self.request(Self.vectors[0])
        func refusal(_ seconds: Int64) -> SNSError? {
            let now = Timestamp(microseconds: Self.now.microseconds + seconds * 1_000_000)
            return Self.check().refusal(of: request, at: now)
        }
        #expect(refusal(300) == nil)
        #expect(refusal(-300) == nil)
        #expect(
            refusal(301)?.message.hasPrefix(
                "Signature expired: 20260314T092653Z is now earlier than 20260314T092654Z") == true)
        #expect(refusal(-301)?.message.hasPrefix("Signature not yet current") == true)
    }

    @Test("joins repeated headers, trims, folds spaces and sorts the query as the suite does")
    func canonical() {
        let request = LocalRequest(
            method: "GET", path: "/./a%20b//../c/", query: "Param-3=Value3&Param=Value2&b",
            headers: [
                HTTPField("My-Header1", " value2"), HTTPField("my-header1", "value1 "),
                HTTPField("My-Header2", "\"a   b   c\""),
            ])
        #expect(
            SignatureCheck.canonical(request, signedHeaders: ["my-header1", "my-header2"]) == """
                GET
                /c/
                Param=Value2&Param-3=Value3&b=
                my-header1:value2,value1
                my-header2:"a b c"

                my-header1;my-header2
                e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
                """)
        let encoded = LocalRequest(method: "GET", path: "/a%20b")
        #expect(
            SignatureCheck.canonical(encoded, signedHeaders: []).split(separator: "\n")[1]
                == "/a%2520b")
    }
}
