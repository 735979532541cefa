/// The table of commands as shells need it.
enum CompletionWords {
    /// A word that may come next, and what it means; nothing for a value that says it itself.
    struct Word: Equatable {
        let text: String
        var meaning = ""
    }

    /// Each beginning of a command, with the words that may follow it.
    static var next: [(words: [String], choices: [Word])] {
        var found: [(words: [String], choices: [Word])] = [([], [])]
        for command in Command.all {
            for count in command.words.indices {
                let start = Array(command.words[..<count])
                let word = word(after: start, of: command)
                if let at = found.firstIndex(where: { $0.words == start }) {
                    if !found[at].choices.contains(word) { found[at].choices.append(word) }
                } else {
                    found.append((start, [word]))
                }
            }
        }
        return found
    }

    private static func word(after start: [String], of command: Command) -> Word {
        let words = Array(command.words[...start.count])
        let group = Command.groups.first { $0.words == words }
        return Word(
            text: command.words[start.count],
            meaning: command.words == words ? command.summary : group?.summary ?? "")
    }

    static func options(_ options: [Option]) -> [Word] {
        options.flatMap { option in
            names(option).map { Word(text: $0, meaning: option.help) }
        }
    }

    static func names(_ option: Option) -> [String] {
        ["--\(option.name)"] + (option.letter.map { ["-\($0)"] } ?? [])
    }

    /// Options whose value is the next word.
    ///
    /// Options of one name have the same kind of value, but not the same choices.
    static var withValue: [Option] {
        var found: [Option] = []
        for option in (Command.all.flatMap(\.options) + Option.global)
        where option.value != nil && !found.contains(where: { $0.name == option.name }) {
            found.append(option)
        }
        return found
    }

    /// The group whose `list --quiet` prints what an operand may be; nil if it is no such name.
    static func listed(_ kind: Operand.Kind) -> String? {
        switch kind {
        case .partner: "partner"
        case .context: "context"
        case .file, .newName, .choice: nil
        }
    }

    /// A text between single quotes, for bash and zsh.
    static func quoted(_ text: String) -> String {
        let parts = text.split(separator: "'", omittingEmptySubsequences: false)
        return "'\(parts.joined(separator: #"'\''"#))'"
    }
}
