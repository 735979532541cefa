import Formats
import TestSupport
import Testing

@testable import inlet

@Suite("inlet send", .timeLimit(.minutes(60)))
struct SendCommandTests {
    private let person: Operator
    private let server: SocketServer

    init() throws {
        server = try SocketServer { _ in
            .text(
                200,
                #"{"success":true,"accepted":1,"messageId":"m-1","requestId":"r-1","#
                    + #""warnings":[{"code":"unreadable_time","field":"timestamp"}]}"#)
        }
        person = try Operator(["INLET_PUBLIC_URL": server.url, "NO_PROXY": "*"])
    }

    @Test("a token is given as a file or on standard input, because a database has its hash alone")
    func token() throws {
        let token = try person.add("shop", "--sender", "partner")
        let missing = person.run("send", "shop")
        #expect(missing.code == 2 && missing.errors.contains("--token-file"))
        let sent = person.run(["send", "shop", "--token-file", "-"], input: Array(token.utf8))
        #expect(sent.code == 0, "\(sent.errors)")
        #expect(sent.output.contains("m-1") && sent.output.contains("r-1"))
        #expect(sent.output.contains("unreadable_time: timestamp"))
        let request = try #require(server.requests.first)
        #expect(request.target == "/webhook/v1/\(token)")
        #expect(request["content-type"] == "application/json")
        let hash = try person.directory.write("hash", "sha256:\(String(repeating: "0", count: 64))")
        #expect(person.run("send", "shop", "--token-file", hash).code == 1)
        #expect(server.requests.count == 1)
    }

    @Test(
        "what is no header is named, before any signature is looked at",
        arguments: [
            ("", "what is in"), ("X-A: 1\nno colon\n", "line 2 of"), (": a\n", "line 1 of"),
            ("\u{FFFD}: x\n", "line 1 of"), ("a b: x\n", "line 1 of"),
        ])
    func headers(text: String, named: String) throws {
        let secret = try person.directory.write("secret", "key-of-the-tests")
        try person.add("shop", "--sender", "partner")
        let headers = try person.directory.write("headers", text)
        let result = person.run(
            "verify", "shop", "--headers", headers, "--body", secret, "--secret-file", secret)
        #expect(result.code == 2)
        #expect(result.errors.contains(named), "\(result.errors)")
    }

    @Test("a write key is the user name, and the call's type its path")
    func tracking() throws {
        let token = try person.directory.write("key", "wk_live_51xQ_tests")
        try person.add("web-app", "--token-file", token)
        let body = try person.directory.write("call", #"{"type":"identify","userId":"u-1"}"#)
        let sent = person.run(
            "send", "web-app", "--file", body, "--token-file", token, "--header", "X-Trace: a: b")
        #expect(sent.code == 0, "\(sent.errors)")
        let request = try #require(server.requests.first)
        #expect(request.target == "/v1/identify")
        #expect(request["authorization"] == "Basic d2tfbGl2ZV81MXhRX3Rlc3RzOg==")
        #expect(request["x-trace"] == "a: b")
        #expect(request.text == #"{"type":"identify","userId":"u-1"}"#)
    }

    @Test("a dry run shows a placeholder for a token that is not known, and sends nothing")
    func dryRun() throws {
        let config = #"{"senders":["partner"],"signing":{"scheme":"github","secrets":["s-e-c"]}}"#
        try person.add("shop", "--config", config)
        let shown = person.run("send", "shop", "--dry-run")
        #expect(shown.code == 0, "\(shown.errors)")
        #expect(shown.output.contains("/webhook/v1/YOUR-TOKEN'"))
        #expect(shown.output.contains("x-hub-signature-256: sha256="))
        #expect(!shown.output.contains("s-e-c"))
        let json = try person.run("send", "shop", "--dry-run", "--json").json()
        #expect(json["command"]?.string?.hasPrefix("curl ") == true)
        let file = try person.directory.write("it's.json", "{}")
        let ofFile = person.run("send", "shop", "--dry-run", "--file", file)
        #expect(ofFile.output.contains("--data-binary '@"))
        let bytes = person.run(["send", "shop", "--dry-run", "--file", "-"], input: [0xFF])
        #expect(bytes.code == 1 && bytes.errors.contains("no text"))
        #expect(server.requests.isEmpty)
    }

    @Test("what cannot be signed as the sender signs is not sent")
    func signing() throws {
        try person.add(
            "wrong", "--config",
            #"{"senders":["customerio"],"signing":{"scheme":"github","secrets":["s-e-c"]}}"#)
        let wrong = person.run("send", "wrong", "--dry-run")
        #expect(wrong.code == 1 && wrong.errors.contains("not signed by the scheme github"))
        try person.add("unsigned", "--config", #"{"senders":["customerio"]}"#)
        let unsigned = person.run("send", "unsigned", "--dry-run")
        #expect(unsigned.code == 1 && unsigned.errors.contains("signing secret"))
        try person.add("special", "--config", #"{"senders":["partner"],"max_bytes":10}"#)
        let special = person.run("send", "special", "--dry-run")
        #expect(special.code == 1 && special.errors.contains("--file"))
        try person.add(
            "one", "--config",
            #"{"senders":["partner"],"signing":{"scheme":"github","secrets":["s-e-c"]}}"#)
        #expect(
            person.run("send", "one", "--dry-run", "--svix").errors.contains("standard-webhooks"))
    }

    @Test("an API that does not answer, or answers no JSON, is no success")
    func unreachable() throws {
        let token = try person.add("shop", "--sender", "partner")
        let input = Array(token.utf8)
        let gone = person.run(
            ["send", "shop", "--token-file", "-", "--url", "http://127.0.0.1:1"], input: input)
        #expect(gone.code == 1 && !gone.errors.contains(token))
        let page = try SocketServer { _ in .text(200, "<html>") }
        let other = person.run(
            ["send", "shop", "--token-file", "-", "--url", page.url], input: input)
        #expect(other.code == 1 && other.output.contains("not JSON"))
    }
}
