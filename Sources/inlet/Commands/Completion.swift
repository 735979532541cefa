extension Command {
    static let completion = Command(
        words: ["completion"], summary: "Print a completion script for bash or zsh.",
        operands: [Operand(name: "SHELL", kind: .choice(["bash", "zsh"]))],
        usesContext: false,
        details: """
            bash: source <(inlet completion bash)
            zsh:  inlet completion zsh >~/.zfunc/_inlet, with ~/.zfunc in fpath before compinit
            """,
        examples: [
            Example(
                "inlet completion bash >inlet.bash", "for bash: source the file in ~/.bashrc")
        ]
    ) { session throws(InletError) in
        switch session.arguments.operands[0] {
        case "bash": try session.printLines(BashCompletion.script)
        case "zsh": try session.printLines(ZshCompletion.script)
        default:
            throw .usage("SHELL must be bash or zsh", ["completion"])
        }
    }
}

/// The table of commands as shells need it.
enum CompletionWords {
    /// Each beginning of a command, with the words that may follow it.
    static var next: [(words: [String], choices: [String])] {
        var found: [(words: [String], choices: [String])] = [([], [])]
        for command in Command.all {
            for count in 0..<command.words.count {
                let start = Array(command.words[..<count])
                let word = command.words[count]
                if let at = found.firstIndex(where: { $0.words == start }) {
                    if !found[at].choices.contains(word) { found[at].choices.append(word) }
                } else {
                    found.append((start, [word]))
                }
            }
        }
        return found
    }

    static func options(_ options: [Option]) -> [String] {
        options.flatMap { option in
            ["--\(option.name)"] + (option.letter.map { ["-\($0)"] } ?? [])
        }
    }

    /// Options whose value is the next word.
    static var withValue: [Option] {
        var found: [Option] = []
        for option in (Command.all.flatMap(\.options) + Option.global)
        where option.value != nil && !found.contains(where: { $0.name == option.name }) {
            found.append(option)
        }
        return found
    }
}
