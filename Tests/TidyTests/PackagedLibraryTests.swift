import Foundation
import Testing

@Suite("The package's libraries")
struct PackagedLibraryTests {
    private static let scripts = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "scripts")

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: scripts.appending(path: path), encoding: .utf8)
    }

    @Test("have a script each, and sources that are pinned by hash and by who signed them")
    func pins() throws {
        let sections = try Self.text("static/sources.txt").split(separator: "\n[").dropFirst()
        #expect(sections.count == 6)
        for section in sections {
            let name = String(section.prefix { $0 != "]" })
            #expect(try Self.text("static/\(name)").hasPrefix("#!"), "\(name)")
            #expect(section.contains(/\nversion [0-9]/), "\(name)")
            #expect(section.contains(/\nsigned-by [0-9A-F]{40}\n/), "\(name)")
            let files = section.split(separator: "\n").filter { $0.hasPrefix("file ") }
            #expect(files.first?.hasSuffix(".dsc") == true, "\(name)")
            for file in files {
                #expect(file.wholeMatch(of: /file [0-9a-f]{64} [^ \/]+/) != nil, "\(file)")
            }
        }
    }

    @Test("are linked as their makers build them: nothing is renamed, weakened or taken out")
    func untouched() throws {
        let names = FileManager.default.enumerator(atPath: Self.scripts.path)?.allObjects ?? []
        let surgery = /redefine-sym|weaken|globalize|localize|\bar d\b|--wrap|allow-multiple/
        for name in names.compactMap({ $0 as? String }) {
            guard let text = try? Self.text(name) else { continue }
            #expect(!text.contains(surgery), "\(name)")
        }
    }
}
