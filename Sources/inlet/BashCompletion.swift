/// A completion script for bash, made from the table of commands.
enum BashCompletion {
    static var script: String {
        """
        # bash completion for inlet; use it by: source <(inlet completion bash)
        # compgen -W would expand what stands in names, so they are compared here.
        _inlet_names() {
            local name
            while IFS= read -r name; do
                [[ $name == "$1"* ]] && COMPREPLY+=("$(printf %q "$name")")
            done < <(inlet "$2" list --quiet 2>/dev/null)
        }
        _inlet() {
            local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
            local words=() operands=0 i word skip='' command=''
            COMPREPLY=()
            for ((i = 1; i < COMP_CWORD; i++)); do
                word=${COMP_WORDS[i]}
                if [ -n "$skip" ]; then skip=''; continue; fi
                case $word in
        \(valued)
                    -*) continue ;;
                esac
                if [ -n "$command" ]; then operands=$((operands + 1)); continue; fi
                words+=("$word")
                case "${words[*]}" in
                    \(Command.all.map { "'\($0.name)'" }.joined(separator: " | "))) command="${words[*]}" ;;
                esac
            done
            case $previous in
        \(values)
            esac
            if [ -z "$command" ]; then
                case "${words[*]}" in
        \(nextWords)
                esac
                return
            fi
            case $current in
                -*)
                    case $command in
        \(options)
                    esac
                    return ;;
            esac
            case "$command $operands" in
        \(operands)
            esac
        }
        complete -F _inlet inlet

        """
    }

    private static func indented(_ lines: [String], _ depth: Int) -> String {
        lines.map { String(repeating: "    ", count: depth) + $0 }.joined(separator: "\n")
    }

    private static func reply(_ words: [String]) -> String {
        "COMPREPLY=($(compgen -W '\(words.joined(separator: " "))' -- \"$current\"))"
    }

    private static let files = #"COMPREPLY=($(compgen -f -- "$current"))"#
    private static func names(of group: String) -> String {
        #"_inlet_names "$current" "# + group
    }

    private static var valued: String {
        let names = CompletionWords.withValue.flatMap { CompletionWords.options([$0]) }
        return indented(["\(names.joined(separator: " | "))) skip=1; continue ;;"], 3)
    }

    private static var values: String {
        indented(
            CompletionWords.withValue.map { option in
                let names = CompletionWords.options([option]).joined(separator: " | ")
                let action = option.isFile ? files + "; " : ""
                let choices = option.choices.isEmpty ? "" : reply(option.choices) + "; "
                return "\(names)) \(action)\(choices)return ;;"
            }, 2)
    }

    private static var nextWords: String {
        indented(
            CompletionWords.next.map { next in
                "'\(next.words.joined(separator: " "))') "
                    + reply(next.choices + CompletionWords.options(Option.global)) + " ;;"
            }, 3)
    }

    private static var options: String {
        indented(
            Command.all.map {
                "'\($0.name)') \(reply(CompletionWords.options($0.allOptions))) ;;"
            }, 4)
    }

    private static var operands: String {
        indented(
            Command.all.flatMap { command in
                command.operands.enumerated().compactMap { index, operand in
                    let action: String? =
                        switch operand.kind {
                        case .partner: names(of: "partner")
                        case .context: names(of: "context")
                        case .file: files
                        case .choice(let choices): reply(choices)
                        case .newName: nil
                        }
                    return action.map { "'\(command.name) \(index)') \($0) ;;" }
                }
            }, 2)
    }
}
