import Formats
import Foundation
import TestSupport
import Testing

@testable import inlet

@Suite("Contexts", .timeLimit(.minutes(60)))
struct ContextTests {
    private let home: TemporaryDirectory
    private let person: Operator
    private var path: String { "\(home.path)/.config/inlet/config.json" }

    init() throws {
        home = try TemporaryDirectory()
        person = try Operator(["HOME": home.path, "INLET_PARTNERS": ""], migrated: false)
    }

    private var file: String {
        get throws { try String(contentsOfFile: path, encoding: .utf8) }
    }

    /// Adds a context whose registry is a file with a partner of the same name.
    private func add(_ name: String, _ options: String...) throws {
        let registry = "sqlite:\(home.path)/\(name).sqlite"
        let added = person.run(["context", "add", name, "--registry", registry] + options)
        try #require(added.code == 0, "\(added.errors)")
        #expect(person.run("migrate", "--registry", registry).code == 0)
        #expect(person.run("partner", "add", name, "--registry", registry).code == 0)
    }

    @Test("one is added, listed, used, shown and removed")
    func story() throws {
        #expect(person.run("context", "list").errors.contains("inlet context add NAME"))
        let first = person.run("context", "add", "one", "--registry", "sqlite:/one.sqlite")
        #expect(first.output == "Added one. one is in use.\n")
        let second = person.run("context", "add", "two", "--url", "https://h/prod")
        #expect(second.output == "Added two.\n")
        #expect(
            person.run("context", "list").output == """
                   NAME  URL             REGION  PARTNERS
                *  one                           sqlite:/one.sqlite
                   two   https://h/prod

                """)
        #expect(person.run("context", "use", "two").output == "two is in use.\n")
        let json = try person.run("context", "list", "--json").json()
        #expect(json.elements.map { $0["name"]?.string } == ["one", "two"])
        #expect(json.elements.map { $0["current"]?.bool } == [false, true])
        #expect(person.run("context", "list", "-q").output == "one\ntwo\n")
        #expect(
            person.run("context", "show").output == """
                SETTING           VALUE
                INLET_PUBLIC_URL  https://h/prod

                """)
        #expect(person.run("context", "show", "one").output.contains("sqlite:/one.sqlite"))
        let removed = person.run("context", "remove", "two")
        #expect(removed.code == 0 && removed.errors == "No context is in use now.\n")
        #expect(person.run("context", "show").code == 1)
        #expect(person.run("context", "remove", "two").code == 2)
    }

    @Test("its file is its owner's alone, in the place of the XDG specification")
    func place() throws {
        _ = person.run("context", "add", "a", "--url", "https://h")
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let other = try Operator(
            ["HOME": home.path, "XDG_CONFIG_HOME": "\(home.path)/xdg"], migrated: false)
        #expect(other.run("context", "list", "-q").output.isEmpty)
        _ = other.run("context", "add", "b", "--url", "https://h")
        #expect(FileManager.default.fileExists(atPath: "\(home.path)/xdg/inlet/config.json"))
        let relative = try Operator(
            ["HOME": home.path, "XDG_CONFIG_HOME": "xdg"], migrated: false)
        #expect(relative.run("context", "list", "-q").output == "a\n")
        let homeless = try Operator(migrated: false)
        #expect(homeless.run("context", "list").errors.contains("neither XDG_CONFIG_HOME nor HOME"))
    }

    @Test("settings are the option's, else the environment's, else the context's")
    func precedence() throws {
        try add("one")
        try add("two")
        #expect(person.run("partner", "list", "-q").output == "one\n")
        #expect(person.run("partner", "list", "-q", "--context", "two").output == "two\n")
        #expect(person.run("partner", "list", "-q", "--context", "two").errors.isEmpty)
        let registry = "sqlite:\(home.path)/one.sqlite"
        let set = try Operator(
            ["HOME": home.path, "INLET_PARTNERS": registry], migrated: false)
        let named = set.run("--context", "two", "partner", "list", "-q")
        #expect(named.output == "one\n")
        #expect(named.errors == "INLET_PARTNERS of the environment is used, and not two's.\n")
        let given = set.run(
            "partner", "list", "-q", "--registry", "sqlite:\(home.path)/two.sqlite")
        #expect(given.output == "two\n")
    }

    @Test("an unknown one is refused, and the others are named; so is a damaged file")
    func unknown() throws {
        #expect(person.run("--context", "x", "partner", "list").errors.contains("no context \"x\""))
        try add("one")
        let unknown = person.run("--context", "x", "partner", "list")
        #expect(unknown.code == 2)
        #expect(unknown.errors.contains("There are: one."))
        for damage in [
            "[]", "{", #"{"contexts":[{}]}"#, #"{"contexts":[{"name":"a b"}]}"#,
            #"{"contexts":[{"name":"a","settings":{"PATH":"/tmp"}}]}"#,
            #"{"contexts":[{"name":"a","tokens":{"crm":"wk_live"}}]}"#,
        ] {
            try damage.write(toFile: path, atomically: true, encoding: .utf8)
            #expect(person.run("partner", "list").code != 0, "\(damage)")
            #expect(person.run("completion", "bash").code == 0)
        }
    }

    @Test("what is given again is changed, and the rest stays")
    func changes() throws {
        try add("one", "--queue", "https://q/1", "--token", "crm=file:/one")
        let changed = person.run(
            "context", "add", "one", "--queue", "https://q/2", "--token", "shop=ssm:/two")
        #expect(changed.output.hasPrefix("Changed one."))
        let shown = try person.run("context", "show", "one", "--json").json()
        #expect(shown["settings"]?["INLET_REJECTED_QUEUE_URL"]?.string == "https://q/2")
        #expect(shown["settings"]?["INLET_PARTNERS"]?.string?.hasSuffix("one.sqlite") == true)
        #expect(shown["tokens"]?["crm"]?.string == "file:/one")
        #expect(shown["tokens"]?["shop"]?.string == "ssm:/two")
    }

    @Test(
        "what may be a secret is refused, and not repeated",
        arguments: [
            ["--registry", "postgresql://u:hunter22@h/d?sslmode=disable"],
            ["--registry", "postgresql://h/d?password=hunter22"],
            ["--registry", #" [{"name":"a","webhook_token":"hunter22"}]"#],
            ["--warehouse", "postgres://u:hunter22@h/d"], ["--token", "crm=hunter22"],
            ["--token", "hunter22"],
        ])
    func secrets(options: [String]) throws {
        let result = person.run(["context", "add", "a"] + options)
        #expect(result.code != 0)
        #expect(!result.errors.contains("hunter22"))
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("a PostgreSQL without a password in it, and a reference, may be kept")
    func places() throws {
        for registry in ["postgresql://u@h/d?sslmode=verify-full", "secretsmanager:inlet/db"] {
            #expect(person.run("context", "add", "a", "--registry", registry).code == 0)
        }
    }

    @Test("a file is named by its absolute path, so that the context works in any directory")
    func paths() throws {
        let added = person.run(
            "context", "add", "a", "--registry", "sqlite:some.sqlite", "--token", "crm=file:token",
            "--json")
        let json = try added.json()
        let directory = FileManager.default.currentDirectoryPath
        #expect(json["settings"]?["INLET_PARTNERS"]?.string == "sqlite:\(directory)/some.sqlite")
        #expect(json["tokens"]?["crm"]?.string == "file:\(directory)/token")
    }

    @Test("nothing given, and a name that is none, are wrong usage")
    func usage() throws {
        #expect(person.run("context", "add", "a").code == 2)
        for name in ["a b", "a/b", String(repeating: "x", count: 65), "-a"] {
            #expect(person.run("context", "add", "--url", "https://h", "--", name).code == 2)
        }
    }

    @Test("a URL of this machine is an emulator's")
    func emulator() throws {
        _ = person.run("context", "add", "local", "--url", "http://127.0.0.1:3000")
        _ = person.run("context", "add", "remote", "--url", "https://h/prod")
        let shown = try person.run("context", "show", "local", "--json").json()
        #expect(shown["settings"]?.members.map(\.name.string) == ["INLET_EMULATOR_URL"])
        let other = try person.run("context", "show", "remote", "--json").json()
        #expect(other["settings"]?.members.map(\.name.string) == ["INLET_PUBLIC_URL"])
    }
}
