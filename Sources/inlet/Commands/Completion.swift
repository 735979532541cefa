extension Command {
    static let completion = Command(
        words: ["completion"], summary: "Print a completion script for bash, zsh or fish.",
        operands: [Operand(name: "SHELL", kind: .choice(["bash", "zsh", "fish"]))],
        usesContext: false,
        details: """
            bash: source <(inlet completion bash)
            zsh:  inlet completion zsh >~/.zfunc/_inlet, with ~/.zfunc in fpath before compinit
            fish: inlet completion fish >~/.config/fish/completions/inlet.fish
            """,
        examples: [
            Example(
                "inlet completion bash >inlet.bash", "for bash: source the file in ~/.bashrc")
        ]
    ) { session throws(InletError) in
        switch session.arguments.operands[0] {
        case "bash": try session.printLines(BashCompletion.script)
        case "zsh": try session.printLines(ZshCompletion.script)
        case "fish": try session.printLines(FishCompletion.script)
        default: return
        }
    }
}
