/// A completion script for zsh, made from the table of commands.
enum ZshCompletion {
    static var script: String {
        """
        #compdef inlet
        # zsh completion for inlet: put it as _inlet into a directory of fpath.
        _inlet_names() {
            local -a names
            names=(${(f)"$(inlet $1 list --quiet 2>/dev/null)"})
            compadd -a names
        }
        # Takes word:meaning.
        _inlet_offer() {
            local -a items=("$@")
            _describe inlet items
        }
        _inlet() {
            local -a given
            local i word skip='' command=''
            local -i operands=0
            for ((i = 2; i < CURRENT; i++)); do
                word=${words[i]}
                if [[ -n $skip ]]; then skip=''; continue; fi
                case $word in
                    \(valued)) skip=1; continue ;;
                    -*) continue ;;
                esac
                if [[ -n $command ]]; then operands+=1; continue; fi
                given+=("$word")
                case "${given[*]}" in
                    (\(Command.all.map { "'\($0.name)'" }.joined(separator: "|"))) command="${given[*]}" ;;
                esac
            done
            case ${words[CURRENT-1]} in
        \(values)
            esac
            if [[ -z $command ]]; then
                case "${given[*]}" in
        \(nextWords)
                esac
                return
            fi
            if [[ ${words[CURRENT]} == -* ]]; then
                case $command in
        \(options)
                esac
                return
            fi
            case "$command $operands" in
        \(operands)
            esac
        }
        if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
            _inlet "$@"
        else
            compdef _inlet inlet
        fi

        """
    }

    private static func indented(_ lines: [String]) -> String {
        lines.map { String(repeating: " ", count: 12) + $0 }.joined(separator: "\n")
    }

    private static func offer(_ words: [CompletionWords.Word]) -> String {
        let items = words.map { word in
            CompletionWords.quoted(
                word.meaning.isEmpty ? word.text : "\(word.text):\(word.meaning)")
        }
        return "_inlet_offer \(items.joined(separator: " "))"
    }

    private static func offer(_ choices: [String]) -> String {
        offer(choices.map { CompletionWords.Word(text: $0) })
    }

    private static var valued: String {
        CompletionWords.withValue.flatMap(CompletionWords.names).joined(separator: "|")
    }

    private static var values: String {
        indented(
            CompletionWords.withValue.map { option in
                let names = CompletionWords.names(option).joined(separator: "|")
                let files = option.isFile ? "_files; " : ""
                let named = option.names.map { "_inlet_names \($0); " } ?? ""
                let choices = option.choices.isEmpty ? "" : offer(option.choices) + "; "
                return "(\(names)) \(files)\(named)\(choices)return ;;"
            })
    }

    private static var nextWords: String {
        indented(
            CompletionWords.next.map { next in
                "('\(next.words.joined(separator: " "))') "
                    + offer(next.choices + CompletionWords.options(Option.global)) + " ;;"
            })
    }

    private static var options: String {
        indented(
            Command.all.map { command in
                "('\(command.name)') \(offer(CompletionWords.options(command.allOptions))) ;;"
            })
    }

    private static var operands: String {
        indented(
            Command.all.flatMap { command in
                command.operands.enumerated().compactMap { index, operand in
                    action(operand.kind).map { "('\(command.name) \(index)') \($0) ;;" }
                }
            })
    }

    private static func action(_ kind: Operand.Kind) -> String? {
        if let group = CompletionWords.listed(kind) { return "_inlet_names \(group)" }
        return switch kind {
        case .file: "_files"
        case .choice(let choices): offer(choices)
        case .newName, .partner, .context: nil
        }
    }
}
