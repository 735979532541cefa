import Foundation
import TestSupport
import Testing

@Suite("Workflows", .timeLimit(.minutes(60)))
struct WorkflowTests {
    private func workflows() throws -> [String] {
        try Tools.files(in: ".github/workflows", suffix: ".yml")
    }

    @Test("every workflow is one by the schema")
    func schema() async throws {
        let program = try Program(
            try Tools.check("check-jsonschema"),
            ["--builtin-schema", "vendor.github-workflows"] + workflows(),
            environment: ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent"])
        _ = try await program.ended()
        #expect(try program.end() == .status(0), "\(program.output)\(program.errors)")
    }

    @Test("what a workflow runs is a script that is here, and takes these options")
    func scripts() async throws {
        var names: Set<String> = []
        for file in try workflows() {
            let text = try String(contentsOfFile: file, encoding: .utf8)
            for call in text.matches(of: /scripts\/([a-z-]+)((?: --[a-z-]+| "[^"]*"| [a-z]+)*)/) {
                let name = String(call.1)
                names.insert(name)
                let path = Tools.script(name)
                // A folder of scripts, in a key of a cache.
                var isFolder: ObjCBool = false
                try #require(
                    unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder))
                if isFolder.boolValue { continue }
                let help = try Program(
                    path, ["--help"], environment: ["PATH": "/usr/bin:/bin"])
                _ = try await help.ended()
                #expect(try help.end() == .status(0), "\(name)")
                for option in call.2.split(separator: " ") where option.hasPrefix("--") {
                    #expect(help.output.contains(String(option)), "\(name) \(option)")
                }
            }
        }
        #expect(names.isSuperset(of: ["test", "package", "deploy", "release", "update-sources"]))
    }
}
