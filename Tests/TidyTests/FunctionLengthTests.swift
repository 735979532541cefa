import Testing

@Suite("Functions are short")
struct FunctionLengthTests {
    /// The most lines of a function, and one more.
    private static let limit = 40

    @Test("no function under Sources has 40 lines")
    func short() {
        let files = Repository.files(in: "Sources").filter { path, _ in
            [".swift", ".c", ".h"].contains { path.hasSuffix($0) }
        }
        #expect(files.count > 500)
        for (path, text) in files {
            for block in CodeBlocks(text).blocks where block.length >= Self.limit {
                Issue.record("\(path):\(block.line) has \(block.length) lines")
            }
        }
    }

    @Test(
        "a function is counted from its first line to its closing brace",
        arguments: [
            "func f() {\n    a\n}", "init?(_ a: Int) {\n    a\n}", "deinit {\n    a\n}",
            "static func < (a: A, b: A) -> Bool {\n    a\n}", "lazy var a = {\n    a\n}()",
            "@A(\")\") subscript<T>(_ a: T) -> T {\n    a\n}",
            "var a: Int = 0 {\n    didSet { a }\n}",
            "func f(\n) {\n}", "func f()\n    -> Int\n{",
            "func f<T>(\n    _ t: T\n) -> T\nwhere T: A {\n}",
            "let a = B(\n    b: [\n        1\n    ]\n) { c throws(D) in\n    c\n}",
            "static int f(const char *a,\n             int b) {\n    return 0;\n}",
        ])
    func counted(source: String) throws {
        let lines = source.split(separator: "\n").map(String.init)
        let body = Array(repeating: "    line", count: 50)
        let long = ["struct A {"] + (lines.dropLast() + body + ["}"]).map { "    " + $0 } + ["}"]
        let found = CodeBlocks(long.joined(separator: "\n")).blocks
        #expect(found.map(\.length).max() ?? 0 > 50)
    }

    @Test("types, literals of text and tables are not counted")
    func notCounted() {
        let filling = Array(repeating: "        line", count: 50)
        let source =
            ["@A public final class B<C>: D,", "    E", "{", "    let text = \"\"\""] + filling
            + ["        }", "        \"\"\"", "    let table = ["] + filling
            + ["    ]", "    func f() -> String {", "        \"\"\""] + filling
            + ["        \"\"\"", "    }", "}", "extension B where C: D {"] + filling + ["}"]
        #expect(CodeBlocks(source.joined(separator: "\n")).blocks.map(\.length) == [3])
    }
}

/// The blocks of a file of Swift or C that are code: functions, computed properties and closures,
/// and what is nested in them.
///
/// It goes by the formatter's layout: what begins at an indentation ends at the next closing brace of
/// that indentation. The lines of a text literal do not count: they are data.
struct CodeBlocks {
    struct Block {
        /// The number of its first line, counted from 1.
        let line: Int
        /// How many lines it has, the first and the closing one included.
        let length: Int
    }

    /// The declaration or statement that was begun last at one indentation.
    private struct Statement {
        let line: Int
        /// The line that opens its block; nil if that is at another indentation.
        var opening: Int?
    }

    private(set) var blocks: [Block] = []
    private let lines: [Substring]

    init(_ source: String) {
        lines = source.split(separator: "\n", omittingEmptySubsequences: false)
        let isText = Self.isText(lines)
        var statements: [Int: Statement] = [:]
        for line in lines.indices where !isText[line] {
            let code = lines[line].drop { $0 == " " }
            // A preprocessor's line is no statement, and nor is a comment.
            guard let first = code.first, !code.hasPrefix("//"), first != "#" else { continue }
            let indentation = lines[line].count - code.count
            if first == "}", let statement = statements[indentation],
                let start = start(of: statement)
            {
                let length = (start...line).count { !isText[$0] }
                blocks.append(Block(line: start + 1, length: length))
            }
            if statements[indentation] == nil || !Self.goesOn(code) {
                statements[indentation] = Statement(line: line)
            }
            if code.hasSuffix("{") || code.hasSuffix(" in") && code.contains("{") {
                statements[indentation]?.opening = line
            }
        }
    }

    /// Which lines are within a text literal of several lines, its last line included.
    private static func isText(_ lines: [Substring]) -> [Bool] {
        var isInside = false
        return lines.map { line in
            defer { if line.ranges(of: "\"\"\"").count % 2 == 1 { isInside.toggle() } }
            return isInside
        }
    }

    /// True for a line that belongs to the statement before it, at the same indentation.
    private static func goesOn(_ code: Substring) -> Bool {
        [")", ">", "->", "{", "where ", "throws", "async"].contains { code.hasPrefix($0) }
    }

    /// Where a statement's block is counted from; nil for a type.
    ///
    /// A function's signature counts. Of a call, only the closure after what is passed beside it does.
    private func start(of statement: Statement) -> Int? {
        let words = lines[statement.line].split { !$0.isLetter && $0 != "@" && $0 != "(" }
        let kinds = ["actor", "class", "enum", "extension", "protocol", "struct"]
        if words.contains(where: { kinds.contains(String($0)) }), !words.contains("func") {
            return nil
        }
        let functions = ["func", "init", "subscript", "deinit"]
        let isFunction = words.contains { functions.contains(String($0.prefix { $0 != "(" })) }
        return isFunction ? statement.line : statement.opening ?? statement.line
    }
}
