import Foundation
import Testing

/// A README of the project.
private struct Page: Sendable, CustomTestStringConvertible {
    let path: String
    let text: String

    var testDescription: String { path }

    /// All of them, the top one first.
    static let all: [Page] = {
        let below = ["Sources", "Tests", "scripts"].flatMap { Repository.files(in: $0) }
            .filter { $0.path.hasSuffix("/README.md") }
            .sorted { $0.path < $1.path }
        let top = (path: "README.md", text: (try? Repository.text("README.md")) ?? "")
        return ([top] + below).map { Page(path: $0.path, text: $0.text) }
    }()

    static func named(_ path: String) throws -> Page {
        try #require(all.first { $0.path == path }, "\(path) is missing")
    }

    private var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

    /// The lines outside of code blocks, with their numbers.
    var prose: [(number: Int, line: Substring)] {
        var isCode = false
        return zip(1..., lines).compactMap { number, line in
            guard !line.drop(while: { $0 == " " }).hasPrefix("```") else {
                isCode.toggle()
                return nil
            }
            return isCode ? nil : (number, line)
        }
    }

    /// The names that a link to a place on this page may have, as GitHub makes them of headings.
    var anchors: Set<String> {
        var anchors: Set<String> = []
        for (_, line) in prose {
            if let heading = line.wholeMatch(of: /#+ (.*)/) {
                let kept = heading.1.lowercased().filter {
                    $0.isLetter || $0.isNumber || " -_".contains($0)
                }
                anchors.insert(kept.replacing(" ", with: "-"))
            }
            for match in line.matches(of: /<a id="([a-z-]+)">/) { anchors.insert(String(match.1)) }
        }
        return anchors
    }

    /// What stands in backticks in the rows of tables.
    var inTables: Set<String> {
        let rows = prose.map(\.line).filter { $0.hasPrefix("|") }
        return Set(rows.flatMap { $0.matches(of: /`([^`]+)`/).map { String($0.1) } })
    }
}

@Suite("The READMEs are true to the code")
struct ReadmeTests {
    private static let programs = ["bootstrap", "emulator", "inlet"]

    @Test("the top one is short, and its sections are in the order that a newcomer needs")
    func top() throws {
        let page = try Page.named("README.md")
        #expect(page.text.split(separator: "\n", omittingEmptySubsequences: false).count <= 200)
        let sections = page.prose.compactMap { $0.line.wholeMatch(of: /## (.*)/) }
            .map { String($0.1) }
        #expect(
            sections == [
                "Run it", "Send from your SDK", "See it", "Add a partner", "Deploy",
                "Read the messages", "Operate", "Measured", "Limits", "How it works", "Links",
            ])
    }

    @Test("every program has a README beside its code")
    func programs() throws {
        let manifest = try Repository.text("Package.swift")
        let programs = manifest.matches(of: /\bprogram\(\s*"([a-z]+)"/).map { String($0.1) }
        #expect(programs.sorted() == Self.programs)
        for program in programs { _ = try Page.named("Sources/\(program)/README.md") }
    }

    @Test("the top one links to all others", arguments: Page.all.dropFirst())
    private func isLinked(page: Page) throws {
        #expect(try Page.named("README.md").text.contains("](\(page.path)"))
    }

    @Test("lines of prose are no longer than 120 characters", arguments: Page.all)
    private func width(page: Page) {
        for (number, line) in page.prose where !line.hasPrefix("|") {
            #expect(line.count <= 120, "\(page.path):\(number)")
        }
    }

    @Test("links lead to what is there", arguments: Page.all)
    private func links(page: Page) throws {
        let directory = (page.path as NSString).deletingLastPathComponent
        for match in page.text.matches(of: /\]\(([^):]*?)(?:#([^)]*))?\)/) {
            let relative = (directory as NSString).appendingPathComponent(String(match.1))
            let path = match.1.isEmpty ? page.path : (relative as NSString).standardizingPath
            let target = Repository.root.appending(path: path).standardizedFileURL
            #expect(FileManager.default.fileExists(atPath: target.path), "\(match.0)")
            guard let anchor = match.2 else { continue }
            let other = try #require(
                Page.all.first {
                    Repository.root.appending(path: $0.path).standardizedFileURL == target
                }, "\(match.0)")
            #expect(other.anchors.contains(String(anchor)), "\(match.0)")
        }
    }

    @Test("files that are named are there", arguments: Page.all)
    private func files(page: Page) {
        for match in page.text.matches(of: /`((?:Sources|Tests|scripts|\.ci)\/[A-Za-z0-9_.\/+-]*)/)
        {
            let file = Repository.root.appending(path: String(match.1))
            #expect(FileManager.default.fileExists(atPath: file.path), "\(match.1)")
        }
    }

    @Test("the files to follow a call by are there, and follow each other")
    func readingOrder() throws {
        let section = try #require(
            Page.named("README.md").text.components(separatedBy: "## How it works").last)
        let names = section.matches(of: /`([A-Za-z\/]+\.swift)`/).map { String($0.1) }
        #expect(names.first == "bootstrap/Bootstrap.swift")
        #expect(names.count > 10 && Set(names).count == names.count)
        for name in names { _ = try Repository.text("Sources/\(name)") }
    }

    @Test("the map names every target, and no target that is not there")
    func targets() throws {
        let map = try Page.named("Sources/README.md")
        let targets = try Repository.directories(in: "Sources").filter { $0 != "README.md" }
        for target in targets { #expect(map.inTables.contains(target), "\(target)") }
        for row in map.prose.map(\.line) where row.hasPrefix("|") {
            let cells = row.split(separator: "|", omittingEmptySubsequences: false)
            for match in cells[2].matches(of: /`([^`]+)`/) {
                #expect(targets.contains(String(match.1)), "\(match.1)")
            }
        }
    }

    @Test("every script is explained, and no script that is not there is named")
    func scripts() throws {
        let page = try Page.named("scripts/README.md")
        let scripts = try Repository.directories(in: "scripts")
        for script in scripts where script != "README.md" {
            #expect(page.text.contains("`scripts/\(script)"), "\(script)")
        }
        for page in Page.all {
            for match in page.text.matches(of: /scripts\/([a-z][A-Za-z.-]*)/) {
                let name = match.1.last == "." ? match.1.dropLast() : match.1
                #expect(scripts.contains(String(name)), "\(page.path): \(match.1)")
            }
        }
    }

    @Test("every setting that the code reads is explained, and no other is named")
    func settings() throws {
        var read: Set<String> = []
        for program in ["bootstrap", "inlet"] {
            let text = try Page.named("Sources/\(program)/README.md").text
            for (path, code) in Repository.files(in: "Sources/\(program)")
            where path.hasSuffix(".swift") {
                for match in code.matches(of: /INLET_[A-Z_]+/) {
                    read.insert(String(match.0))
                    #expect(text.contains("`\(match.0)`"), "\(path): \(match.0)")
                }
            }
        }
        let named = Set(
            Page.all.flatMap { $0.text.matches(of: /INLET_[A-Z_]+/).map { String($0.0) } })
        // Libraries read settings that programs share.
        for (path, code) in Repository.files(in: "Sources") where path.hasSuffix(".swift") {
            for match in code.matches(of: /"(INLET_[A-Z_]+)"/) {
                read.insert(String(match.1))
                #expect(named.contains(String(match.1)), "\(path): \(match.1)")
            }
        }
        #expect(named.isSuperset(of: read))
        // Scripts have settings of their own.
        let scripts = Repository.files(in: "scripts").filter { !$0.path.hasSuffix(".md") }
        for setting in named.subtracting(read) {
            #expect(scripts.contains { $0.text.contains(setting) }, "\(setting)")
        }
    }

    @Test(
        "parameters to deploy with begin with the file that says for which processor",
        arguments: Page.all)
    private func parameters(page: Page) {
        for match in page.text.matches(of: /parameter_overrides = \[\s*("[^"]*")/) {
            #expect(match.1 == #""file://.build/deploy.yaml""#, "\(page.path)")
        }
    }

    @Test("every code of inlet's errors is in its table, and no other")
    func errorCodes() throws {
        let code = try Repository.text("Sources/inlet/InletError+Code.swift")
        let codes = Set(code.matches(of: /: "([a-z_]+)"\n/).map { String($0.1) })
        #expect(codes.count > 20)
        let page = try Page.named("Sources/inlet/README.md")
        let table = page.text.components(separatedBy: "| what is wrong | codes |").last ?? ""
        let rows = table.components(separatedBy: "\n\n")[0]
        #expect(Set(rows.matches(of: /`([a-z_]+)`/).map { String($0.1) }) == codes)
    }

    @Test("every command of inlet is explained")
    func commands() throws {
        let page = try Page.named("Sources/inlet/README.md")
        for (path, code) in Repository.files(in: "Sources/inlet") {
            for match in code.matches(of: /words: \[((?:"[a-z]+"(?:, )?)+)\], ?summary/) {
                let words = match.1.replacing("\"", with: "").replacing(",", with: "")
                #expect(page.text.contains("`inlet \(words)"), "\(path)")
            }
        }
    }
}

@Suite("Troubleshooting says what to do about all that can be read")
struct TroubleshootingTests {
    /// The code of the functions and of the emulator; `inlet` says what to do by itself.
    private static let sources = Repository.files(in: "Sources").filter {
        $0.path.hasSuffix(".swift") && !$0.path.hasPrefix("Sources/inlet")
    }

    /// What the pages explain in their tables.
    private static func explained() throws -> Set<String> {
        try ["bootstrap", "emulator", "Relay"].reduce(into: []) {
            $0.formUnion(try Page.named("Sources/\($1)/README.md").inTables)
        }
    }

    @Test("each code of a reply, a reject or a warning")
    func codes() throws {
        let explained = try Self.explained()
        var all: Set<String> = []
        for (path, text) in Self.sources + [("template.yaml", try Repository.text("template.yaml"))]
        {
            for code in CodeScan.codes(in: text) {
                all.insert(code)
                #expect(explained.contains(code), "\(path): \(code)")
            }
        }
        // What the scan is known to find, so that it does not fall silent.
        #expect(
            all.isSuperset(of: [
                "empty_batch_result", "not_publishable", "body_too_large", "foreign_host",
                "missing",
                "no_user_anon_id", "unreadable_time", "refused_by_segment", "not_an_id",
                "throttled",
            ]))
    }

    @Test("no code that nothing says")
    func staleCodes() throws {
        let sources = Self.sources.map(\.text).joined() + (try Repository.text("template.yaml"))
        for program in ["bootstrap", "emulator", "Relay"] {
            let page = try Page.named("Sources/\(program)/README.md")
            for row in page.prose.map(\.line) {
                guard let cells = row.firstMatch(of: /^\| [0-9][0-9, ]* \|([^|]*)\|/) else {
                    continue
                }
                for code in cells.1.matches(of: /`([a-z_]+)`/) {
                    let isSaid =
                        sources.contains("\"\(code.1)\"") || sources.contains("case \(code.1)\n")
                    #expect(isSaid, "\(page.path): \(code.1)")
                }
            }
        }
    }

    @Test("each line of the log that warns, and each type of error that Lambda is told")
    func lines() throws {
        let explained = try Self.explained()
        var count = 0
        for (path, text) in Self.sources where !path.hasPrefix("Sources/emulator") {
            for level in [".warn", ".error", ".fatal"] {
                for line in CodeScan.literals(after: "\(level), ", in: text) where line != "request"
                {
                    count += 1
                    #expect(explained.contains(line), "\(path): \(line)")
                }
            }
            for category in ["runtime", "function"] {
                for reason in CodeScan.literals(after: ".\(category), ", in: text) {
                    count += 1
                    let type = "\(category.capitalized).\(reason)"
                    #expect(explained.contains(type), "\(path): \(type)")
                }
            }
        }
        #expect(count > 20)
    }
}

/// Finds what code says to people and to other programs, by the text around it.
private enum CodeScan {
    /// The literals that stand right after a text.
    static func literals(after mark: String, in text: String) -> [String] {
        text.components(separatedBy: mark).dropFirst().compactMap { rest in
            guard rest.first == "\"" else { return nil }
            return String(rest.dropFirst().prefix { $0 != "\"" })
        }
    }

    /// The codes in a file: beside the word, in what computes one, and the raw values of kinds.
    static func codes(in text: String) -> Set<String> {
        var codes: Set<String> = []
        // The indentation of what computes codes, and whether its cases are codes themselves.
        var block: (indentation: Int, isKind: Bool)?
        for line in text.split(separator: "\n") {
            let indentation = line.prefix { $0 == " " }.count
            if let open = block, indentation <= open.indentation { block = nil }
            if let open = block {
                codes.formUnion(open.isKind ? Self.kind(in: line) : Self.words(in: line))
            } else if line.hasSuffix("{"), line.contains("var code: String") {
                block = (indentation, false)
            } else if line.contains("enum Problem: String") || line.contains("enum Code: String") {
                block = (indentation, true)
            } else if let label = label(in: line) {
                codes.formUnion(Self.words(in: label.prefix { $0 != "," }).prefix(1))
            }
        }
        for mark in ["efusal(", "\"code\", "] {
            let calls = text.components(separatedBy: mark).dropFirst()
            codes.formUnion(
                calls.compactMap { call in
                    let rest = call.drop(while: \.isWhitespace)
                    return rest.first == "\"" ? Self.words(in: rest.prefix(64)).first : nil
                })
        }
        return codes
    }

    /// What follows the label of a code in a line.
    private static func label(in line: Substring) -> Substring? {
        for label in [" code: ", "(code: ", "refusal: ", "\"code\":"] {
            if let found = line.range(of: label) { return line[found.upperBound...] }
        }
        return nil
    }

    /// The literals of a line that look like codes.
    private static func words(in line: Substring) -> [String] {
        let parts = line.split(separator: "\"", omittingEmptySubsequences: false)
        return zip(0..., parts).filter { index, part in
            !index.isMultiple(of: 2) && index + 1 < parts.count && !part.isEmpty
                && part.allSatisfy { $0 == "_" || ("a"..."z").contains($0) }
        }.map { String($0.1) }
    }

    /// The raw value of a case.
    private static func kind(in line: Substring) -> [String] {
        let text = line.drop { $0 == " " }
        guard text.hasPrefix("case ") else { return [] }
        let literals = words(in: text)
        return literals.isEmpty ? [String(text.dropFirst(5).prefix(while: \.isLetter))] : literals
    }
}
