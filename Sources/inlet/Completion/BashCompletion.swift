/// A completion script for bash, made from the table of commands.
enum BashCompletion {
    static var script: String {
        """
        # bash completion for inlet; use it by: source <(inlet completion bash)
        # compgen -W would expand what stands in names, so they are compared here.
        _inlet_names() {
            local name
            while IFS= read -r name; do
                [[ $name == "$current"* ]] && COMPREPLY+=("$(printf %q "$name")")
            done < <(inlet "$1" list --quiet 2>/dev/null)
        }
        # Takes word:meaning. Meanings are shown with a list of several, which is asked for by two tabs.
        _inlet_offer() {
            local item
            local -a found=()
            for item; do [[ ${item%%:*} == "$current"* ]] && found+=("$item"); done
            for item in "${found[@]}"; do
                if [[ ${COMP_TYPE-} == 63 && ${#found[@]} -gt 1 && -n ${item#*:} ]]; then
                    COMPREPLY+=("$(printf '%-20s (%s)' "${item%%:*}" "${item#*:}")")
                else
                    COMPREPLY+=("${item%%:*}")
                fi
            done
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

    private static func offer(_ words: [CompletionWords.Word]) -> String {
        let items = words.map { CompletionWords.quoted("\($0.text):\($0.meaning)") }
        return "_inlet_offer \(items.joined(separator: " "))"
    }

    private static func offer(_ choices: [String]) -> String {
        offer(choices.map { CompletionWords.Word(text: $0) })
    }

    private static let files = #"COMPREPLY=($(compgen -f -- "$current"))"#

    private static var valued: String {
        let names = CompletionWords.withValue.flatMap(CompletionWords.names)
        return indented(["\(names.joined(separator: " | "))) skip=1; continue ;;"], 3)
    }

    private static var values: String {
        indented(
            CompletionWords.withValue.map { option in
                let names = CompletionWords.names(option).joined(separator: " | ")
                let action = option.isFile ? files + "; " : ""
                let named = option.names.map { "_inlet_names \($0); " } ?? ""
                let choices = option.choices.isEmpty ? "" : offer(option.choices) + "; "
                return "\(names)) \(action)\(named)\(choices)return ;;"
            }, 2)
    }

    private static var nextWords: String {
        indented(
            CompletionWords.next.map { next in
                "'\(next.words.joined(separator: " "))') "
                    + offer(next.choices + CompletionWords.options(Option.global)) + " ;;"
            }, 3)
    }

    private static var options: String {
        indented(
            Command.all.map {
                "'\($0.name)') \(offer(CompletionWords.options($0.allOptions))) ;;"
            }, 4)
    }

    private static var operands: String {
        indented(
            Command.all.flatMap { command in
                command.operands.enumerated().compactMap { index, operand in
                    action(operand.kind).map { "'\(command.name) \(index)') \($0) ;;" }
                }
            }, 2)
    }

    private static func action(_ kind: Operand.Kind) -> String? {
        if let group = CompletionWords.listed(kind) { return "_inlet_names \(group)" }
        return switch kind {
        case .file: files
        case .choice(let choices): offer(choices)
        case .newName, .partner, .context: nil
        }
    }
}
