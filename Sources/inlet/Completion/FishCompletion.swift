/// A completion script for fish, made from the table of commands.
enum FishCompletion {
    static var script: String {
        """
        # fish completion for inlet; use it by: inlet completion fish | source
        # Prints the words so far without options and their values: a command's words, then operands.
        function __inlet_given
            set -l skip 0
            for word in (commandline -opc)[2..-1]
                if test $skip = 1
                    set skip 0
                    continue
                end
                switch $word
                    case \(valued)
                        set skip 1
                    case '-*'
                        continue
                    case '*'
                        echo -- $word
                end
            end
        end
        # True if the words so far are these.
        function __inlet_at
            set -l given (__inlet_given)
            test "$given" = "$argv"
        end
        # True if the words so far begin with these, and that many operands follow if a number is given.
        function __inlet_in -a command operands
            set -l wanted (string split ' ' -- $command)
            set -l given (__inlet_given)
            test (count $given) -ge (count $wanted); or return 1
            test "$given[1..$(count $wanted)]" = "$command"; or return 1
            test -z "$operands"; or test (math (count $given) - (count $wanted)) = $operands
        end
        complete -c inlet -f
        \(lines.joined(separator: "\n"))

        """
    }

    private static var valued: String {
        CompletionWords.withValue.flatMap(CompletionWords.names).joined(separator: " ")
    }

    private static var lines: [String] { Option.global.map { option($0) } + words + commands }

    private static var words: [String] {
        CompletionWords.next.flatMap { next in
            next.choices.map { choice in
                complete(
                    "__inlet_at \(next.words.joined(separator: " "))",
                    "-a \(choice.text) -d \(quoted(choice.meaning))")
            }
        }
    }

    private static var commands: [String] {
        Command.all.flatMap { command in
            command.options.map { option($0, "__inlet_in \(quoted(command.name))") }
                + command.operands.enumerated().compactMap { index, operand in
                    values(operand.kind).map {
                        complete("__inlet_in \(quoted(command.name)) \(index)", $0)
                    }
                }
        }
    }

    private static func complete(_ condition: String?, _ rest: String) -> String {
        let condition = condition.map { " -n \(quoted($0))" } ?? ""
        return "complete -c inlet\(condition) \(rest)"
    }

    private static func option(_ option: Option, _ condition: String? = nil) -> String {
        let letter = option.letter.map { " -s \($0)" } ?? ""
        var rest = "-l \(option.name)\(letter) -d \(quoted(option.help))"
        if option.value != nil {
            rest += option.isFile ? " -r -F" : " -x"
            if let group = option.names { rest += " " + names(group) }
            if !option.choices.isEmpty {
                rest += " -a \(quoted(option.choices.joined(separator: " ")))"
            }
        }
        return complete(condition, rest)
    }

    private static func values(_ kind: Operand.Kind) -> String? {
        if let group = CompletionWords.listed(kind) { return names(group) }
        return switch kind {
        case .file: "-F"
        case .choice(let choices): "-a \(quoted(choices.joined(separator: " ")))"
        case .newName, .partner, .context: nil
        }
    }

    private static func names(_ group: String) -> String {
        "-a '(inlet \(group) list --quiet 2>/dev/null)'"
    }

    /// A text between single quotes, in which fish knows two escapes.
    private static func quoted(_ text: String) -> String {
        var out = ""
        for character in text {
            if character == "'" || character == "\\" { out.append("\\") }
            out.append(character)
        }
        return "'\(out)'"
    }
}
