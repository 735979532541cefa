import Formats
import Foundation
import TestSupport
import Testing
import Transport

private let secret = "cio-signing-key-for-tests"
private let partners = #"""
    [{"name":"cio","webhook_token":"cio-token",
      "validation_config":{"senders":["customerio"],"signing":{"scheme":"customerio","secrets":["\#(secret)"]}}}]
    """#

private func signature(
    _ body: String, secret: String = secret, age: Int64 = 0
) -> [HTTPField] {
    let seconds = Int64(Date().timeIntervalSince1970) - age
    return CustomerIOWebhook.headers(Array(body.utf8), secret: secret, seconds: String(seconds))
        .map { HTTPField($0.name, $0.value) }
}

/// Ten kinds of event, and what each is called.
private let events = [
    (#""object_type":"email","metric":"sent""#, "Email Sent"),
    (#""object_type":"email","metric":"clicked""#, "Email Link Clicked"),
    (#""object_type":"push","metric":"opened""#, "Push Opened"),
    (#""object_type":"sms","metric":"failed""#, "SMS Failed"),
    (#""object_type":"whatsapp","metric":"replied""#, "WhatsApp Message Replied"),
    (#""object_type":"in_app","metric":"clicked""#, "In-App Message Link Clicked"),
    (#""object_type":"slack","metric":"sent""#, "Slack Message Sent"),
    (#""object_type":"webhook","metric":"undeliverable""#, "Webhook Message Undeliverable"),
    (#""object_type":"sms","metric":"subscribed""#, "Customer Subscribed"),
    (#""event_type":"email_delivered""#, "Email Delivered"),
]

@Suite("Customer.io, sending to Inlet", .timeLimit(.minutes(60)))
final class CustomerIOTests {
    private let inlet: LocalInlet

    init() throws { inlet = try LocalInlet(partners: partners) }

    deinit { inlet.stop() }

    private func post(
        _ body: String, path: String = "/webhook/customerio", headers: [HTTPField]? = nil
    ) throws -> HTTPResponse {
        try inlet.post(
            path, body,
            headers: [HTTPField("Content-Type", "application/json")]
                + (headers ?? signature(body)))
    }

    @Test(
        "a reject that is too long to keep whole is an error in the log, because Customer.io hears 200"
    )
    func cut() throws {
        let whole = #"{"x":"short"}"#
        #expect(try post(whole).status == 200)
        let long = #"{"x":"\#(String(repeating: "a", count: 300_000))"}"#
        #expect(try post(long).status == 200)
        let line = try parse(try inlet.program.line(with: #""reason":"cut""#))
        #expect(line["level"]?.string == "ERROR" && line["partner"]?.string == "cio")
        #expect(
            try inlet.published("Rejected").map { $0.message["bodyBytes"]?.int } == [nil, 300_008])
        let errors = (inlet.program.output + inlet.program.errors).split(separator: "\n")
            .filter { $0.contains(#""reason":"cut""#) }
        #expect(errors.count == 1)
    }

    @Test("every kind is published once, in order, and the first within Customer.io's patience")
    func kinds() throws {
        for (number, (kind, _)) in events.enumerated() {
            let body =
                #"{"event_id":"e\#(number)",\#(kind),"timestamp":1767226011,"data":{"identifiers":{"id":"u-\#(number)"},"n":1.10,"t":"— é"}}"#
            let watch = Stopwatch.ofMachine()
            let path =
                number.isMultiple(of: 2) ? "/webhook/customerio" : "/webhook/customerio/cio-token"
            #expect(try post(body, path: path).status == 200)
            #expect(watch.waited < .seconds(3))
        }
        let published = try inlet.published()
        #expect(published.map { $0.attributes["event"] } == events.map(\.1))
        #expect(published.map { $0.attributes["messageId"] } == (0..<10).map { "cio-e\($0)" })
        for (number, message) in published.enumerated() {
            #expect(message.attributes["sender"] == "customerio")
            #expect(message.attributes["auth"] == "signed")
            #expect(message.message["userId"]?.string == "u-\(number)")
            #expect(message.message["timestamp"]?.string == "2026-01-01T00:06:51.000Z")
            #expect(message.message["sentAt"] == nil)
            #expect(message.message["integrations"]?.written == #"{"Customer.io":false}"#)
            #expect(message.text.contains(#""n":1.10,"t":"— é""#))
        }
    }

    @Test("a replayed, changed or unsigned request is 401 and publishes nothing")
    func refused() throws {
        let body = #"{"event_id":"e","object_type":"email","metric":"sent","data":{}}"#
        let good = signature(body)
        for (body, headers) in [
            (body, signature(body, age: 301)), (body + " ", good), (body, []),
            (body, signature(body, secret: "wrong")), (body, good + [good[1]]),
            (body, [good[0], HTTPField(good[1].name, String(good[1].value.dropLast(2)))]),
        ] {
            try post(body, headers: headers).expect(401, code: "invalid_signature")
        }
        #expect(try post(body, path: "/webhook/customerio/wrong").status == 401)
        #expect(try inlet.published().isEmpty)
        #expect(try inlet.published("Rejected").isEmpty)
        #expect(try post(body, headers: good).status == 200)
    }

    @Test("authentic garbage is answered 200 and kept")
    func garbage() throws {
        #expect(try post("not JSON").status == 200)
        #expect(try inlet.published().isEmpty)
        let rejected = try inlet.published("Rejected")
        #expect(rejected.map { $0.message["body"]?.string } == ["not JSON"])
        #expect(rejected.map { $0.attributes["sender"] } == ["customerio"])
    }
}

@Suite("Customer.io in the log", .timeLimit(.minutes(60)))
struct CustomerIOLogTests {
    @Test("a 401 has a metric of its own, its reason, and nothing of the request")
    func unauthorized() throws {
        let sns = try SNSStandIn()
        defer { sns.stop() }
        let body = #"{"event_id":"planted","data":{"planted":"planted"}}"#
        let seconds = Int64(Date().timeIntervalSince1970)
        let broken = Array(
            String(
                decoding: CustomerIOWebhook.event(
                    "/webhook/customerio", body, secret: secret, seconds: seconds
                ).rest, as: UTF8.self
            ).replacing(#""isBase64Encoded":false"#, with: #""isBase64Encoded":true"#).utf8)
        let lambda = try FakeLambda(
            [("planted-wrong", seconds), (secret, seconds - 1000), (secret, seconds)].map {
                secret, seconds in
                FakeLambda.Event(
                    CustomerIOWebhook.event(
                        "/webhook/customerio/cio-token", body, secret: secret, seconds: seconds
                    ).rest)
            } + [FakeLambda.Event(broken)])
        defer { lambda.stop() }
        let program = try Program(
            Tools.bootstrap,
            environment: [
                "_HANDLER": "ingest", "AWS_LAMBDA_RUNTIME_API": lambda.authority,
                "INLET_TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:messages",
                "INLET_PARTNERS": partners, "AWS_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "key",
                "AWS_ENDPOINT_URL_SNS": sns.url, "INLET_STAGE": "blue-2",
            ])
        defer { program.stop() }
        _ = try program.end()
        let log = try program.output.split(separator: "\n").map { try parse(String($0)) }
        #expect(log.allSatisfy { $0["stage"]?.string == "blue-2" })
        let lines = log.filter { $0["message"]?.string == "request" }
        #expect(lines.map { $0["status"]?.int } == [401, 401, 200, 401])
        #expect(lines.map { $0["unauthorized"]?.int } == [1, 1, nil, 1])
        #expect(
            lines.map { $0["reason"]?.string } == [
                "no secret of the partner made the signature",
                "the signed time is outside of the tolerance", nil,
                "the body is not the Base64 that it is said to be",
            ])
        #expect(lines.map { $0["partner"]?.string } == ["cio", "cio", "cio", nil])
        // A signature that is wrong stalls the stream of whoever has sent it.
        #expect(lines.map { $0["stall"]?.int } == [1, 1, nil, 1])
        let totals = try lines.map { line in
            try EmbeddedMetric.all(in: line)
                .filter { $0.dimensions == ["stage", "function"] && $0.name == "stall" }.count
        }
        #expect(totals == [1, 1, 0, 1])
        #expect(!program.output.contains("planted"))
        #expect(!program.output.contains(secret))
    }
}
