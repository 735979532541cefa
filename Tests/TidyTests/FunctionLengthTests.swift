import Testing

@Suite("Functions are short")
struct FunctionLengthTests {
    /// The most lines of a function, and one more.
    private static let limit = 40

    @Test("no function under Sources has 40 lines")
    func short() {
        for (path, text) in Repository.files(in: "Sources") where path.hasSuffix(".swift") {
            for function in FunctionLengths(text).functions {
                #expect(function.length < Self.limit, "\(path):\(function.line)")
            }
        }
    }

    @Test("a function is counted from its signature to its closing brace")
    func counting() {
        let source = """
            struct A {
                let text = \"\"\"
                    func none() {
                    }
                    \"\"\"
                @Test("x") private static func wide(
                    _ a: Int, _ b: Int
                ) throws(E)
                    -> Int
                {
                    if a > b {

                        return 1
                    }
                    return 2
                }

                var computed: Int {
                    print(\"\"\"
                        not counted
                          }
                        \"\"\")
                }
                init?(_ a: Int) { nil }
                func required()
                private(set) var stored = [1].map {
                    $0
                }
                deinit {
                    func inner<T>(_ t: T) -> T where T: Sendable {
                        t
                    }
                }
            }
            protocol P {
                func required(
                    _ a: Int
                ) -> Int
                var name: String { get }
            }
            """
        let found = FunctionLengths(source).functions
        #expect(found.map(\.line) == [6, 18, 29, 30])
        #expect(found.map(\.length) == [11, 3, 5, 3])
    }
}

/// How many lines the functions of a Swift file have, from the signature to the closing brace.
///
/// It goes by the formatter's layout, which the gate holds: what begins at an indentation ends at the
/// next brace of that indentation. A computed property counts as a function. The lines of a text
/// literal do not count: they are data.
struct FunctionLengths {
    struct Function {
        /// The number of its first line, counted from 1.
        let line: Int
        let length: Int
    }

    let functions: [Function]

    init(_ source: String) {
        let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
        let isText = Self.isText(lines)
        functions = lines.indices.compactMap { start in
            guard !isText[start], Self.begins(lines[start]),
                let end = Self.end(of: start, lines, isText)
            else { return nil }
            return Function(line: start + 1, length: (start...end).count { !isText[$0] })
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

    private static func begins(_ line: Substring) -> Bool {
        // Regular expressions are slow, and few lines begin a function.
        let words = ["func ", "init", "subscript", "deinit ", "var "]
        guard words.contains(where: { line.contains($0) }) else { return false }
        let modifier = #/(?:@\w+(?:\(.*?\))? |[a-z]+(?:\(\w+\))? )/#
        let declaration = #/(?:func |init[?(<]|subscript[(<]|deinit |var \w+: [^=]*\{$)/#
        var rest = line.drop { $0 == " " }
        while rest.prefixMatch(of: declaration) == nil {
            guard let found = rest.prefixMatch(of: modifier) else { return false }
            rest = rest[found.range.upperBound...]
        }
        return true
    }

    /// The line of the closing brace; nil for what has none, or has it on its first line.
    private static func end(of start: Int, _ lines: [Substring], _ isText: [Bool]) -> Int? {
        let indentation = lines[start].prefix { $0 == " " }.count
        for place in lines.indices.dropFirst(start + 1) where !isText[place] {
            let line = lines[place]
            guard !line.isEmpty, line.prefix(while: { $0 == " " }).count <= indentation else {
                continue
            }
            let rest = line.dropFirst(indentation)
            if rest.first == "}" { return place }
            // The end of a signature of several lines, or a brace on a line of its own.
            guard rest.first == ")" || rest == "{" else { return nil }
        }
        return nil
    }
}
