import Foundation
import Testing

/// The repository's own text, as git keeps it.
struct Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Every file under a directory of the repository, with its path from the root.
    static func files(in directory: String) -> [(path: String, text: String)] {
        let start = root.appending(path: directory)
        let names = FileManager.default.enumerator(atPath: start.path)?.allObjects ?? []
        return names.compactMap { name in
            guard let name = name as? String,
                let text = try? String(contentsOf: start.appending(path: name), encoding: .utf8)
            else { return nil }
            return ("\(directory)/\(name)", text)
        }
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    static func directories(in directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appending(path: directory).path)
            .sorted()
    }
}

@Suite("The repository is tidy")
struct TidyTests {
    @Test("nothing under Sources imports Foundation")
    func foundation() {
        for (path, text) in Repository.files(in: "Sources") where path.hasSuffix(".swift") {
            #expect(!text.contains(/import Foundation/), "\(path)")
        }
    }

    @Test("unsafe code stays where C is called")
    func unsafeCode() {
        let wrappers = [
            "Compression", "LambdaRuntime", "LocalServer", "Platform", "PostgreSQL", "SQLite",
            "Signing", "Transport", "bootstrap", "emulator", "inlet",
        ]
        for (path, text) in Repository.files(in: "Sources") where path.hasSuffix(".swift") {
            let target = String(path.split(separator: "/")[1])
            // Bytes are read and written eight at a time there, each place checked.
            guard !wrappers.contains(target), path != "Sources/Formats/RawBytes.swift" else {
                continue
            }
            #expect(!text.contains(/\bunsafe\b/), "\(path)")
        }
    }

    @Test("nothing is left for later in a comment, and no test is switched off")
    func leftovers() {
        let files =
            ["Sources", "Tests", "scripts"].flatMap { Repository.files(in: $0) }
            .filter { !$0.path.hasSuffix("TidyTests.swift") }
        for (path, text) in files {
            #expect(!text.contains(/\b(TODO|FIXME|XXX|HACK)\b/), "\(path)")
            #expect(!text.contains(/\.disabled\(|XCTSkip|withKnownIssue|try!/), "\(path)")
        }
    }

    /// The limit counts from when a test might begin, so it includes the time of most other tests.
    @Test("a test's time limit is longer than all tests take on a busy machine")
    func timeLimits() {
        for (path, text) in Repository.files(in: "Tests") where path.hasSuffix(".swift") {
            #expect(!text.contains(/timeLimit\(\.minutes\([1-5]?[0-9]\)\)/), "\(path)")
        }
    }

    @Test("the package depends on no package")
    func dependencies() throws {
        let manifest = try Repository.text("Package.swift")
        #expect(!manifest.contains(/\.package\(/))
    }
}
