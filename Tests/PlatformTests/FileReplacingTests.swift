import Foundation
import Platform
import Testing

@Suite("A file is replaced")
struct FileReplacingTests {
    private let directory = FileManager.default.temporaryDirectory
        .appending(path: "inlet-\(UUID().uuidString)").path

    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.posixPermissions] as? Int)
    }

    @Test("as a whole, for its owner alone, with the directories on its way")
    func replaces() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = "\(directory)/a/b/file.json"
        for text in ["{}", String(repeating: "x", count: 200_000), "{\"a\":1}\n"] {
            try File.replace(path, with: Array(text.utf8))
            #expect(try File.read(path) == Array(text.utf8))
        }
        #expect(try mode(path) == 0o600)
        #expect(try mode("\(directory)/a") == 0o700)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(directory)/a/b").count == 1)
    }

    @Test("not if it cannot be written: what was there stays")
    func keeps() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = "\(directory)/file"
        try File.replace(path, with: [1])
        #expect(throws: FileError.self) { try File.replace("\(path)/below", with: [2]) }
        // A directory in the file's place.
        try FileManager.default.createDirectory(
            atPath: "\(directory)/taken", withIntermediateDirectories: false)
        #expect(throws: FileError.self) { try File.replace("\(directory)/taken", with: [2]) }
        #expect(try File.read(path) == [1])
        let names = try FileManager.default.contentsOfDirectory(atPath: directory)
        #expect(names.sorted() == ["file", "taken"])
    }
}

@Suite("Variables")
struct VariableTests {
    private let system = System(environment: { ["A": "a", "EMPTY": ""][$0] })

    @Test("some stand in for those that are not set, and some replace them")
    func layers() {
        let backed = system.backed(by: ["A": "1", "EMPTY": "2", "NEW": "3"])
        #expect(["A", "EMPTY", "NEW", "NONE"].map { backed[$0] } == ["a", "2", "3", nil])
        let replaced = system.replacing(["A": "1"])
        #expect(["A", "EMPTY", "NEW"].map { replaced[$0] } == ["1", nil, nil])
    }
}
