import Testing

@testable import inlet

@Suite("The command line")
struct ArgumentsTests {
    @Test(
        "what is wrong with it is said, with the help to look at, and ends with 2",
        arguments: [
            (["nonsense"], "there is no command \"nonsense\"", "inlet --help"),
            (["partner", "nonsense"], "no command \"partner nonsense\"", "inlet partner --help"),
            (["partner", "add"], "NAME is missing", "inlet partner add --help"),
            (["partner", "add", "a", "b"], "too many arguments", "inlet partner add --help"),
            (["check", "a"], "FILE is missing", "inlet check --help"),
            (["partner", "add", "a", "--nothing"], "no option --nothing", "partner add --help"),
            (["partner", "list", "--grace", "1h"], "no option --grace", "partner list --help"),
            (["--grace", "1h", "partner", "list"], "no option --grace", "inlet --help"),
            (["partner", "add", "a", "--config"], "--config needs a value", "add --help"),
            (["partner", "list", "--all=yes"], "--all takes no value", "list --help"),
            (["partner", "list", "-x"], "no option -x", "partner list --help"),
            (["partner", "update", "a"], "nothing to change", "partner update --help"),
            (["rejected", "replay"], "say which: --id, or --all", "rejected replay --help"),
            (["rejected", "replay", "--all", "--id", "x"], "say which", "replay --help"),
            (["rejected", "replay", "--all", "--type", "x"], "--type is not one of", "--help"),
            (["check", "a", "-", "--sender", "x"], "--sender is not one of", "check --help"),
            (["completion", "fsh"], "SHELL is not one of bash, zsh, fish", "completion --help"),
        ])
    func usage(arguments: [String], problem: String, help: String) throws {
        let result = try Operator(migrated: false).run(arguments)
        #expect(result.code == 2)
        #expect(result.output.isEmpty)
        #expect(result.errors.contains(problem), "\(result.errors)")
        #expect(result.errors.contains(help), "\(result.errors)")
    }

    @Test(
        "what was probably meant is said",
        arguments: [
            (["parnter"], #"there is no command "parnter"; did you mean "partner"?"#),
            (["partner", "lst"], #"did you mean "partner list"?"#),
            (["partner", "shwo", "x"], #"did you mean "partner show"?"#),
            (["rotate", "x"], #"there is no command "rotate"; did you mean "partner rotate"?"#),
            (["drop", "x"], #"did you mean "partner secret drop" or "rejected drop"?"#),
            (["partner", "rotate", "x", "--grcae", "1h"], "--grcae; did you mean --grace?"),
            (["partner", "rotate", "x", "--Force"], "--Force; did you mean --force?"),
            (["check", "a", "-", "--sender", "customer-io"], "; did you mean customerio?"),
            (["completion", "fihs"], "; did you mean fish?"),
            (["partner", "list", "--output", "jsno"], "; did you mean json?"),
        ])
    func meant(arguments: [String], problem: String) throws {
        let result = try Operator(migrated: false).run(arguments)
        #expect(result.code == 2)
        #expect(result.errors.contains("\(problem)\n"), "\(result.errors)")
    }

    @Test(
        "nothing is guessed for what is like nothing",
        arguments: [["xyzzy"], ["partner", "qqqqqq"], ["partner", "list", "--zzzz"]])
    func notMeant(arguments: [String]) throws {
        let result = try Operator(migrated: false).run(arguments)
        #expect(result.code == 2)
        #expect(!result.errors.contains("did you mean"))
    }

    @Test("options stand before the command's words, between and after, with = or a space")
    func places() throws {
        let place = "sqlite:/nowhere/p.sqlite"
        for arguments in [
            ["--registry", place, "partner", "list"], ["partner", "--registry", place, "list"],
            ["partner", "list", "--registry", place], ["partner", "list", "--registry=\(place)"],
            ["partner", "list", "--registry=x", "--registry=\(place)"],
        ] {
            let result = try Operator(migrated: false).run(arguments)
            #expect(result.code == 1)
            #expect(result.errors.contains("/nowhere/p.sqlite"), "\(result.errors)")
        }
    }

    @Test("after -- nothing is an option")
    func operandsOnly() throws {
        let person = try Operator()
        #expect(person.run("partner", "add", "--", "--help").errors.contains("begins with -"))
        let unknown = person.run("partner", "remove", "--yes", "--", "--help")
        #expect(unknown.errors.contains("partner \"--help\": there is no partner of this name"))
    }

    @Test("without INLET_PARTNERS and --registry it says which to set")
    func noRegistry() throws {
        let result = try Operator(["INLET_PARTNERS": ""], migrated: false).run("partner", "list")
        #expect(result.code == 2)
        #expect(result.errors.contains("neither --registry nor INLET_PARTNERS is set"))
    }

    @Test("a registry of no known form is refused, and what forms there are is said")
    func badRegistry() throws {
        let result = try Operator(["INLET_PARTNERS": "mysql://h/db"], migrated: false)
            .run("partner", "list")
        #expect(result.code == 2)
        #expect(result.errors.contains("sqlite:<path>"))
        #expect(!result.errors.contains("mysql"))
    }

    @Test("every command has help that names its operands and options", arguments: Command.all)
    func help(command: Command) throws {
        for arguments in [command.words + ["--help"], ["help"] + command.words] {
            let result = try Operator(migrated: false).run(arguments)
            #expect(result.code == 0)
            #expect(result.errors.isEmpty)
            #expect(result.output.contains("Usage: \(command.usage)"))
            for option in command.allOptions { #expect(result.output.contains("--\(option.name)")) }
            #expect(result.output.split(separator: "\n").allSatisfy { $0.count <= 120 })
        }
    }

    @Test("help of a group, and of the program, lists every command in it")
    func groups() throws {
        let person = try Operator(migrated: false)
        for words in [[], ["partner"], ["rejected"]] {
            let result = person.run(words)
            #expect(result.code == 0)
            for command in Command.all where command.words.starts(with: words) {
                #expect(result.output.contains("  \(command.name)"))
                #expect(result.output.contains(command.summary))
            }
        }
        #expect(person.run("--version").output.wholeMatch(of: /inlet [0-9.]+\n/) != nil)
    }
}

extension Command: CustomTestStringConvertible {
    public var testDescription: String { name }
}
