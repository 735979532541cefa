import Formats
import Testing
import Tracking

@testable import Senders

/// A cell of Customer.io's matrix of objects and metrics, and what becomes of it.
struct Cell: Sendable, CustomTestStringConvertible {
    let object: String
    let metric: String
    let name: String
    /// Members beside those that say whom and which delivery it is about.
    let data: String
    let properties: String
    /// Whether the recipient is a telephone number.
    let hasPhone: Bool

    init(
        _ object: String, _ metric: String, _ name: String, data: String, properties: String,
        phone: Bool = false
    ) {
        (self.object, self.metric, self.name) = (object, metric, name)
        (self.data, self.properties) = (data, properties)
        hasPhone = phone
    }

    var testDescription: String { "\(object) \(metric)" }

    static let matrix = [
        Cell(
            "email", "drafted", "Email Drafted",
            data: #""recipient":"nia@example.org","subject":"New \u2014 timetable""#,
            properties: #""email_subject":"New \u2014 timetable""#),
        Cell(
            "push", "drafted", "Push Drafted",
            data: #""#,
            properties: #""#),
        Cell(
            "sms", "drafted", "SMS Drafted",
            data: #""#,
            properties: #""#),
        Cell(
            "whatsapp", "drafted", "WhatsApp Message Drafted",
            data: #""#,
            properties: #""#),
        Cell(
            "in_app", "drafted", "In-App Message Drafted",
            data: #""#,
            properties: #""#),
        Cell(
            "slack", "drafted", "Slack Message Drafted",
            data: #""#,
            properties: #""#),
        Cell(
            "webhook", "drafted", "Webhook Message Drafted",
            data: #""#,
            properties: #""#),
        Cell(
            "email", "attempted", "Email Attempted",
            data: #""failure_message":"provider error 21610""#,
            properties: #""reason":"provider error 21610""#),
        Cell(
            "push", "attempted", "Push Attempted",
            data: #""failure_message":"provider error 21610""#,
            properties: #""reason":"provider error 21610""#),
        Cell(
            "sms", "attempted", "SMS Attempted",
            data: #""failure_message":"provider error 21610""#,
            properties: #""reason":"provider error 21610""#),
        Cell(
            "whatsapp", "attempted", "WhatsApp Message Attempted",
            data: #""failure_message":"provider error 21610""#,
            properties: #""reason":"provider error 21610""#),
        Cell(
            "in_app", "attempted", "In-App Message Attempted",
            data: #""failure_message":"provider error 21610""#,
            properties: #""reason":"provider error 21610""#),
        Cell(
            "slack", "attempted", "Slack Message Attempted",
            data: #""failure_message":"provider error 21610""#,
            properties: #""reason":"provider error 21610""#),
        Cell(
            "webhook", "attempted", "Webhook Message Attempted",
            data: #""failure_message":"provider error 21610""#,
            properties: #""reason":"provider error 21610""#),
        Cell(
            "email", "sent", "Email Sent",
            data:
                #""recipient":"nia@example.org","subject":"New \u2014 timetable","content":"<p>long</p>","headers":{"X-Tag":["a","b"]}"#,
            properties: #""email_subject":"New \u2014 timetable""#),
        Cell(
            "push", "sent", "Push Sent",
            data: #""recipients":[{"device_id":"f1e2"}],"content":"<p>long</p>""#,
            properties: #""recipients":[{"device_id":"f1e2"}]"#),
        Cell(
            "sms", "sent", "SMS Sent",
            data: #""recipient":"+351910000002","content":"<p>long</p>""#,
            properties: #""#, phone: true),
        Cell(
            "whatsapp", "sent", "WhatsApp Message Sent",
            data: #""recipient":"+351910000002","content":"<p>long</p>""#,
            properties: #""#, phone: true),
        Cell(
            "in_app", "sent", "In-App Message Sent",
            data: #""recipient":"cust-7781","content":"<p>long</p>""#,
            properties: #""recipient":"cust-7781""#),
        Cell(
            "slack", "sent", "Slack Message Sent",
            data: #""recipient":"alerts","content":"<p>long</p>""#,
            properties: #""recipient":"alerts""#),
        Cell(
            "webhook", "sent", "Webhook Message Sent",
            data: #""recipient":"https://hook.example/x","content":"<p>long</p>""#,
            properties: #""recipient":"https://hook.example/x""#),
        Cell(
            "email", "delivered", "Email Delivered",
            data: #""recipient":"nia@example.org","subject":"New \u2014 timetable""#,
            properties: #""email_subject":"New \u2014 timetable""#),
        Cell(
            "push", "delivered", "Push Delivered",
            data: #""recipients":[{"device_id":"f1e2"}]"#,
            properties: #""recipients":[{"device_id":"f1e2"}]"#),
        Cell(
            "sms", "delivered", "SMS Delivered",
            data: #""recipient":"+351910000002""#,
            properties: #""#, phone: true),
        Cell(
            "whatsapp", "delivered", "WhatsApp Message Delivered",
            data: #""recipient":"+351910000002""#,
            properties: #""#, phone: true),
        Cell(
            "email", "opened", "Email Opened",
            data:
                #""recipient":"nia@example.org","subject":"New \u2014 timetable","proxied":true,"prefetched":false,"synthetic":false"#,
            properties:
                #""email_subject":"New \u2014 timetable","proxied":true,"prefetched":false,"synthetic":false"#
        ),
        Cell(
            "push", "opened", "Push Opened",
            data: #""recipients":[{"device_id":"f1e2"}]"#,
            properties: #""recipients":[{"device_id":"f1e2"}]"#),
        Cell(
            "whatsapp", "opened", "WhatsApp Message Opened",
            data: #""recipient":"+351910000002""#,
            properties: #""#, phone: true),
        Cell(
            "in_app", "opened", "In-App Message Opened",
            data: #""#,
            properties: #""#),
        Cell(
            "email", "clicked", "Email Link Clicked",
            data:
                #""recipient":"nia@example.org","subject":"New \u2014 timetable","href":"https://rail.example/t?a=1\u0026b=2","link_id":4,"machine":false"#,
            properties:
                #""email_subject":"New \u2014 timetable","link_url":"https://rail.example/t?a=1\u0026b=2","link_id":"4","machine":false"#
        ),
        Cell(
            "push", "clicked", "Push Link Clicked",
            data:
                #""recipients":[{"device_id":"f1e2"}],"href":"https://rail.example/t?a=1\u0026b=2","link_id":4"#,
            properties:
                #""recipients":[{"device_id":"f1e2"}],"link_url":"https://rail.example/t?a=1\u0026b=2","link_id":"4""#
        ),
        Cell(
            "sms", "clicked", "SMS Link Clicked",
            data:
                #""recipient":"+351910000002","href":"https://rail.example/t?a=1\u0026b=2","link_id":4"#,
            properties: #""link_url":"https://rail.example/t?a=1\u0026b=2","link_id":"4""#,
            phone: true),
        Cell(
            "whatsapp", "clicked", "WhatsApp Message Link Clicked",
            data:
                #""recipient":"+351910000002","href":"https://rail.example/t?a=1\u0026b=2","link_id":4"#,
            properties: #""link_url":"https://rail.example/t?a=1\u0026b=2","link_id":"4""#,
            phone: true),
        Cell(
            "in_app", "clicked", "In-App Message Link Clicked",
            data:
                #""recipient":"cust-7781","href":"https://rail.example/t?a=1\u0026b=2","link_id":4,"tracked_response":"later""#,
            properties:
                #""recipient":"cust-7781","link_url":"https://rail.example/t?a=1\u0026b=2","link_id":"4","tracked_response":"later""#
        ),
        Cell(
            "slack", "clicked", "Slack Message Link Clicked",
            data: #""recipient":"alerts","href":"https://rail.example/t?a=1\u0026b=2","link_id":4"#,
            properties:
                #""recipient":"alerts","link_url":"https://rail.example/t?a=1\u0026b=2","link_id":"4""#
        ),
        Cell(
            "webhook", "clicked", "Webhook Message Link Clicked",
            data:
                #""recipient":"https://hook.example/x","href":"https://rail.example/t?a=1\u0026b=2","link_id":4"#,
            properties:
                #""recipient":"https://hook.example/x","link_url":"https://rail.example/t?a=1\u0026b=2","link_id":"4""#
        ),
        Cell(
            "email", "converted", "Email Converted",
            data: #""recipient":"nia@example.org","subject":"New \u2014 timetable""#,
            properties: #""email_subject":"New \u2014 timetable""#),
        Cell(
            "push", "converted", "Push Converted",
            data: #""recipients":[{"device_id":"f1e2"}]"#,
            properties: #""recipients":[{"device_id":"f1e2"}]"#),
        Cell(
            "sms", "converted", "SMS Converted",
            data: #""recipient":"+351910000002""#,
            properties: #""#, phone: true),
        Cell(
            "whatsapp", "converted", "WhatsApp Message Converted",
            data: #""recipient":"+351910000002""#,
            properties: #""#, phone: true),
        Cell(
            "in_app", "converted", "In-App Message Converted",
            data: #""recipient":"cust-7781""#,
            properties: #""recipient":"cust-7781""#),
        Cell(
            "slack", "converted", "Slack Message Converted",
            data: #""recipient":"alerts""#,
            properties: #""recipient":"alerts""#),
        Cell(
            "webhook", "converted", "Webhook Message Converted",
            data: #""recipient":"https://hook.example/x""#,
            properties: #""recipient":"https://hook.example/x""#),
        Cell(
            "email", "bounced", "Email Bounced",
            data:
                #""recipient":"nia@example.org","subject":"New \u2014 timetable","failure_message":"provider error 21610""#,
            properties: #""email_subject":"New \u2014 timetable","reason":"provider error 21610""#),
        Cell(
            "push", "bounced", "Push Bounced",
            data:
                #""recipients":[{"device_id":"f1e2","device_platform":"ios","failure_message":"gone"}]"#,
            properties:
                #""recipients":[{"device_id":"f1e2","device_platform":"ios","failure_message":"gone"}]"#
        ),
        Cell(
            "sms", "bounced", "SMS Bounced",
            data: #""recipient":"+351910000002","failure_message":"provider error 21610""#,
            properties: #""reason":"provider error 21610""#, phone: true),
        Cell(
            "whatsapp", "bounced", "WhatsApp Message Bounced",
            data: #""recipient":"+351910000002","failure_message":"provider error 21610""#,
            properties: #""reason":"provider error 21610""#, phone: true),
        Cell(
            "email", "dropped", "Email Suppressed",
            data:
                #""recipient":"nia@example.org","subject":"New \u2014 timetable","failure_message":"provider error 21610""#,
            properties: #""email_subject":"New \u2014 timetable","reason":"provider error 21610""#),
        Cell(
            "push", "dropped", "Push Suppressed",
            data:
                #""recipients":[{"device_id":"f1e2","device_platform":"ios","failure_message":"gone"}]"#,
            properties:
                #""recipients":[{"device_id":"f1e2","device_platform":"ios","failure_message":"gone"}]"#
        ),
        Cell(
            "sms", "dropped", "SMS Suppressed",
            data: #""recipient":"+351910000002","failure_message":"provider error 21610""#,
            properties: #""reason":"provider error 21610""#, phone: true),
        Cell(
            "whatsapp", "dropped", "WhatsApp Message Suppressed",
            data: #""recipient":"+351910000002","failure_message":"provider error 21610""#,
            properties: #""reason":"provider error 21610""#, phone: true),
        Cell(
            "email", "deferred", "Email Deferred",
            data: #""recipient":"nia@example.org","subject":"New \u2014 timetable""#,
            properties: #""email_subject":"New \u2014 timetable""#),
        Cell(
            "email", "spammed", "Email Marked as Spam",
            data: #""recipient":"nia@example.org","subject":"New \u2014 timetable""#,
            properties: #""email_subject":"New \u2014 timetable""#),
        Cell(
            "email", "failed", "Email Failed",
            data:
                #""recipient":"nia@example.org","subject":"New \u2014 timetable","failure_message":"provider error 21610""#,
            properties: #""email_subject":"New \u2014 timetable","reason":"provider error 21610""#),
        Cell(
            "push", "failed", "Push Failed",
            data: #""failure_message":"provider error 21610""#,
            properties: #""reason":"provider error 21610""#),
        Cell(
            "sms", "failed", "SMS Failed",
            data: #""failure_message":"provider error 21610""#,
            properties: #""reason":"provider error 21610""#),
        Cell(
            "whatsapp", "failed", "WhatsApp Message Failed",
            data: #""failure_message":"provider error 21610""#,
            properties: #""reason":"provider error 21610""#),
        Cell(
            "in_app", "failed", "In-App Message Failed",
            data: #""failure_message":"provider error 21610""#,
            properties: #""reason":"provider error 21610""#),
        Cell(
            "slack", "failed", "Slack Message Failed",
            data: #""failure_message":"provider error 21610""#,
            properties: #""reason":"provider error 21610""#),
        Cell(
            "webhook", "failed", "Webhook Message Failed",
            data: #""failure_message":"provider error 21610""#,
            properties: #""reason":"provider error 21610""#),
        Cell(
            "email", "undeliverable", "Email Undeliverable",
            data:
                #""recipient":"nia@example.org","subject":"New \u2014 timetable","failure_message":"provider error 21610""#,
            properties: #""email_subject":"New \u2014 timetable","reason":"provider error 21610""#),
        Cell(
            "push", "undeliverable", "Push Undeliverable",
            data: #""failure_message":"provider error 21610""#,
            properties: #""reason":"provider error 21610""#),
        Cell(
            "sms", "undeliverable", "SMS Undeliverable",
            data: #""failure_message":"provider error 21610""#,
            properties: #""reason":"provider error 21610""#),
        Cell(
            "whatsapp", "undeliverable", "WhatsApp Message Undeliverable",
            data: #""failure_message":"provider error 21610""#,
            properties: #""reason":"provider error 21610""#),
        Cell(
            "in_app", "undeliverable", "In-App Message Undeliverable",
            data: #""failure_message":"provider error 21610""#,
            properties: #""reason":"provider error 21610""#),
        Cell(
            "slack", "undeliverable", "Slack Message Undeliverable",
            data: #""failure_message":"provider error 21610""#,
            properties: #""reason":"provider error 21610""#),
        Cell(
            "webhook", "undeliverable", "Webhook Message Undeliverable",
            data: #""failure_message":"provider error 21610""#,
            properties: #""reason":"provider error 21610""#),
        Cell(
            "sms", "replied", "SMS Replied",
            data:
                #""recipient":"+351910000002","inbound_event_id":"01KDVX6DW8","to":"+351210000001""#,
            properties: #""inbound_event_id":"01KDVX6DW8","to":"+351210000001""#, phone: true),
        Cell(
            "whatsapp", "replied", "WhatsApp Message Replied",
            data:
                #""recipient":"+351910000002","inbound_event_id":"01KDVX6DW8","to":"+351210000001""#,
            properties: #""inbound_event_id":"01KDVX6DW8","to":"+351210000001""#, phone: true),
    ]
}

@Suite("Every cell of Customer.io's matrix")
struct CustomerIOMatrixTests {
    @Test("has a name, and each of its fields a place", arguments: Cell.matrix)
    func cells(cell: Cell) throws {
        let more = cell.data.isEmpty ? "" : ",\(cell.data)"
        let body = """
            {"event_id":"01KDVWTJDR2E6MB8S1F4K9P3XG","object_type":"\(cell.object)",\
            "metric":"\(cell.metric)","timestamp":1767226011,"data":{"customer_id":"cust-7781",\
            "identifiers":{"id":"cust-7781","email":"nia@example.org","cio_id":"a3f001000002"},\
            "delivery_id":"dg1==","campaign_id":41,"action_id":903\(more)}}
            """
        let emailID = cell.object == "email" ? #""email_id":"dg1==","# : ""
        let phone = cell.hasPhone ? #""phone":"+351910000002","# : ""
        let properties = cell.properties.isEmpty ? "" : ",\(cell.properties)"
        let expected = """
            {"type":"track","messageId":"cio-01KDVWTJDR2E6MB8S1F4K9P3XG","userId":"cust-7781",\
            "event":"\(cell.name)","properties":{"object_type":"\(cell.object)",\
            "metric":"\(cell.metric)","delivery_id":"dg1==",\(emailID)"campaign_id":"41",\
            "action_id":903\(properties)},"context":{"traits":{"email":"nia@example.org",\(phone)\
            "cio_id":"a3f001000002"},"integration":{"name":"customer-io","version":"1.0.0"}},\
            "integrations":{"Customer.io":false},"timestamp":"2026-01-01T00:06:51.000Z",\
            "originalTimestamp":"2026-01-01T00:06:51.000Z","receivedAt":"2026-01-05T10:00:00.500Z"}
            """
        let sent = try CustomerIOSample.read(body)
        let message = try #require(sent.messages.first)
        #expect(String(decoding: message.json, as: UTF8.self) == expected)
        #expect(message.name?.text == cell.name)
        #expect(message.messageID.text == "cio-01KDVWTJDR2E6MB8S1F4K9P3XG")
        let legacy = try CustomerIOSample.read(body, naming: "legacy")
        #expect(legacy.messages.first?.name?.text == "customerio:\(cell.object)_\(cell.metric)")
    }

    @Test("the matrix has all of its cells, each once")
    func complete() {
        let cells = Set(Cell.matrix.map(\.testDescription))
        #expect(cells.count == Cell.matrix.count)
        // Four more are about a person's subscriptions: those have tests of their own.
        #expect(Cell.matrix.count == 73 - 4)
    }
}
