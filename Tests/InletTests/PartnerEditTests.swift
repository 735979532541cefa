import Formats
import Foundation
import TestSupport
import Testing

@testable import inlet

@Suite("Editing a partner")
struct PartnerEditTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// Somebody whose editor is a shell script; `$1` is the file.
    private func person(_ script: String) throws -> Operator {
        let editor = try directory.write("editor", "#!/bin/sh\n\(script)\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: editor)
        let person = try Operator(["VISUAL": editor, "TMPDIR": directory.path])
        try person.add(
            "crm", "--sender", "partner", "--offline", "--config",
            #"{"signing":{"scheme":"github","secrets":["hunter22-hunter22","ssm:/x"]}}"#)
        return person
    }

    private func config(_ person: Operator) throws -> String? {
        let shown = person.run("partner", "show", "crm", "--json", "--show-secrets")
        return try shown.json()["validation_config"]?.written
    }

    private var left: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: directory.path)
                .filter { $0.hasPrefix("inlet-") && $0.hasSuffix(".json") }
        }
    }

    @Test("what is edited is stored, masked secrets stay, and no file is left")
    func edits() throws {
        let person = try person(
            #"cp "$1" "$(dirname "$1")/seen"; sed -i 's/ACTIVE/SUSPENDED/; s/null/"new"/' "$1""#)
        let before = try config(person)
        let result = person.run("partner", "edit", "crm", "--offline")
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.output == "crm is SUSPENDED.\n")
        #expect(try person.record("crm")["description"]?.string == "new")
        #expect(try config(person) == before)
        let seen = try String(contentsOfFile: "\(directory.path)/seen", encoding: .utf8)
        #expect(
            seen == """
                {
                  "name": "crm",
                  "description": null,
                  "status": "ACTIVE",
                  "validation_config": {
                    "senders": [
                      "partner"
                    ],
                    "signing": {
                      "scheme": "github",
                      "secrets": [
                        "*** 0",
                        "ssm:/x"
                      ]
                    }
                  }
                }

                """)
        #expect(try left.isEmpty)
    }

    @Test("unchanged means that nothing is done")
    func unchanged() throws {
        let person = try person("true")
        let before = try person.record("crm").written
        let result = person.run("partner", "edit", "crm")
        #expect(result.code == 0 && result.output.isEmpty)
        #expect(result.errors == "Nothing was changed.\n")
        #expect(try person.record("crm").written == before)
        #expect(try left.isEmpty)
    }

    @Test("secrets may be moved, dropped and added")
    func secrets() throws {
        let person = try person(#"sed -i 's/"\*\*\* 0",/"ssm:\/new",/; s/"ssm:\/x"/"*** 0"/' "$1""#)
        #expect(person.run("partner", "edit", "crm", "--offline").code == 0)
        #expect(try config(person)?.contains(#"["ssm:/new","hunter22-hunter22"]"#) == true)
    }

    @Test(
        "what is wrong is said, and without an answer the text is kept and nothing changed",
        arguments: [
            ("echo x >\"$1\"", "not a JSON object"), ("sed -i 's/ACTIVE/ON/' \"$1\"", "status"),
            ("sed -i 's/\"name\"/\"names\"/' \"$1\"", "member names"),
            ("sed -i 's/github/githib/' \"$1\"", "signing.scheme"),
            ("sed -i 's/\\*\\*\\* 0/*** 7/' \"$1\"", "is the mask"),
        ])
    func invalid(script: String, problem: String) throws {
        let person = try person(script)
        let before = try person.record("crm").written
        let result = person.run("partner", "edit", "crm", "--offline")
        #expect(result.code == 1)
        #expect(result.errors.contains(problem), "\(result.errors)")
        #expect(result.errors.contains("is kept in \(directory.path)"))
        #expect(try left.count == 1)
        #expect(try person.record("crm").written == before)
    }

    @Test("it may be edited again")
    func again() throws {
        let person = try person(
            "if [ -e \"$0.once\" ]; then sed -i 's/ON/INACTIVE/' \"$1\"; "
                + "else touch \"$0.once\"; sed -i 's/ACTIVE/ON/' \"$1\"; fi")
        let result = person.run(["partner", "edit", "crm", "--offline"], answer: "")
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.errors.contains("Edit it again?"))
        #expect(try person.record("crm")["status"]?.string == "INACTIVE")
        #expect(try left.isEmpty)
    }

    @Test("nothing is overwritten that somebody has changed meanwhile")
    func meanwhile() throws {
        let programs = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().path
        let person = try person(
            "\(programs)/inlet partner suspend crm --registry \"$(cat \"$0.registry\")\" "
                + ">/dev/null 2>&1; sed -i 's/null/\"mine\"/' \"$1\"")
        _ = try directory.write(
            "editor.registry", try #require(person.environment["INLET_PARTNERS"]))
        let result = person.run("partner", "edit", "crm", "--offline")
        #expect(result.code == 1)
        #expect(result.errors.contains("somebody else has changed the partner meanwhile"))
        #expect(try person.record("crm")["status"]?.string == "SUSPENDED")
        #expect(try person.record("crm")["description"]?.string == nil)
    }

    @Test("an editor that fails changes nothing")
    func fails() throws {
        let person = try person("exit 3")
        let result = person.run("partner", "edit", "crm")
        #expect(result.code == 1 && result.errors.contains("editor failed"))
        #expect(try left.isEmpty)
    }

    @Test("a secret is added and dropped, and the last one stays")
    func secretCommands() throws {
        let person = try person("true")
        let file = try directory.write("secret", "new \"secret\" of theirs\n")
        let added = person.run(
            "partner", "secret", "add", "crm", "--secret-file", file, "--offline")
        #expect(added.code == 0, "\(added.errors)")
        #expect(added.output == "crm has 3 signing secrets.\n")
        #expect(!added.errors.contains("theirs"))
        #expect(
            try config(person)?.contains(
                #"["hunter22-hunter22","ssm:/x","new \"secret\" of theirs"]"#) == true)
        #expect(person.run("partner", "secret", "drop", "crm", "--index", "3").code == 1)
        #expect(person.run("partner", "secret", "drop", "crm", "--index", "0").code == 0)
        #expect(person.run("partner", "secret", "drop", "crm", "--index", "1").code == 0)
        #expect(try config(person)?.contains(#"["ssm:/x"]"#) == true)
        let last = person.run("partner", "secret", "drop", "crm", "--index", "0")
        #expect(last.code == 1 && last.errors.contains("no such secret, or no other one"))
        for index in ["-1", "x"] {
            #expect(person.run("partner", "secret", "drop", "crm", "--index=\(index)").code == 2)
        }
        try person.add("plain")
        let unsigned = person.run(
            ["partner", "secret", "add", "plain", "--secret-file", "-"], input: Array("x".utf8))
        #expect(unsigned.code == 1 && unsigned.errors.contains("has no signing"))
        for text in ["", "\n", "two\nlines", String(repeating: "x", count: 4097)] {
            let refused = person.run(
                ["partner", "secret", "add", "crm", "--secret-file", "-"], input: Array(text.utf8))
            #expect(refused.code == 2 && refused.errors.contains("the secret"))
        }
    }
}
