import TestSupport
import Testing

@testable import inlet

@Suite("Completion", .timeLimit(.minutes(2)))
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

    @Test(
        "bash completes commands, options, values and partners' names",
        arguments: [
            (
                "inlet ",
                ["partner", "check", "migrate", "rejected", "completion", "--help", "--json"]
            ),
            ("inlet par", ["partner"]), ("inlet partner re", ["remove"]),
            ("inlet partner ro", ["rotate"]), ("inlet --json partner sus", ["suspend"]),
            ("inlet --registry x partner sus", ["suspend"]),
            ("inlet partner rotate --gr", ["--grace"]),
            ("inlet partner list -", ["--all", "--quiet", "-q", "--registry", "--json"]),
            ("inlet partner show ", ["shop", "web-app"]), ("inlet partner show w", ["web-app"]),
            ("inlet check ", ["shop", "web-app"]), ("inlet completion z", ["zsh"]),
            ("inlet rejected replay --type id", ["identify"]), ("inlet partner add ", []),
            ("inlet partner rotate --grace ", []),
        ])
    func bash(line: String, expected: [String]) throws {
        // The names come from the program itself.
        let file = try person.directory.write(
            "bin/inlet", "#!/bin/sh\nprintf 'shop\\nweb-app\\n'\n")
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
        let found = output.split(separator: "\n").map { String($0) }
        if expected.isEmpty {
            #expect(found.isEmpty)
        } else {
            #expect(Set(expected).isSubset(of: found), "\(found)")
        }
    }
}
