import Formats
import Partners
import Platform
import SQLite
import TestSupport
import Testing

@testable import inlet

private let signing =
    #"{"senders":["partner"],"signing":{"scheme":"github","secrets":["a signing secret"]}}"#

@Suite("Commands about partners")
struct PartnerCommandTests {
    @Test("add shows a token of 192 random bits and its URL in one line, and keeps its hash only")
    func add() throws {
        let person = try Operator(["INLET_PUBLIC_URL": "https://in.example.com/prod/"])
        let result = person.run(
            "partner", "add", "web-app", "--description", "The shop", "--sender", "partner")
        #expect(result.code == 0)
        #expect(result.errors.isEmpty)
        let lines = result.output.split(separator: "\n")
        try #require(lines.count == 2)
        let parts = lines[1].split(separator: " ")
        try #require(parts.count == 2)
        let token = String(parts[0])
        #expect(parts[1] == "https://in.example.com/prod/webhook/v1/\(token)")
        #expect(token.wholeMatch(of: /inlet_[A-Za-z0-9_-]{32}/) != nil)
        #expect(!lines[0].contains(token))

        let record = try person.record("web-app")
        #expect(record["webhook_token"]?.string == TokenHash(of: Array(token.utf8)).recorded)
        #expect(record["description"]?.string == "The shop")
        #expect(record["status"]?.string == "ACTIVE")
        #expect(record["validation_config"]?.written == #"{"senders":["partner"]}"#)
        #expect(!(try person.databaseBytes()).contains(token))
        for command in [
            ["partner", "list"], ["partner", "show", "web-app"], ["partner", "guide", "web-app"],
        ] {
            for json in [[], ["--json"]] {
                let shown = person.run(command + json)
                #expect(shown.code == 0)
                #expect(!shown.output.contains(token) && !shown.errors.contains(token))
            }
        }
    }

    @Test("add in JSON gives record, token and URL")
    func addJSON() throws {
        let person = try Operator()
        let result = person.run(
            "partner", "add", "a", "--json", "--url", "http://127.0.0.1:3000", "--inactive",
            "--sender", "partner")
        let json = try result.json()
        #expect(json.members.map(\.name.string) == ["partner", "token", "url"])
        let token = try #require(json["token"]?.string)
        #expect(json["url"]?.string == "http://127.0.0.1:3000/webhook/v1/\(token)")
        #expect(json["partner"]?["name"]?.string == "a")
        #expect(json["partner"]?["status"]?.string == "INACTIVE")
        #expect(json["partner"]?["webhook_token"]?.string?.hasPrefix("sha256:") == true)
    }

    @Test("no two tokens are alike")
    func unique() { #expect(Set((0..<1000).map { _ in Token().text }).count == 1000) }

    @Test("without a URL of the API a placeholder stands for it, and it is said how to give it")
    func placeholder() throws {
        let result = try Operator().run("partner", "add", "a", "--sender", "partner")
        #expect(result.output.contains("https://HOST/webhook/v1/inlet_"))
        #expect(result.errors.contains("INLET_PUBLIC_URL"))
    }

    @Test(
        "a URL that is none is refused before anything is changed",
        arguments: ["in.example.com", "ftp://h", "https://", "https://h?x=1", "https://h/ x"])
    func badURL(url: String) throws {
        let person = try Operator(["INLET_PUBLIC_URL": url])
        #expect(person.run("partner", "add", "a").code == 2)
        #expect(person.run("partner", "list", "-q").output.isEmpty)
        let other = try Operator()
        let token = try other.add("a")
        let rotated = other.run("partner", "rotate", "a", "--url", url)
        #expect(rotated.code == 2)
        #expect(
            try other.record("a")["webhook_token"]?.string
                == TokenHash(of: Array(token.utf8)).recorded)
    }

    @Test(
        "the URL is of the sender's route, and the tracking API's holds no token",
        arguments: [
            ("segment-api", "/v1/track"), ("segment-destination", "/webhook/segment/inlet_"),
            ("customerio", "/webhook/customerio/inlet_"), ("partner", "/webhook/v1/inlet_"),
        ])
    func route(sender: String, path: String) throws {
        let person = try Operator(["INLET_PUBLIC_URL": "https://h"])
        let result = person.run("partner", "add", "a", "--sender", sender)
        let lines = result.output.split(separator: "\n")
        try #require(lines.count == 2)
        #expect(lines[1].hasPrefix("inlet_"))
        #expect(lines[1].contains("  https://h\(path)"))
        let rotated = person.run("partner", "rotate", "a", "--grace", "0").output
        #expect(rotated.split(separator: "\n")[1].contains("  https://h\(path)"))
    }

    @Test("--sender may be repeated; each sender has its line, with the token that it is for")
    func senders() throws {
        let person = try Operator(["INLET_PUBLIC_URL": "https://h"])
        let arguments = ["--sender", "segment-api", "--sender", "partner"]
        let result = person.run(["partner", "add", "a"] + arguments)
        let lines = result.output.split(separator: "\n").map { $0.split(separator: " ") }
        try #require(lines.count == 3)
        #expect(lines[1][0] == lines[2][0])
        #expect(lines[1][1] == "https://h/v1/track")
        #expect(lines[2][1] == "https://h/webhook/v1/\(lines[1][0])")
        let config = try person.record("a")["validation_config"]?.written
        #expect(config == #"{"senders":["segment-api","partner"]}"#)
        #expect(person.run("partner", "show", "a").output.contains("segment-api, partner"))
        let json = try person.run(["partner", "add", "b", "--json"] + arguments).json()
        #expect(json["urls"]?.members.map(\.name.string) == ["segment-api", "partner"])
        #expect(json["urls"]?["segment-api"]?.string == json["url"]?.string)
    }

    @Test("--sender and --config go together, but both cannot name the senders")
    func sendersAndConfig() throws {
        let person = try Operator()
        try person.add("a", "--sender", "partner", "--config", #"{"max_bytes":10}"#)
        let config = try person.record("a")["validation_config"]?.written
        #expect(config == #"{"senders":["partner"],"max_bytes":10}"#)
        for command in [["add", "b"], ["update", "a"]] {
            let twice = person.run(
                ["partner"] + command
                    + ["--sender", "partner", "--config", #"{"senders":["partner"]}"#])
            #expect(twice.code == 2)
            #expect(
                twice.errors == """
                    inlet: --sender and --config both name the senders: leave --sender out, or take \
                    "senders" out of the configuration
                    See inlet partner \(command[0]) --help.

                    """)
        }
        #expect(person.run("partner", "add", "b", "--sender", "fax").code == 2)
        let unnamed = person.run("partner", "add", "b", "--config", #"{"max_bytes":10}"#)
        #expect(unnamed.code == 1)
        #expect(unnamed.errors.contains("max_bytes asks for senders"))
        #expect(person.run("partner", "list", "-q").output == "a\n")
    }

    @Test(
        "senders that the signing does not fit are told of",
        arguments: [
            ("customerio", "", "customerio is answered 503"),
            ("customerio", "github", "customerio is answered 503"),
            ("segment-destination", "github", "segment-destination is answered 401"),
            ("segment-api", "github", "segment-api asks for no signature"),
            ("segment-destination", "segment", ""), ("customerio", "customerio", ""),
            ("partner", "github", ""), ("segment-api", "", ""),
        ])
    func hints(sender: String, scheme: String, expected: String) throws {
        let person = try Operator(["INLET_PUBLIC_URL": "https://h"])
        let signing = #""signing":{"scheme":"\#(scheme)","secrets":["s-e-c"]}"#
        let config = scheme.isEmpty ? "{}" : "{\(signing)}"
        for command in [["add", "a"], ["update", "a"]] {
            let said = person.run(
                ["partner"] + command + ["--sender", sender, "--config", config]
            ).errors
            #expect(said.contains("Mind: ") == !expected.isEmpty, "\(said)")
            #expect(expected.isEmpty || said.contains(expected), "\(said)")
        }
    }

    @Test("update --sender takes the place of the senders, and of nothing else")
    func updateSenders() throws {
        let person = try Operator()
        try person.add("a", "--config", #"{"max_bytes":10,"senders":["partner"]}"#)
        let result = person.run(
            "partner", "update", "a", "--sender", "customerio", "--sender", "partner")
        #expect(result.code == 0, "\(result.errors)")
        #expect(
            try person.record("a")["validation_config"]?.written
                == #"{"senders":["customerio","partner"],"max_bytes":10}"#)
        let config = person.run(
            "partner", "update", "a", "--sender", "partner", "--config", "{}")
        #expect(config.code == 0)
        #expect(
            try person.record("a")["validation_config"]?.written == #"{"senders":["partner"]}"#)
    }

    @Test("a token that exists already is taken from a file or standard input, and not shown")
    func existingToken() throws {
        let person = try Operator()
        let file = try person.directory.write("token", "wk_live_51xQ_existing_key\r\n")
        let result = person.run("partner", "add", "a", "--token-file", file, "--url", "https://h")
        #expect(result.code == 0)
        #expect(!result.output.contains("wk_live") && !result.errors.contains("wk_live"))
        let hash = TokenHash(of: Array("wk_live_51xQ_existing_key".utf8)).recorded
        #expect(try person.record("a")["webhook_token"]?.string == hash)

        let taken = person.run(
            ["partner", "add", "b", "--token-file", "-"],
            input: Array("wk_live_51xQ_existing_key".utf8))
        #expect(taken.code == 1)
        #expect(taken.errors.contains("token"))
        #expect(!taken.errors.contains("wk_live"))

        let hashed = TokenHash(of: Array("another".utf8)).recorded
        #expect(
            person.run(["partner", "add", "c", "--token-file", "-"], input: Array(hashed.utf8)).code
                == 0)
        #expect(try person.record("c")["webhook_token"]?.string == hashed)

        let short = person.run(
            ["partner", "add", "d", "--token-file", "-"], input: Array("demo-key\n".utf8))
        #expect(short.code == 0)
        #expect(short.errors.contains("short"))
    }

    @Test(
        "what cannot be a token is refused, and not repeated",
        arguments: [
            "", "\n", "seven77", "with a space", "with/slash", "with:colon", "two\nlines-here",
            "caf\u{e9}-token", "sha256:00", String(repeating: "x", count: 257),
        ])
    func badToken(text: String) throws {
        let person = try Operator()
        let result = person.run(
            ["partner", "add", "a", "--token-file", "-"], input: Array(text.utf8))
        #expect(result.code == 1)
        #expect(result.errors.contains("the token"))
        #expect(text.count < 5 || !result.errors.contains(text))
        #expect(person.run("partner", "list", "-q").output.isEmpty)
    }

    @Test(
        "an invalid configuration is refused with path and reason, whoever writes it",
        arguments: [
            (#"{"signing":{"scheme":"githib","secrets":["TOPSECRET"]}}"#, "signing.scheme"),
            (#"{"signing":{"scheme":"github"}}"#, "signing"),
            (#"{"allowed_ips":["10.0.0.0/33"]}"#, "allowed_ips[0]"),
            (#"{"alowed_ips":[]}"#, "unknown key \"alowed_ips\""),
            (#"{"mapping":{"event":"a..b"}}"#, "mapping.event"),
            (#"{"required_fields":["a","a"]}"#, "required_fields[1]"),
            (#"{"max_bytes":0}"#, "max_bytes"),
            (#"{"max_bytes":1"#, "not JSON"),
            (#"{},"status":"ACTIVE""#, "not JSON"),
        ])
    func invalidConfig(config: String, problem: String) throws {
        let person = try Operator()
        try person.add("a")
        let before = try person.record("a").written
        for command in [["add", "b"], ["update", "a"]] {
            let result = person.run(["partner"] + command + ["--config", config])
            #expect(result.code == 1)
            #expect(result.output.isEmpty)
            #expect(result.errors.contains("validation_config"), "\(result.errors)")
            #expect(result.errors.contains(problem), "\(result.errors)")
            #expect(!result.errors.contains("TOPSECRET"))
        }
        #expect(try person.record("a").written == before)
        #expect(person.run("partner", "list", "-q").output == "a\n")
    }

    @Test("a configuration comes from the argument, a file or standard input")
    func configSources() throws {
        let person = try Operator()
        let config = #"{"max_bytes":1000,"senders":["partner"]}"#
        let file = try person.directory.write("config.json", config)
        try person.add("a", "--config", " \(config)")
        try person.add("b", "--config", file)
        let c = person.run(["partner", "add", "c", "--config", "-"], input: Array(config.utf8))
        #expect(c.code == 0)
        for name in ["a", "b", "c"] {
            #expect(try person.record(name)["validation_config"]?.written == config)
        }
        let missing = person.run("partner", "add", "d", "--config", "/nowhere/config.json")
        #expect(missing.code == 1)
        #expect(missing.errors.contains("/nowhere/config.json: there is no such file"))
    }

    @Test("a name is taken once, and is free again after its removal")
    func names() throws {
        let person = try Operator()
        try person.add("a")
        let again = person.run("partner", "add", "a")
        #expect(again.code == 1)
        #expect(again.output.isEmpty)
        #expect(again.errors.contains("another partner has this name"))
        #expect(person.run("partner", "remove", "a", "--yes").code == 0)
        try person.add("a")
        #expect(person.run("partner", "list", "-q").output == "a\n")
        #expect(person.run("partner", "list", "-q", "--all").output == "a\na\n")
    }

    @Test("update changes what is given and nothing else")
    func update() throws {
        let person = try Operator()
        try person.add("a", "--description", "one", "--config", signing)
        let before = try person.record("a")
        #expect(person.run("partner", "update", "a", "--name", "b").code == 0)
        #expect(person.run("partner", "show", "a").code == 1)
        #expect(person.run("partner", "update", "b", "--description", "").code == 0)
        let after = try person.record("b")
        #expect(after["description"]?.isNull == true)
        for field in ["id", "webhook_token", "validation_config", "status", "created_at"] {
            #expect(after[field]?.written == before[field]?.written)
        }
        try person.add("c")
        #expect(person.run("partner", "update", "b", "--name", "c").code == 1)
        let json = person.run("partner", "update", "b", "--config", "{}", "--json")
        #expect(try json.json()["validation_config"]?.written == "{}")
    }

    @Test("every mistake of a configuration is told at once, a line for each")
    func allMistakes() throws {
        let person = try Operator()
        try person.add("a")
        let config =
            #"{"senders":["fax"],"max_bytes":0,"mapping":{"event":"a..b","userId":"$.x"},"#
            + #""allowed_ips":["10.0.0.0/33"]}"#
        for command in [["add", "b"], ["update", "a"]] {
            let result = person.run(["partner"] + command + ["--config", config])
            #expect(result.code == 1)
            let lines = result.errors.split(separator: "\n")
            #expect(lines.first?.hasSuffix(": 5 mistakes") == true, "\(result.errors)")
            for place in [
                "senders[0]", "max_bytes", "mapping.event", "mapping.userId", "allowed_ips[0]",
            ] {
                #expect(lines.contains { $0.hasPrefix("  partner.validation_config.\(place): ") })
            }
        }
    }

    @Test(
        "an empty value is refused for what it is",
        arguments: [
            ["partner", "add", "a", "--config", ""], ["partner", "add", "a", "--config="],
            ["partner", "add", "a", "--token-file", ""], ["partner", "add", ""],
            ["partner", "update", "x", "--name", ""], ["partner", "update", "x", "--config", ""],
            ["partner", "rotate", "x", "--grace", ""], ["partner", "show", ""],
            ["check", "x", ""], ["rejected", "list", "--partner", ""],
        ])
    func empty(arguments: [String]) throws {
        let person = try Operator()
        try person.add("x", "--description", "")
        let result = person.run(arguments)
        #expect(result.code == 2)
        #expect(result.output.isEmpty)
        #expect(result.errors.contains("empty"), "\(result.errors)")
        #expect(person.run("partner", "list", "-q").output == "x\n")
    }

    @Test(
        "a name that a list or a shell would spoil is refused with the reason",
        arguments: [("-x", "begins with -"), ("a\tb", "line break"), ("a\nb", "line break")])
    func badNames(name: String, reason: String) throws {
        let person = try Operator()
        try person.add("a")
        for command in [
            ["partner", "add", "--", name], ["partner", "update", "a", "--name", name],
        ] {
            let result = person.run(command)
            #expect(result.code == 1)
            #expect(result.errors.contains("partner.name: "), "\(result.errors)")
            #expect(result.errors.contains(reason), "\(result.errors)")
        }
        #expect(person.run("partner", "list", "-q").output == "a\n")
        // One that is there already can be shown and removed.
        var connection = try SQLiteConnection(
            path: "\(person.directory.path)/partners.sqlite", access: .write)
        _ = try connection.rows("UPDATE webhook_partners SET name = $1", [name])
        #expect(person.run("partner", "show", "--json", "--", name).code == 0)
        #expect(person.run("partner", "suspend", "--", name).code == 0)
        #expect(person.run("partner", "rotate", "--grace", "0", "--", name).code == 0)
        #expect(person.run("partner", "update", "--name", "b", "--", name).code == 0)
        #expect(person.run("partner", "remove", "b", "--yes").code == 0)
    }

    @Test("show shows who had a name last and was removed, where nobody has it now")
    func showRemoved() throws {
        let person = try Operator()
        for word in ["first", "second"] {
            try person.add("a", "--description", word)
            #expect(person.run("partner", "remove", "a", "--yes").code == 0)
        }
        let shown = person.run("partner", "show", "a")
        #expect(shown.code == 0)
        #expect(shown.output.contains("REMOVED") && shown.output.contains("second"))
        #expect(shown.output.contains("deleted_at"))
        #expect(shown.errors.contains("1 more"))
        try person.add("a", "--description", "third")
        let present = person.run("partner", "show", "a")
        #expect(present.output.contains("third") && present.output.contains("ACTIVE"))
        #expect(present.errors.isEmpty)
    }

    @Test(
        "what changes a partner says when that is in effect, and waits for it when it is asked to")
    func effect() throws {
        let person = try Operator(["INLET_PARTNERS_CACHE_SECONDS": "20"])
        try person.add("a")
        for command in [
            ["suspend", "a"], ["deactivate", "a"], ["activate", "a"], ["rotate", "a"],
            ["update", "a", "--description", "x"],
        ] {
            let said = person.run(["partner"] + command)
            #expect(said.code == 0)
            #expect(said.errors.contains("In effect everywhere in 25 s; --now"), "\(said.errors)")
            #expect(person.waits.isEmpty)
        }
        let waited = person.run("partner", "suspend", "a", "--now")
        #expect(waited.code == 0)
        #expect(waited.output == "a is SUSPENDED.\n")
        #expect(person.waits == [.seconds(10), .seconds(10), .seconds(5)])
        let lines = waited.errors.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines.map { $0.prefix(29) }.dropLast().joined().contains("25 s"))
        #expect(lines.last?.contains("It is in effect everywhere.") == true)
        let removed = person.run("partner", "remove", "a", "--yes", "--now", "--cache-seconds", "0")
        #expect(removed.code == 0)
        #expect(person.waits.count == 4)
    }

    @Test("rotate --now ends the old token, and waits until no environment takes it")
    func rotateNow() throws {
        let person = try Operator()
        try person.add("a")
        let rotated = person.run("partner", "rotate", "a", "--now", "--json")
        #expect(rotated.code == 0)
        #expect(try rotated.json()["old_token_valid_until"]?.kind == .null)
        #expect(person.waits.reduce(.zero, +) == .seconds(65))
        let kept = person.run("partner", "rotate", "a", "--now", "--grace", "1h")
        #expect(kept.code == 2)
        #expect(kept.errors.contains("--grace keeps it"))
        for text in ["301", "-1", "x", "1.5"] {
            let bad = person.run("partner", "suspend", "a", "--cache-seconds", text)
            #expect(bad.code == 2, "\(text)")
        }
        #expect(try person.record("a")["status"]?.string == "ACTIVE")
    }

    @Test("a secret that is referred to and is not there is told at once, unless that is left out")
    func missingSecret() throws {
        let server = try SocketServer { request in
            switch (request["x-amz-target"] ?? "", request.text) {
            case ("secretsmanager.GetSecretValue", _):
                .text(400, #"{"__type":"ResourceNotFoundException","Message":"none"}"#)
            case (_, let text) where text.contains("good"):
                .text(200, #"{"Parameter":{"Value":"whsec_c2VjcmV0"}}"#)
            default: .text(200, #"{"Parameter":{"Value":"no Base64!"}}"#)
            }
        }
        let person = try Operator([
            "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "s",
            "AWS_ENDPOINT_URL": server.url, "AWS_MAX_ATTEMPTS": "1",
        ])
        try person.add("a")
        func config(_ secrets: String) -> String {
            #"{"senders":["partner"],"signing":{"scheme":"standard-webhooks","secrets":[\#(secrets)]}}"#
        }
        let bad = config(#""whsec_c2VjcmV0","secretsmanager:gone","ssm:/good","ssm:/odd""#)
        for command in [["add", "b"], ["update", "a"]] {
            let result = person.run(["partner"] + command + ["--config", bad])
            #expect(result.code == 1)
            #expect(result.errors.contains("validation_config.signing.secrets[1]: "))
            #expect(result.errors.contains("ResourceNotFoundException"))
            #expect(result.errors.contains("validation_config.signing.secrets[3]: "))
            #expect(!result.errors.contains("secrets[2]"))
            #expect(result.errors.contains("--offline"))
            #expect(!result.errors.contains("c2VjcmV0") && !result.errors.contains("no Base64!"))
        }
        #expect(person.run("partner", "list", "-q").output == "a\n")
        try person.add("b", "--config", config(#""ssm:/good""#))
        try person.add("c", "--config", bad, "--offline")
        // What is not given anew is not read anew.
        #expect(person.run("partner", "update", "c", "--description", "x").code == 0)
    }

    @Test("secrets in a configuration are masked, and the mask is not taken for a secret")
    func mask() throws {
        let person = try Operator()
        try person.add(
            "a", "--offline", "--config",
            #"{"signing":{"secrets":["a signing secret","ssm:/inlet/a"],"scheme":"github"},"senders":["partner"]}"#
        )
        for arguments in [["partner", "show", "a"], ["partner", "list"]] {
            for json in [[], ["--json"]] {
                #expect(!person.run(arguments + json).output.contains("a signing secret"))
            }
        }
        let config = try #require(try person.record("a")["validation_config"])
        #expect(
            config.written
                == #"{"signing":{"secrets":["***","ssm:/inlet/a"],"scheme":"github"},"#
                + #""senders":["partner"]}"#)
        let copied = person.run("partner", "update", "a", "--config", config.written)
        #expect(copied.code == 1)
        #expect(copied.errors.contains("validation_config.signing.secrets[0] is the mask"))
        let shown = person.run("partner", "show", "a", "--json", "--show-secrets")
        let real = try #require(try shown.json()["validation_config"]?.written)
        #expect(real.contains("a signing secret"))
        #expect(person.run("partner", "update", "a", "--config", real, "--offline").code == 0)
    }

    @Test("the help of a command that stops a partner says what each sender is then answered")
    func answers() throws {
        let person = try Operator()
        let held = "segment-api 401, segment-destination 403, customerio 401, partner 403."
        let removed = "segment-api 401, segment-destination 401, customerio 401, partner 410."
        for (word, answers) in [("suspend", held), ("deactivate", held), ("remove", removed)] {
            #expect(person.run("partner", word, "--help").output.contains(answers), "\(word)")
        }
        #expect(!person.run("partner", "activate", "--help").output.contains("403"))
    }

    @Test("suspend, deactivate and activate set the status")
    func status() throws {
        let person = try Operator()
        try person.add("a")
        for (word, status) in [
            ("suspend", "SUSPENDED"), ("suspend", "SUSPENDED"), ("deactivate", "INACTIVE"),
            ("activate", "ACTIVE"),
        ] {
            let result = person.run("partner", word, "a")
            #expect(result.code == 0)
            #expect(result.output == "a is \(status).\n")
            #expect(try person.record("a")["status"]?.string == status)
        }
        #expect(
            try person.run("partner", "suspend", "a", "--json").json()["status"]?.string
                == "SUSPENDED")
    }

    @Test("rotate shows the new token once, and the old one stays for the time of grace")
    func rotate() throws {
        let person = try Operator()
        let old = try person.add("a")
        let start = Timestamp(milliseconds: 1_800_000_000_000)
        let result = person.run(["partner", "rotate", "a", "--grace", "90s", "--json"], at: start)
        let json = try result.json()
        let new = try #require(json["token"]?.string)
        #expect(new != old)
        let tokens = try #require(try person.record("a")["webhook_token"]).elements
        let list = Array(tokens)
        try #require(list.count == 2)
        #expect(list[0].string == TokenHash(of: Array(new.utf8)).recorded)
        #expect(list[1]["token"]?.string == TokenHash(of: Array(old.utf8)).recorded)
        #expect(list[1]["expires_at"]?.string == "2027-01-15T08:01:30.000Z")
        #expect(json["old_token_valid_until"]?.string == "2027-01-15T08:01:30.000Z")

        let soon = Timestamp(milliseconds: start.milliseconds + 89_999)
        let refused = person.run(["partner", "rotate", "a"], at: soon)
        #expect(refused.code == 1 && refused.output.isEmpty)
        #expect(refused.errors.contains("2027-01-15T08:01:30.000Z"))
        #expect(refused.errors.contains("--force"))
        #expect(try Array(#require(try person.record("a")["webhook_token"]).elements).count == 2)

        let forced = person.run(
            ["partner", "rotate", "a", "--force", "--grace", "0", "--json"], at: soon)
        #expect(forced.code == 0)
        #expect(try forced.json()["old_token_valid_until"]?.kind == .null)
        #expect(try person.record("a")["webhook_token"]?.kind == .string)
        let again = person.run(["partner", "rotate", "a", "--grace", "1h"], at: soon)
        #expect(again.code == 0)
        #expect(again.output.contains("The old one is valid until 2027-01-15T09:01:29.999Z."))
        let over = Timestamp(milliseconds: soon.milliseconds + 3_600_000)
        #expect(person.run(["partner", "rotate", "a"], at: over).code == 0)
        #expect(!(try person.databaseBytes()).contains(new))
    }

    @Test(
        "times of grace are numbers with a unit, up to 90 days",
        arguments: [
            ("0", 0), ("0s", 0), ("90s", 90), ("15m", 900), ("24h", 86400), ("7d", 604_800),
            ("90d", 7_776_000), ("91d", nil), ("", nil), ("h", nil), ("-1h", nil), ("1.5h", nil),
            ("24", nil), ("24hours", nil), ("99999999999999999999d", nil),
            ("9223372036854775807h", nil),
            ("+1h", nil), ("1 h", nil),
        ] as [(String, Int?)])
    func grace(text: String, seconds: Int?) throws {
        guard let seconds else {
            #expect(throws: InletError.self) { try Grace.duration(text) }
            return
        }
        #expect(try Grace.duration(text) == .seconds(seconds))
    }

    @Test("list shows what can be read, and which record cannot, and why")
    func unreadable() throws {
        let person = try Operator()
        for name in ["a", "no-rule", "no-time"] { try person.add(name) }
        var connection = try SQLiteConnection(
            path: "\(person.directory.path)/partners.sqlite", access: .write)
        let id = try #require(try person.record("no-time")["id"]?.string)
        _ = try connection.rows(
            "UPDATE webhook_partners SET validation_config = '{\"x\":1}' WHERE name = 'no-rule'")
        _ = try connection.rows(
            "UPDATE webhook_partners SET created_at = 'yesterday' WHERE name = 'no-time'")
        let table = person.run("partner", "list")
        #expect(table.code == 1)
        let lines = table.output.split(separator: "\n")
        try #require(lines.count == 4)
        #expect(lines[1].hasPrefix("a ") && lines[1].contains("ACTIVE"))
        #expect(lines[2].hasPrefix("no-rule ") && lines[2].contains("UNREADABLE"))
        #expect(lines[2].contains("unknown key \"x\""))
        #expect(lines[3].contains("UNREADABLE") && lines[3].contains("created_at"))
        #expect(lines[3].contains(id))
        let quiet = person.run("partner", "list", "-q")
        #expect(quiet.code == 1 && quiet.output == "a\nno-rule\n")
        #expect(quiet.errors.contains(id) && quiet.errors.contains("unknown key"))
        let json = person.run("partner", "list", "--json")
        #expect(json.code == 1)
        #expect(Array(try json.json().elements).count == 2)
        #expect(json.errors.contains(id))
    }

    @Test("remove asks, and --yes goes ahead; nobody to ask is an error")
    func remove() throws {
        let person = try Operator()
        try person.add("a")
        let alone = person.run("partner", "remove", "a")
        #expect(alone.code == 1)
        #expect(alone.errors.contains("--yes"))
        for answer in ["", "n", "no", "yeah"] {
            let declined = person.run(["partner", "remove", "a"], answer: answer)
            #expect(declined.code == 1)
            #expect(declined.errors.contains("Remove a?"))
        }
        #expect(try person.record("a")["deleted_at"]?.isNull == true)
        #expect(person.run(["partner", "remove", "a"], answer: "Y").code == 0)
        #expect(person.run("partner", "guide", "a").code == 1)
        #expect(person.run("partner", "remove", "a", "--yes").code == 1)
        let unknown = person.run(["partner", "remove", "b"], answer: "y")
        #expect(!unknown.errors.contains("Remove b?"))
        #expect(unknown.errors.contains("there is no partner of this name"))
    }

    @Test(
        "a partner that is not there is an error that names it, for every command",
        arguments: [
            ["show"], ["update", "--description", "x"], ["suspend"], ["activate"], ["deactivate"],
            ["rotate"], ["remove", "--yes"], ["guide"],
        ])
    func unknown(command: [String]) throws {
        let person = try Operator()
        let result = person.run(["partner", command[0], "nobody"] + command.dropFirst())
        #expect(result.code == 1)
        #expect(result.output.isEmpty)
        #expect(result.errors.contains("partner \"nobody\": there is no partner of this name"))
        #expect(result.errors.contains("inlet partner list"))
    }

    @Test("list aligns its columns, and nothing in a text can move the cursor")
    func list() throws {
        let person = try Operator()
        try person.add("b", "--description", "red \u{1B}[31m alert\nnext \u{202E}")
        try person.add("a-long-name", "--config", signing)
        let lines = person.run("partner", "list").output.split(separator: "\n")
        try #require(lines.count == 3)
        #expect(lines[0].hasPrefix("NAME         STATUS  SENDERS      SIGNED BY  CREATED "))
        #expect(lines[1].hasPrefix("a-long-name  ACTIVE  partner      github     20"))
        #expect(lines[2].hasPrefix("b            ACTIVE  segment-api             20"))
        #expect(lines[2].hasSuffix("red \u{FFFD}[31m alert\u{FFFD}next \u{FFFD}"))
        let json = try person.run("partner", "list", "--json").json()
        #expect(json.elements.map { $0["name"]?.string } == ["a-long-name", "b"])
        let none = try Operator().run("partner", "list")
        #expect(none.code == 0)
        #expect(none.errors.contains("inlet partner add"))
        #expect(try Operator().run("partner", "list", "--json").output == "[]\n")
    }

    @Test("migrate says what it has applied, and nothing the second time")
    func migrate() throws {
        let person = try Operator(migrated: false)
        let before = person.run("partner", "list")
        #expect(before.code == 1)
        #expect(before.errors.contains("inlet migrate"))
        #expect(person.run("migrate").output.hasPrefix("Applied: 1"))
        #expect(person.run("migrate").output == "All is up to date.\n")
        #expect(try person.run("migrate", "--json").json()["applied"]?.written == "[]")
    }

    @Test("a result that cannot be written is an error")
    func fullDisk() throws {
        let person = try Operator()
        let result = person.run(["partner", "add", "a"], writes: false)
        #expect(result.code == 1)
        #expect(result.errors.contains("inlet partner rotate"))
    }
}

@Suite("Partners that are JSON")
struct JSONRegistryTests {
    private let partners = """
        [{"name":"web-app","webhook_token":["wk-live-1",{"token":"wk-live-2",\
        "expires_at":"2027-01-01T00:00:00.000Z"}],"description":"The shop",\
        "validation_config":{"senders":["partner"],"signing":{"scheme":"github","secrets":["hidden-secret"]}}},
         {"name":"former","webhook_token":"wk-live-3","deleted_at":"2026-01-01T00:00:00.000Z"}]
        """

    @Test("are listed, shown and guided, without tokens and secrets")
    func read() throws {
        let person = try Operator(["INLET_PARTNERS": partners], migrated: false)
        #expect(person.run("partner", "list", "-q").output == "web-app\n")
        #expect(person.run("partner", "list", "-q", "--all").output == "former\nweb-app\n")
        for arguments in [
            ["partner", "list", "--all"], ["partner", "show", "web-app"],
            ["partner", "guide", "web-app"],
        ] {
            for json in [[], ["--json"]] {
                let result = person.run(arguments + json)
                #expect(result.code == 0)
                #expect(!result.output.contains("wk-live"))
                #expect(!result.output.contains("hidden-secret"))
            }
        }
        let record = try person.record("web-app")
        #expect(record["description"]?.string == "The shop")
        let tokens = Array(record["webhook_token"].map { Array($0.elements) } ?? [])
        try #require(tokens.count == 2)
        #expect(tokens[0].string == TokenHash(of: Array("wk-live-1".utf8)).recorded)
        #expect(tokens[1]["expires_at"]?.string == "2027-01-01T00:00:00.000Z")
    }

    @Test("are read from a file as well")
    func file() throws {
        let directory = try Operator(migrated: false).directory
        let path = try directory.write("partners.json", partners)
        let person = try Operator(["INLET_PARTNERS": "file:\(path)"], migrated: false)
        #expect(person.run("partner", "list", "-q").output == "web-app\n")
        let missing = try Operator(["INLET_PARTNERS": "file:/nowhere"], migrated: false)
        #expect(missing.run("partner", "list").code == 1)
    }

    @Test(
        "are not changed by any command, which says where to do that",
        arguments: [
            ["partner", "add", "a"], ["partner", "update", "web-app", "--name", "x"],
            ["partner", "suspend", "web-app"], ["partner", "rotate", "web-app"],
            ["partner", "remove", "web-app", "--yes"], ["migrate"],
        ])
    func readOnly(arguments: [String]) throws {
        let person = try Operator(["INLET_PARTNERS": partners], migrated: false)
        let result = person.run(arguments)
        #expect(result.code == 1)
        #expect(result.output.isEmpty)
        #expect(result.errors.contains("partners kept as JSON are changed in that JSON"))
        #expect(result.errors.contains("sqlite:<path>"))
        #expect(!result.errors.contains("wk-live"))
    }
}
