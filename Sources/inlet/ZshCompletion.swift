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
                    (\(Command.all.map { quoted($0.name) }.joined(separator: "|"))) command="${given[*]}" ;;
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

    private static func quoted(_ text: String) -> String { "'\(text)'" }

    private static func indented(_ lines: [String]) -> String {
        lines.map { String(repeating: " ", count: 12) + $0 }.joined(separator: "\n")
    }

    private static var valued: String {
        CompletionWords.withValue.flatMap { CompletionWords.options([$0]) }.joined(separator: "|")
    }

    private static var values: String {
        indented(
            CompletionWords.withValue.map { option in
                let names = CompletionWords.options([option]).joined(separator: "|")
                let action =
                    option.isFile
                    ? "_files; "
                    : option.choices.isEmpty
                        ? "" : "compadd \(option.choices.joined(separator: " ")); "
                return "(\(names)) \(action)return ;;"
            })
    }

    private static var nextWords: String {
        indented(
            CompletionWords.next.map { next in
                let words = next.choices + CompletionWords.options(Option.global)
                return "(\(quoted(next.words.joined(separator: " ")))) "
                    + "compadd -- \(words.joined(separator: " ")) ;;"
            })
    }

    private static var options: String {
        indented(
            Command.all.map { command in
                let words = CompletionWords.options(command.allOptions)
                return "(\(quoted(command.name))) compadd -- \(words.joined(separator: " ")) ;;"
            })
    }

    private static var operands: String {
        indented(
            Command.all.flatMap { command in
                command.operands.enumerated().compactMap { index, operand in
                    let action: String? =
                        switch operand.kind {
                        case .partner: "_inlet_names partner"
                        case .context: "_inlet_names context"
                        case .file: "_files"
                        case .choice(let choices): "compadd \(choices.joined(separator: " "))"
                        case .newName: nil
                        }
                    return action.map { "(\(quoted("\(command.name) \(index)"))) \($0) ;;" }
                }
            })
    }
}
