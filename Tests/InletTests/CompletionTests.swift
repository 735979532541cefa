import TestSupport
import Testing

@testable import inlet

@Suite("Completion", .timeLimit(.minutes(60)))
struct CompletionTests {
    private let person: Operator

    init() throws { person = try Operator(migrated: false) }

    private func script(_ shell: String) throws -> String {
        let result = person.run("completion", shell)
        #expect(result.code == 0)
        return try person.directory.write("completion.\(shell)", result.output)
    }

    /// Runs a shell, which must be there and end well.
    private func shell(_ arguments: [String], path: String = "/usr/bin:/bin") throws -> String {
        let program = try Program(
            "/usr/bin/env", arguments, environment: ["PATH": path, "LANG": "C.UTF-8"])
        guard try program.end() == .status(0) else { throw program.failure("failed") }
        return program.output
    }

    @Test("both shells take their script", arguments: ["bash", "zsh"])
    func syntax(name: String) throws { _ = try shell([name, "-n", try script(name)]) }

    @Test("zsh loads it, and has a function for inlet")
    func zsh() throws {
        let text = "autoload -Uz compinit; compinit -u -D; source $1; print ${_comps[inlet]}"
        let output = try shell(["zsh", "-f", "-c", text, "zsh", try script("zsh")])
        #expect(output == "_inlet\n")
    }

    @Test("a partner's name is never run as a command by a completion")
    func names() throws {
        let trap = "\(person.directory.path)/trapped"
        let names = ["$(touch \(trap))", "`touch \(trap)`", "two words", "a'b\"c", "*"]
        let list = try person.directory.write("names", names.map { "\($0)\n" }.joined())
        let found = try complete("inlet partner show ", names: list)
        #expect(
            found == [
                "\\$\\(touch\\ \(trap)\\)", "\\`touch\\ \(trap)\\`", "two\\ words", "a\\'b\\\"c",
                "\\*",
            ])
        #expect(throws: Program.Failure.self) { try shell(["test", "-e", trap]) }
        #expect(try complete("inlet partner show tw", names: list) == ["two\\ words"])
    }

    /// What is typed, the last word still empty or begun, and some of what is offered.
    private static let cases: [(line: String, expected: [String])] = [
        (
            "inlet ",
            ["partner", "check", "migrate", "rejected", "completion", "--help", "--json"]
        ),
        ("inlet par", ["partner"]), ("inlet partner re", ["remove"]),
        ("inlet partner ro", ["rotate"]), ("inlet --json partner sus", ["suspend"]),
        ("inlet --registry x partner sus", ["suspend"]),
        ("inlet partner rotate --gr", ["--grace"]),
        ("inlet partner rotate --fo", ["--force"]),
        ("inlet partner list -", ["--all", "--quiet", "-q", "--registry", "--json"]),
        ("inlet partner show ", ["shop", "web-app"]), ("inlet partner show w", ["web-app"]),
        ("inlet check ", ["shop", "web-app"]), ("inlet completion z", ["zsh"]),
        ("inlet rejected replay --type id", ["identify"]),
        ("inlet check --type tr", ["track"]), ("inlet partner add ", []),
        ("inlet partner rotate --grace ", []),
    ]

    @Test("bash completes commands, options, values and partners' names", arguments: cases)
    func bash(line: String, expected: [String]) throws {
        let list = try person.directory.write("names", "shop\nweb-app\n")
        let found = try complete(line, names: list)
        if expected.isEmpty {
            #expect(found.isEmpty)
        } else {
            #expect(Set(expected).isSubset(of: found), "\(found)")
        }
    }

    @Test("zsh offers the same before it is narrowed down", arguments: cases)
    func zshCompletes(line: String, expected: [String]) throws {
        let list = try person.directory.write("names", "shop\nweb-app\n")
        let file = try person.directory.write("bin/inlet", "#!/bin/sh\ncat '\(list)'\n")
        _ = try shell(["chmod", "+x", file])
        let text = #"""
            compdef() { : }
            _files() { : }
            compadd() {
                if [[ $1 == -a ]]; then print -l -- ${(P)2}; return; fi
                [[ $1 == -- ]] && shift
                print -l -- "$@"
            }
            source "$1"
            words=("${(@s: :)2}") CURRENT=${#words}
            _inlet
            """#
        let output = try shell(
            ["zsh", "-f", "-c", text, "zsh", try script("zsh"), line],
            path: "\(person.directory.path)/bin:/usr/bin:/bin")
        let found = output.split(separator: "\n").map { String($0) }
        if expected.isEmpty {
            #expect(found.isEmpty)
        } else {
            #expect(Set(expected).isSubset(of: found), "\(found)")
        }
    }

    /// What bash offers at the end of a line, where a program in place of `inlet` lists the names.
    private func complete(_ line: String, names: String) throws -> [String] {
        let file = try person.directory.write("bin/inlet", "#!/bin/sh\ncat '\(names)'\n")
        _ = try shell(["chmod", "+x", file])
        let text = #"""
            source "$1"; line=$2
            read -ra COMP_WORDS <<<"$line"
            [ "${line% }" = "$line" ] || COMP_WORDS+=('')
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _inlet
            printf '%s\n' "${COMPREPLY[@]}"
            """#
        let output = try shell(
            ["bash", "-c", text, "bash", try script("bash"), line],
            path: "\(person.directory.path)/bin:/usr/bin:/bin")
        return output.split(separator: "\n").map { String($0) }
    }
}
