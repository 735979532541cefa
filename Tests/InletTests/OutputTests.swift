import Formats
import Platform
import TestSupport
import Testing

@testable import inlet

@Suite("What is printed, and how")
struct OutputTests {
    @Test("with --json every error is JSON with a code, wherever it comes from")
    func errors() throws {
        let person = try Operator()
        try person.add("a")
        let cases: [([String], String)] = [
            (["partner", "show", "b"], "no_such_partner"), (["partner", "add", "a"], "name_taken"),
            (["nonsense"], "usage"), (["partner", "list", "--nothing"], "usage"),
            (["partner", "add"], "usage"), (["rejected", "list"], "setting_missing"),
            (["partner", "list", "--registry", "x"], "malformed_registry"),
            (["partner", "list", "--registry", "sqlite:/no/where"], "database_failed"),
            (["partner", "add", "b", "--config", "{"], "invalid_record"),
            (["partner", "add", "b", "--config", "/no/where"], "file_failed"),
            (["--context", "c", "partner", "list"], "no_such_context"),
            (["check", "a", "/dev/null"], "not_passed"),
        ]
        for form in [["--json"], ["--output", "json"], ["-o", "json"], ["--output=json"]] {
            for (arguments, code) in cases {
                let result = person.run(form + arguments)
                #expect(result.code != 0)
                let lines = result.errors.split(separator: "\n")
                let error = try parse(String(lines.last ?? ""))["error"]
                #expect(error?["code"]?.string == code, "\(arguments): \(result.errors)")
                #expect(error?["message"]?.string?.isEmpty == false)
                #expect(error?.members.map(\.name.string) == ["code", "message"])
                for line in lines { _ = try parse(String(line)) }
            }
        }
    }

    @Test("with --json hints are JSON too, so that every line of standard error is")
    func hints() throws {
        let person = try Operator()
        try person.add("a")
        let result = person.run("partner", "suspend", "a", "--json")
        #expect(result.code == 0)
        let notes = try result.errors.split(separator: "\n").map { line in
            try #require(try parse(String(line))["note"]?.string)
        }
        #expect(notes.first?.hasPrefix("In effect everywhere in 65 s") == true)
    }

    @Test("--json and another --output contradict each other")
    func contradiction() throws {
        let result = try Operator().run("--json", "--output", "table", "version")
        #expect(result.code == 2)
        #expect(result.errors.contains("--json and --output say different things"))
    }

    @Test("after -- nothing asks for JSON")
    func operands() throws {
        let result = try Operator().run("partner", "show", "--", "--json")
        #expect(result.errors.hasPrefix("inlet: partner \"--json\""))
    }

    @Test("wide is the table with further columns")
    func wide() throws {
        let person = try Operator()
        try person.add("a")
        let id = try #require(try person.record("a")["id"]?.string)
        let table = person.run("partner", "list").output
        let wide = person.run("partner", "list", "-o", "wide").output
        #expect(!table.contains(id) && wide.contains(id))
        #expect(wide.hasPrefix("NAME  STATUS") && wide.contains("MODIFIED"))
        #expect(person.run("partner", "list", "--output", "table").output == table)
    }

    @Test("status words have colours on a terminal alone, and not against NO_COLOR")
    func colours() {
        var table = Table("NAME", "STATUS", "NOTE")
        table.add("a", "ACTIVE", "x")
        table.add("bb", "SUSPENDED", "y")
        let plain = "NAME  STATUS     NOTE\na     ACTIVE     x\nbb    SUSPENDED  y\n"
        func text(_ isTerminal: Bool, _ variables: [String: String] = [:]) -> String {
            table.text(
                in: Palette(isTerminal: isTerminal, System(environment: { variables[$0] })))
        }
        #expect(text(false) == plain)
        #expect(text(true, ["NO_COLOR": "1"]) == plain)
        #expect(text(true, ["TERM": "dumb"]) == plain)
        #expect(text(true, ["NO_COLOR": ""]) != plain)
        #expect(
            text(true)
                == "NAME  STATUS     NOTE\na     \u{1B}[32mACTIVE\u{1B}[0m     x\n"
                + "bb    \u{1B}[33mSUSPENDED\u{1B}[0m  y\n")
    }

    @Test("an error's label is red on a terminal")
    func label() {
        func said(_ isTerminal: Bool) -> String {
            let notes = Recorder<String>()
            var console = Console(
                write: { _ in true }, note: { notes.append($0) }, read: { .success([]) },
                ask: { _ in nil })
            if isTerminal { console.hintLine = { _ in } }
            _ = Inlet.run(["nonsense"], System(environment: { _ in nil }), console)
            return notes.all.first ?? ""
        }
        #expect(said(false).hasPrefix("inlet: there is no command"))
        #expect(said(true).hasPrefix("\u{1B}[31minlet:\u{1B}[0m there is no command"))
    }

    @Test("version names the commit that the build was told, which is none here")
    func version() throws {
        let person = try Operator(migrated: false)
        let output = person.run("version").output
        #expect(output.wholeMatch(of: /inlet [0-9.]+ \(commit [0-9a-z-]+\)\n/) != nil)
        let json = try person.run("version", "--json").json()
        #expect(json.members.map(\.name.string) == ["version", "commit"])
    }
}
