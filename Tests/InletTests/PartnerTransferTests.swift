import Formats
import TestSupport
import Testing

@testable import inlet

@Suite("Export and import of partners")
struct PartnerTransferTests {
    private let person: Operator

    init() throws { person = try Operator() }

    private func add(_ name: String, secret: String) throws {
        try person.add(
            name, "--offline", "--config",
            #"{"senders":["partner"],"signing":{"scheme":"github","secrets":["\#(secret)"]}}"#)
    }

    @Test("an export is imported elsewhere, and nothing of it is a token")
    func story() throws {
        let token = try person.add("shop", "--description", "a\nb")
        try add("signed", secret: "ssm:/inlet/secret")
        let exported = person.run("partner", "export")
        #expect(exported.code == 0 && exported.errors.isEmpty)
        #expect(exported.output.split(separator: "\n").count == 2)
        #expect(!exported.output.contains(token))
        let other = try Operator()
        let dry = other.run(
            ["partner", "import", "-", "--dry-run", "--offline"], input: Array(exported.output.utf8)
        )
        #expect(dry.output == "Would import 2 partners.\n")
        #expect(other.run("partner", "list", "-q").output.isEmpty)
        let file = try other.directory.write("partners.jsonl", "\n" + exported.output + "\n \n")
        let done = try other.run("partner", "import", file, "--offline", "--json").json()
        #expect(done["imported"]?.int == 2 && done["dryRun"]?.bool == false)
        #expect(done["partners"]?.elements.map(\.string) == ["shop", "signed"])
        #expect(other.run("partner", "export").output == exported.output)
        let again = other.run("partner", "import", file, "--offline")
        #expect(again.code == 1)
        #expect(again.errors.contains("line 2.name: another partner has it"), "\(again.errors)")
        #expect(again.errors.contains("line 3.name: another partner has it"))
    }

    @Test("secrets of the record itself are masked, and exported only if they are asked for")
    func secrets() throws {
        try add("signed", secret: "hunter22-hunter22")
        let masked = person.run("partner", "export")
        #expect(!masked.output.contains("hunter22"))
        #expect(masked.errors.contains("--show-secrets exports them"))
        let other = try Operator()
        let refused = other.run(["partner", "import", "-"], input: Array(masked.output.utf8))
        #expect(refused.code == 1)
        #expect(refused.errors.contains("line 1: validation_config.signing.secrets[0] is the mask"))
        let shown = person.run("partner", "export", "--show-secrets")
        #expect(shown.output.contains("hunter22") && shown.errors.isEmpty)
        #expect(other.run(["partner", "import", "-"], input: Array(shown.output.utf8)).code == 0)
        #expect(
            other.run("partner", "show", "signed", "--show-secrets").output.contains("hunter22"))
    }

    @Test("one mistake keeps all of it out")
    func mistakes() throws {
        let hash = "sha256:" + String(repeating: "0", count: 64)
        let text = """
            {"name":"a","webhook_token":"sha256:\(String(repeating: "1", count: 64))"}
            {"name":"b","webhook_token":"\(hash)","validation_config":{"max_bytes":0}}
            {"name":"c","webhook_token":"\(hash)"}
            """
        let result = person.run(["partner", "import", "-"], input: Array(text.utf8))
        #expect(result.code == 1)
        #expect(result.errors.contains("line 2.validation_config"), "\(result.errors)")
        #expect(!result.errors.contains("line 1"))
        #expect(person.run("partner", "list", "-q").output.isEmpty)
    }

    @Test("an export chooses partners as a list does, and a list sorts and ends where it is told")
    func filters() throws {
        for name in ["web-a", "web-b", "crm"] {
            try person.add(name, "--sender", name == "crm" ? "customerio" : "partner")
        }
        _ = person.run("partner", "suspend", "web-b")
        _ = person.run("partner", "remove", "web-a", "--yes")
        func names(_ options: String...) -> [String] {
            person.run(["partner", "list", "-q"] + options).output
                .split(separator: "\n").map { String($0) }
        }
        #expect(names() == ["crm", "web-b"])
        #expect(names("--all") == ["crm", "web-a", "web-b"])
        #expect(names("--status", "SUSPENDED") == ["web-b"])
        #expect(names("--status", "REMOVED") == ["web-a"])
        #expect(names("--status", "ACTIVE", "--status", "SUSPENDED") == ["crm", "web-b"])
        #expect(names("--sender", "customerio") == ["crm"])
        #expect(names("--name", "web-*") == ["web-b"])
        #expect(names("--name", "w?b*", "--all") == ["web-a", "web-b"])
        #expect(names("--sort", "modified", "--all").first == "web-a")
        #expect(names("--sort", "created", "--all") == ["crm", "web-b", "web-a"])
        #expect(names("--limit", "1", "--all") == ["crm"])
        let exported = person.run("partner", "export", "--name", "web-*", "--all").output
        #expect(exported.split(separator: "\n").count == 2)
        for limit in ["0", "x", "-1"] {
            #expect(person.run("partner", "list", "--limit=\(limit)").code == 2)
        }
        #expect(person.run("partner", "list", "--status", "active").errors.contains("ACTIVE?"))
    }

    @Test(
        "a pattern fits whole names",
        arguments: [
            ("*", "", true), ("", "", true), ("a", "ab", false), ("*b", "ab", true),
            ("a*c*e", "abcde", true), ("a*c*e", "abcdf", false), ("?", "é", true), ("?", "", false),
            ("**", "x", true), ("A", "a", false),
            (String(repeating: "*a", count: 40) + "b", String(repeating: "a", count: 4000), false),
        ])
    func pattern(text: String, name: String, fits: Bool) {
        #expect(Pattern(text).fits(name) == fits)
    }
}
