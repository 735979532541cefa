import Formats
import Partners
import Secrets
import Senders
import TestSupport
import Testing

@testable import inlet

@Suite("Integration guides", .timeLimit(.minutes(60)))
struct GuideTests {
    private let person: Operator
    private let server: SocketServer

    init() throws {
        person = try Operator()
        server = try SocketServer { _ in .text(200, #"{"success":true,"accepted":1}"#) }
    }

    /// The guide for a configuration and a sender, with URLs of the server here.
    private func guide(_ config: String, sender: String = "partner") throws -> String {
        try person.add("shop", "--config", config, "--sender", sender)
        let result = person.run("partner", "guide", "shop", "--url", server.url)
        try #require(result.code == 0, "\(result.errors)")
        return result.output
    }

    /// What stands between a line of three backticks with this word, and the next of them.
    private func block(_ language: String, of guide: String) throws -> String {
        let start = try #require(guide.firstRange(of: "```\(language)\n"))
        let rest = guide[start.upperBound...]
        let end = try #require(rest.firstRange(of: "\n```"))
        return String(rest[..<end.lowerBound]).replacing("YOUR-TOKEN", with: "the-token")
    }

    private func run(_ program: String, _ arguments: String...) throws {
        let program = try Program(
            "/usr/bin/env", [program] + arguments, environment: ["PATH": "/usr/bin:/bin"])
        guard try program.end() == .status(0) else { throw program.failure("failed") }
        #expect(program.output.contains("accepted"))
    }

    @Test(
        "says how many events are sent at once, as the sender takes them",
        arguments: [
            ("customerio", "customerio", false, "Reporting Webhooks"),
            ("segment-destination", "segment", true, "webhook destination"),
            ("partner", "github", true, "Send each event"),
        ])
    func batches(sender: String, scheme: String, hasArrays: Bool, words: String) throws {
        let guide = try guide(
            #"{"signing":{"scheme":"\#(scheme)","secrets":["s-e-c"]}}"#, sender: sender)
        #expect(guide.contains("array") == hasArrays)
        #expect(guide.contains(words))
    }

    @Test(
        "its example is signed as the partner's scheme asks, and passes its rules",
        arguments: [
            ("segment", "s-e-c", ""), ("customerio", "s-e-c", ""),
            ("standard-webhooks", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", ""),
            ("github", "s-e-c", ""), ("stripe", "whsec_text", ""), ("shopify", "s-e-c", ""),
            ("slack", "s-e-c", ""), ("custom", "s-e-c", #","header":"X-Sig""#),
            (
                "custom", "s-e c$(x)",
                #","header":"X-Sig","encoding":"base64","prefix":"it's ","template":"'$(x)'{body}""#
            ),
            (
                "custom", "k_00ff10",
                #","header":"X-Sig","algorithm":"sha512","key":"hex","key_prefix":"k_","#
                    + #""encoding":"base64","prefix":"v=","separator":",","element":"s","#
                    + #""timestamp_element":"t","template":"a\"b:{timestamp}.{body}""#
            ),
            (
                "custom", "s-e-c",
                #","header":"X-Sig","algorithm":"sha1","id_header":"X-Id","timestamp_header":"X-Time","#
                    + #""template":"{id}|{timestamp}|{body}""#
            ),
        ])
    func signs(scheme: String, secret: String, more: String) throws {
        let sender =
            switch scheme {
            case "segment": "segment-destination"
            case "customerio": "customerio"
            default: "partner"
            }
        let config =
            #"{"senders":["\#(sender)"],"#
            + #""signing":{"scheme":"\#(scheme)","secrets":["\#(secret)"]\#(more)},"#
            + #""event_types":["It's \"paid\" \\ é"],"required_fields":["data.order.id"]}"#
        try person.add("shop", "--config", config)
        let guide = person.run("partner", "guide", "shop", "--url", server.url).output
        #expect(!guide.contains(secret))
        func code(_ language: String) throws -> String {
            try block(language, of: guide).replacing("YOUR-SECRET", with: secret)
        }
        try run("python3", try person.directory.write("send.py", code("python")))
        // What has an id, or a key to decode, is a program only.
        let isShort = !guide.contains("{id}") && !guide.contains("that the secret")
        #expect(guide.contains("```sh\n") == isShort)
        if isShort { try run("sh", "-c", code("sh")) }
        #expect(server.requests.count == (isShort ? 2 : 1))
        for request in server.requests { try expectSigned(request, config) }
    }

    @Test(
        "the example for a provider's scheme is what that provider sends, with its headers",
        arguments: [
            ("github", "x-github-event", "push"), ("shopify", "x-shopify-topic", "orders/paid"),
            ("stripe", "", "invoice.paid"), ("slack", "", "app_mention"),
        ])
    func providers(scheme: String, header: String, event: String) throws {
        let guide = try guide(#"{"signing":{"scheme":"\#(scheme)","secrets":["s-e-c"]}}"#)
        if !header.isEmpty { #expect(guide.contains("the header `\(header)`: the event's name")) }
        #expect(guide.contains("These headers are not signed: `\(header)`") == !header.isEmpty)
        #expect(guide.contains("are not signed") == !header.isEmpty)
        func code(_ language: String) throws -> String {
            try block(language, of: guide).replacing("YOUR-SECRET", with: "s-e-c")
        }
        try run("python3", try person.directory.write("send.py", code("python")))
        try run("sh", "-c", code("sh"))
        #expect(server.requests.count == 2)
        for request in server.requests {
            var check = ["check", "shop", "-"]
            for (name, value) in request.headers { check += ["--header", "\(name): \(value)"] }
            let checked = person.run(check, input: request.body)
            #expect(checked.code == 0, "\(checked.output)")
            #expect(try parse(checked.output)["event"]?.string == event)
        }
    }

    private func expectSigned(_ request: SocketServer.Request, _ config: String) throws {
        #expect(request.method == "POST" && request.target.hasSuffix("/the-token"))
        let record = #"[{"name":"shop","webhook_token":"t","validation_config":\#(config)}]"#
        let partner = try Registry(json: Array(record.utf8)).partners[0]
        let signing = try #require(partner.signing)
        let claim = try SignatureClaim(
            signing.recipe, headers: request.headers.map { HTTPField($0.name, $0.value) },
            body: request.body[...])
        #expect(try signing.secrets.contains { claim.isMade(by: try Self.key($0)) })
        let checked = person.run(["check", "shop", "-"], input: request.body)
        #expect(checked.code == 0, "\(checked.output)")
    }

    private static func key(_ secret: Secret) throws -> [UInt8] {
        guard case .plain(let bytes) = secret else { throw Missing() }
        return bytes
    }

    private struct Missing: Error {}

    @Test(
        "without a signature its example is a curl command that passes the rules",
        arguments: [
            "{}", #"{"mapping":{"type":{"const":"identify"},"userId":"/a~1b/0/c"}}"#,
            #"{"mapping":{"type":"kind","event":["name","title"],"userId":{"const":"all"}}}"#,
            #"{"mapping":{"type":{"const":"group"}}}"#, #"{"mapping":{"type":{"const":"alias"}}}"#,
            #"{"mapping":{"properties":"","timestamp":"at"},"required_fields":["it's","/q\"/w"]}"#,
        ])
    func curl(config: String) throws {
        let guide = try guide(config)
        try run("sh", "-c", try block("sh", of: guide))
        let request = try #require(server.requests.first)
        #expect(request.method == "POST")
        #expect(request.target == "/webhook/v1/the-token")
        #expect(request["content-type"] == "application/json")
        let checked = person.run(["check", "shop", "-"], input: request.body)
        #expect(checked.code == 0, "\(checked.output)")
    }

    @Test("of the tracking API it is a call with the write key as user name, and no signature")
    func tracking() throws {
        let config = #"{"signing":{"scheme":"github","secrets":["s-e-c"]}}"#
        let guide = try guide(config, sender: "segment-api")
        try run("sh", "-c", try block("sh", of: guide))
        let request = try #require(server.requests.first)
        #expect(request.target == "/v1/track")
        #expect(request["authorization"] == "Basic dGhlLXRva2VuOg==")
        #expect(!guide.contains("## Signature"))
        #expect(person.run(["check", "shop", "-"], input: request.body).code == 0)
    }

    @Test(
        "the status of a partner that is switched off is the one that its sender gets",
        arguments: [
            ("segment-api", 401), ("segment-destination", 403), ("customerio", 401),
            ("partner", 403),
        ])
    func switchedOff(sender: String, status: Int) throws {
        let rows = try guide("{}", sender: sender).split(separator: "\n").filter {
            $0.contains("switched off for you")
        }
        #expect(rows.count == 1)
        #expect(rows.first?.hasPrefix("| \(status) |") == true)
    }

    @Test("each sender of a partner has a guide of its own")
    func several() throws {
        try person.add("shop", "--sender", "segment-destination", "--sender", "partner")
        let guide = person.run("partner", "guide", "shop").output
        #expect(guide.contains("POST https://HOST/webhook/segment/YOUR-TOKEN"))
        #expect(guide.contains("POST https://HOST/webhook/v1/YOUR-TOKEN"))
        #expect(guide.split(separator: "\n").count { $0.hasPrefix("# ") } == 2)
    }

    @Test("rules without an example that passes have none, and the guide is there")
    func noExample() throws {
        let guide = try guide(#"{"required_fields":["data","data.order"],"max_bytes":10}"#)
        #expect(!guide.contains("curl") && guide.contains("## Answers"))
    }

    @Test("it names rules, statuses and the placeholder, and nothing that is secret")
    func contents() throws {
        let config =
            #"{"allowed_ips":["203.0.113.0/24"],"max_bytes":1234,"#
            + #""event_types":["Paid"],"required_fields":["data.order"]}"#
        let token = try person.add("we`ird*|name", "--config", config, "--sender", "partner")
        let result = person.run("partner", "guide", "we`ird*|name")
        #expect(result.code == 0)
        #expect(result.errors.contains("INLET_PUBLIC_URL"))
        for part in [
            "# Webhooks of we\\`ird\\*\\|name", "POST https://HOST/webhook/v1/YOUR-TOKEN",
            "203.0.113.0/24", "1234 bytes", "`Paid`", "`data.order`", "| 200 |", "| 401 |",
            "| 403 |", "| 404 |", "| 410 |", "| 413 |", "| 503 |", "Retry-After",
        ] { #expect(result.output.contains(part), "\(part)") }
        #expect(!result.output.contains(token))
        let json = try person.run("partner", "guide", "we`ird*|name", "--json").json()
        #expect(json["guide"]?.string == String(result.output.dropLast()))
        #expect(json["url"]?.string == "https://HOST/webhook/v1/YOUR-TOKEN")
    }

    @Test(
        "a vendor's user is told where to click, and where the secret is",
        arguments: [
            (
                "customerio", "customerio", "Customer.io",
                ["Reporting Webhooks", "Webhook Endpoint"]
            ),
            ("segment-destination", "segment", "Segment", ["Webhooks (Actions)", "shared secret"]),
            ("partner", "github", "GitHub", ["Settings → Webhooks", "Payload URL", "**Secret**"]),
            ("partner", "stripe", "Stripe", ["Workbench → Webhooks", "signing secret"]),
            ("partner", "shopify", "Shopify", ["Settings → Notifications → Webhooks", "key"]),
            ("partner", "slack", "Slack", ["Event Subscriptions", "Signing Secret"]),
            ("partner", "standard-webhooks", "Svix", ["Endpoint URL", "Signing Secret"]),
        ])
    func vendors(sender: String, scheme: String, vendor: String, words: [String]) throws {
        let secret =
            scheme == "standard-webhooks" ? "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" : "s-e-c"
        let guide = try guide(
            #"{"signing":{"scheme":"\#(scheme)","secrets":["\#(secret)"]}}"#, sender: sender)
        #expect(guide.contains("## Where to click in \(vendor)\n\n1. "))
        for word in words { #expect(guide.contains(word), "\(word)") }
        #expect(!guide.contains("- Required:") && !guide.contains("- Optional:"))
    }

    @Test("a webhook of Segment's that is not signed asks for no shared secret")
    func unsignedSegment() throws {
        let guide = try guide("{}", sender: "segment-destination")
        #expect(guide.contains("Where to click in Segment") && !guide.contains("shared secret"))
    }

    @Test(
        "a partner's own system is told which fields are required, and which are not",
        arguments: [
            (
                "{}", ["`event_type` or `event` or `type`: the event's name", "the user's id, or"],
                ["`timestamp`: when it happened", "`event_id`"]
            ),
            (
                #"{"mapping":{"type":{"const":"identify"}},"required_fields":["data.plan"]}"#,
                ["`data.user_id`", "`data.plan`, in every event"], ["`data` or `traits`"]
            ),
            (
                #"{"mapping":{"type":{"const":"group"}}}"#, ["`data.group_id`"], ["`context`"]
            ),
            (
                #"{"mapping":{"type":{"const":"alias"},"userId":"who"}}"#,
                ["`data.previous_id`", "`who`: the user's id"], ["`timestamp`"]
            ),
            (
                #"{"mapping":{"type":["kind",{"const":"track"}],"userId":{"const":"all"}}}"#,
                ["the event's name"], ["`kind`: the type of call"]
            ),
        ])
    func fields(config: String, required: [String], optional: [String]) throws {
        let lines = try guide(config).split(separator: "\n")
        func has(_ kind: String, _ words: String) -> Bool {
            lines.contains { $0.hasPrefix("- \(kind): ") && $0.contains(words) }
        }
        for words in required { #expect(has("Required", words), "\(words)") }
        for words in optional { #expect(has("Optional", words), "\(words)") }
        #expect(!lines.contains { $0.hasPrefix("## Where to click") })
    }
}
