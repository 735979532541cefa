import Formats
import Signing
import Testing

/// Requests as Inlet sends them, with the signatures that botocore 1.43.11 gives them.
@Suite("SigV4: calls to AWS")
struct SigV4CallTests {
    struct Call: Sendable, CustomTestStringConvertible {
        let name: String
        var host = "sns.us-east-1.amazonaws.com"
        var path = "/"
        var service = "sns"
        var contentType = "application/x-www-form-urlencoded; charset=utf-8"
        var target: String?
        var hasToken = true
        let body: String
        var payloadHash: String?
        let signature: String

        var testDescription: String { name }
    }

    static let publish =
        "Action=Publish&Version=2010-03-31&"
        + "TopicArn=arn%3Aaws%3Asns%3Aus-east-1%3A123456789012%3Aorders&"
        + "Message=h%C3%A9llo+%26+%3Cworld%3E%0A100%25+~ok_-.%2A%2B+%2F%3A%3D&"
        + "Subject=Order+placed&MessageAttributes.entry.1.Name=priority&"
        + "MessageAttributes.entry.1.Value.DataType=Number&"
        + "MessageAttributes.entry.1.Value.StringValue=7&"
        + "MessageAttributes.entry.2.Name=kind&"
        + "MessageAttributes.entry.2.Value.DataType=String&"
        + "MessageAttributes.entry.2.Value.StringValue=order+placed&"
        + "MessageAttributes.entry.3.Name=tags&"
        + "MessageAttributes.entry.3.Value.DataType=String.Array&"
        + "MessageAttributes.entry.3.Value.StringValue=%5B%22a%22%2C%22b%22%2Cnull%2C1%5D&"
        + "MessageAttributes.entry.4.Name=blob&"
        + "MessageAttributes.entry.4.Value.DataType=Binary&"
        + "MessageAttributes.entry.4.Value.BinaryValue=AAH%2B%2Fw%3D%3D"
    static let fifo =
        "Action=Publish&Version=2010-03-31&"
        + "TopicArn=arn%3Aaws%3Asns%3Aus-east-1%3A123456789012%3Aorders.fifo&Message=x&"
        + "MessageGroupId=g1&MessageDeduplicationId=d-1"
    static let batch =
        "Action=PublishBatch&Version=2010-03-31&"
        + "TopicArn=arn%3Aaws%3Asns%3Aus-east-1%3A123456789012%3Aorders&"
        + "PublishBatchRequestEntries.member.1.Id=a-0&"
        + "PublishBatchRequestEntries.member.1.Message=%7B%22n%22%3A1%7D&"
        + "PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Name=kind&"
        + "PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Value.DataType=String&"
        + "PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Value.StringValue=x&"
        + "PublishBatchRequestEntries.member.2.Id=a-1&"
        + "PublishBatchRequestEntries.member.2.Message=two&"
        + "PublishBatchRequestEntries.member.2.Subject=S&"
        + "PublishBatchRequestEntries.member.2.MessageGroupId=g&"
        + "PublishBatchRequestEntries.member.2.MessageDeduplicationId=d"
    static let local =
        "Action=Publish&Version=2010-03-31&"
        + "TopicArn=arn%3Aaws%3Asns%3Aus-east-1%3A000000000000%3At&Message=x"

    static let calls = [
        Call(
            name: "V1 Publish", body: publish,
            payloadHash: "21df9cd7ff3f9049babbd8316dd64be8087a7d861406c4cc92ac69dc89f410bc",
            signature: "209e06a7e4f1b7446bae531350d9da2f93bd970d68ccc90ccf793e648cb7561f"),
        Call(
            name: "V1 Publish with %20",
            body: publish.split(separator: "+", omittingEmptySubsequences: false)
                .joined(separator: "%20"),
            payloadHash: "60317601214646d3c26983de9ae5c80556e9b398ea207e8cb19479cc59fc0cf5",
            signature: "1f065d6fef853f78cb93a16fa34d65b25dc71bc78e136a0b5a78cc071b7181e5"),
        Call(
            name: "V2 FIFO Publish without a token", hasToken: false, body: fifo,
            payloadHash: "d753b821cf6297b74984ddc1dd7173bdd49ad8e340d581dd78737562c214599b",
            signature: "2cabb8a19879f5d85b4420796ff08a0b8ef09568e0b6aaec37a307d01b3728c2"),
        Call(
            name: "V3 PublishBatch", body: batch,
            payloadHash: "c9bdc7ad552c7f503bce54be1a608dd93c8f09fe1bbe5f4fa703773707dee11d",
            signature: "ac6ef94fde9f423fe40b91deda8bffe12b9d7a769e70b9ccffc5374d2d20609e"),
        Call(
            name: "V4 custom endpoint", host: "localhost:4566", body: local,
            signature: "c876496097065cff5c0c45bf03a9ef16269e9b4284067fd8be511ddb25d5e510"),
        Call(
            name: "V4 custom endpoint with a path", host: "127.0.0.1:9911", path: "/sns",
            body: local,
            signature: "35943bd75e42aa321be1b536a92a11a3dbcf1f4842077b1773da76b009606368"),
        Call(
            name: "V5 GetSecretValue", host: "secretsmanager.us-east-1.amazonaws.com",
            service: "secretsmanager", contentType: "application/x-amz-json-1.1",
            target: "secretsmanager.GetSecretValue",
            body: #"{"SecretId":"prod/authorizer/jwt-key","VersionStage":"AWSCURRENT"}"#,
            payloadHash: "0d2ea310cc91139f1a962f6dab4888717193343e0548120d90b1718533f877b8",
            signature: "6fd782cd54b7b0f09252ed5b31d4f8c7a4581e922b8a45de7ad1f6c37cc11d6e"),
        Call(
            name: "V5 GetParameter", host: "ssm.us-east-1.amazonaws.com",
            service: "ssm", contentType: "application/x-amz-json-1.1",
            target: "AmazonSSM.GetParameter",
            body: #"{"Name":"/prod/api/key","WithDecryption":true}"#,
            payloadHash: "5d8402539e2e31c3aa0de39f923c0fe8f3851040f5f5dcda51ffbf90231e39fa",
            signature: "2dc1d0cb0b4bd1f3e1da88ae3afebefbe064760768a8c461479974d25919215b"),
        Call(
            name: "V5 GetItem", host: "dynamodb.us-east-1.amazonaws.com",
            service: "dynamodb", contentType: "application/x-amz-json-1.0",
            target: "DynamoDB_20120810.GetItem",
            body:
                #"{"ConsistentRead":true,"Key":{"pk":{"S":"k#1"}},"TableName":"idempotency"}"#,
            payloadHash: "605932cdfdf1a7029bf488fd9636e781d7485c1b002650c95c56641184bddc39",
            signature: "fa1722563fe7fd18ac4e5555a65fc86698a2586bb2511616ba08b5bd53255d59"),
    ]

    @Test("every call has botocore's signature", arguments: calls)
    func botocore(call: Call) {
        var signer = SigV4()
        let hash = SHA256.digest(Array(call.body.utf8))
        if let expected = call.payloadHash { #expect(hex(hash) == expected) }
        var headers = [HTTPField("Content-Type", call.contentType), HTTPField("Host", call.host)]
        if let target = call.target { headers.append(HTTPField("X-Amz-Target", target)) }
        let signature = signer.sign(
            SigV4Request(
                method: "POST", path: call.path, headers: headers, payloadHash: hash),
            region: "us-east-1", service: call.service,
            credentials: call.hasToken ? Self.temporary : Self.longLived,
            at: Self.date)
        #expect(signature.date == "20260314T092653Z")
        #expect(signature.authorization.hasSuffix(", Signature=\(call.signature)"))
    }

    // MARK: - The key that is kept

    static let date = Timestamp(milliseconds: 1_773_480_413_000)
    static let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    static let longLived = Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: secret)
    static let temporary = Credentials(
        accessKeyID: "AKIDEXAMPLE", secretAccessKey: secret,
        sessionToken: "IQoJb3JpZ2luX2VjEXAMPLE//token+with/specials==")

    struct Scope: Sendable {
        var secret = SigV4CallTests.secret
        var region = "us-east-1"
        var service = "sns"
        var date = SigV4CallTests.date

        func sign(with signer: inout SigV4) -> SigV4Signature {
            signer.sign(
                SigV4Request(
                    method: "POST", path: "/", headers: [HTTPField("Host", "x")],
                    payloadHash: SHA256.digest([])),
                region: region, service: service,
                credentials: Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: secret),
                at: date)
        }
    }

    @Test(
        "a kept key never signs for another secret, region, service or day",
        arguments: [
            Scope(secret: "other"), Scope(region: "eu-west-1"), Scope(service: "ssm"),
            Scope(date: Timestamp(milliseconds: 1_773_480_413_000 + 86_400_000)), Scope(),
        ])
    func keptKey(scope: Scope) {
        var used = SigV4()
        _ = Scope().sign(with: &used)
        var fresh = SigV4()
        #expect(scope.sign(with: &used).authorization == scope.sign(with: &fresh).authorization)
        #expect(
            Scope().sign(with: &used).authorization == Scope().sign(with: &fresh).authorization)
    }

    @Test("the scope's day is that of the date, up to the last moment before midnight and after")
    func midnight() {
        let midnight = 1_773_532_800_000 as Int64
        var signer = SigV4()
        let before = Scope(date: Timestamp(milliseconds: midnight - 1)).sign(with: &signer)
        let after = Scope(date: Timestamp(milliseconds: midnight)).sign(with: &signer)
        #expect(before.date == "20260314T235959Z")
        #expect(before.authorization.contains("/20260314/us-east-1/sns/aws4_request,"))
        #expect(after.date == "20260315T000000Z")
        #expect(after.authorization.contains("/20260315/us-east-1/sns/aws4_request,"))
        var fresh = SigV4()
        let alone = Scope(date: Timestamp(milliseconds: midnight)).sign(with: &fresh)
        #expect(after.authorization == alone.authorization)
    }

    @Test("credentials never show their secrets")
    func redaction() {
        let credentials = Credentials(
            accessKeyID: "AKID", secretAccessKey: "sesame", sessionToken: "opener")
        var dumped = ""
        dump(credentials, to: &dumped)
        let shown = "\(credentials) \(String(reflecting: [credentials])) \(dumped)"
        #expect(shown.contains("AKID"))
        #expect(!shown.contains("sesame"))
        #expect(!shown.contains("opener"))
    }
}
