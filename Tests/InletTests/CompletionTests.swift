import Foundation
import TestSupport
import Testing

@testable import inlet

@Suite("Completion", .timeLimit(.minutes(60)))
struct CompletionTests {
    /// False in a changed root without this file system.
    private static let hasTerminals = FileManager.default.fileExists(atPath: "/dev/pts/ptmx")

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

    @Test("each shell takes its script", arguments: ["bash", "zsh", "fish"])
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

    @Test("bash shows what commands and options mean when it lists several, and not in the line")
    func bashMeanings() throws {
        let list = try person.directory.write("names", "shop\n")
        let listed = try complete("inlet partner s", names: list, type: 63)
        #expect(
            listed == [
                "show                 (Show everything about a partner.)",
                "suspend              (Refuse what a partner sends, until it is activated.)",
                "secret               (The secrets that a partner may sign by.)",
            ])
        #expect(try complete("inlet partner s", names: list) == ["show", "suspend", "secret"])
        #expect(try complete("inlet partner sh", names: list, type: 63) == ["show"])
        let options = try complete("inlet partner rotate --", names: list, type: 63)
        #expect(options.contains { $0.hasPrefix("--force ") && $0.contains("(even if ") })
    }

    @Test("fish completes the same, with what each means", arguments: cases)
    func fish(line: String, expected: [String]) throws {
        let list = try person.directory.write("names", "shop\nweb-app\n")
        let file = try person.directory.write("bin/inlet", "#!/bin/sh\ncat '\(list)'\n")
        _ = try shell(["chmod", "+x", file])
        let output = try shell(
            [
                "fish", "--no-config", "-c", "source $argv[1]; complete -C $argv[2]",
                try script("fish"), line,
            ], path: "\(person.directory.path)/bin:/usr/bin:/bin")
        let found = output.split(separator: "\n").map { line in
            String(line.split(separator: "\t")[0])
        }
        // For fish, what begins with a hyphen is an option once one is begun.
        let words = expected.filter { line.contains("-") || !$0.hasPrefix("-") }
        if words.isEmpty {
            #expect(found.isEmpty, "\(found)")
        } else {
            #expect(Set(words).isSubset(of: found), "\(found)")
        }
        if line == "inlet partner re" {
            #expect(output.contains("remove\tRemove a partner for good: what it sends is refused."))
        }
        if line == "inlet partner rotate --fo" { #expect(output.contains("--force\teven if ")) }
    }

    @Test(
        "zsh itself shows what commands mean",
        .enabled(if: hasTerminals, "needs a terminal: /dev/pts is not mounted"))
    func zshMeanings() throws {
        let text = #"""
            zmodload zsh/zpty
            export TERM=vt100 COLUMNS=120
            zpty terminal zsh -f -i
            zpty -w terminal "PS1='> '; autoload -Uz compinit; compinit -u -D; source $1; print ready"
            zpty -r terminal output '*ready*ready*'
            zpty -w -n terminal $'inlet partner 	'
            zpty -r terminal output '*suspend*--*until it is activated*'
            print -r -- "$output"
            zpty -d terminal
            """#
        let output = try shell(["zsh", "-f", "-c", text, "zsh", try script("zsh")])
        #expect(output.contains("Refuse what a partner sends, until it is activated"))
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
            _describe() { print -l -- ${${(P)2}%%:*} }
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
    private func complete(_ line: String, names: String, type: Int = 9) throws -> [String] {
        let file = try person.directory.write("bin/inlet", "#!/bin/sh\ncat '\(names)'\n")
        _ = try shell(["chmod", "+x", file])
        let text = #"""
            source "$1"; line=$2 COMP_TYPE=$3
            read -ra COMP_WORDS <<<"$line"
            [ "${line% }" = "$line" ] || COMP_WORDS+=('')
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _inlet
            printf '%s\n' "${COMPREPLY[@]}"
            """#
        let output = try shell(
            ["bash", "-c", text, "bash", try script("bash"), line, "\(type)"],
            path: "\(person.directory.path)/bin:/usr/bin:/bin")
        return output.split(separator: "\n").map { String($0) }
    }
}
