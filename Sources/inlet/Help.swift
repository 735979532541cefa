/// What `--help` prints, made from the table of commands.
enum Help {
    static func text(of command: Command) -> String {
        var text = "\(command.summary)\n\nUsage: \(command.usage)\n"
        if !command.details.isEmpty { text += "\n\(command.details)\n" }
        text += "\nExamples:\n"
        for example in command.examples { text += "  \(example.line)\n      \(example.purpose)\n" }
        if !command.options.isEmpty { text += "\nOptions:\n\(lines(command.options))" }
        return text + "\nOptions of all commands:\n" + lines(Option.global).withoutLastLineEnd
    }

    /// The help of all commands that begin with these words; without words, of the program.
    static func text(ofGroup words: [String]) -> String {
        let name = (["inlet"] + words).joined(separator: " ")
        let commands = Command.all.filter { $0.words.starts(with: words) }
        let summary =
            Command.groups.first { $0.words == words }?.summary
            ?? "Who may send to Inlet, and what became of what they sent."
        let rows = commands.map { command in
            let operands = command.operands.map { " \($0.name)" }.joined()
            return (command.name + operands, command.summary)
        }
        let example = commands.first?.examples.first.map { "  \($0.line)\n      \($0.purpose)\n" }
        return """
            \(summary)

            Usage: \(name) COMMAND [options]

            Commands:
            \(columns(rows))
            Example:
            \(example ?? "")
            Options:
            \(lines(Option.global))
            inlet COMMAND --help explains a command. Exit codes: 0 done, 1 failed, 2 wrong usage.
            """
    }

    private static func lines(_ options: [Option]) -> String {
        columns(
            options.map { option in
                let letter = option.letter.map { "-\($0), " } ?? ""
                let value = option.value.map { " \($0)" } ?? ""
                return ("\(letter)--\(option.name)\(value)", option.help)
            })
    }

    private static func columns(_ rows: [(String, String)]) -> String {
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { name, text in
            "  \(name)\(String(repeating: " ", count: width - name.count + 2))\(text)\n"
        }.joined()
    }
}

extension String {
    fileprivate var withoutLastLineEnd: String { last == "\n" ? String(dropLast()) : self }
}
