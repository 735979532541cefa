/// A command, as the parser, the help and the completion know it.
struct Command: Sendable {
    /// `["partner", "add"]`.
    let words: [String]
    /// One sentence, for lists of commands.
    let summary: String
    var operands: [Operand] = []
    var options: [Option] = []
    /// False if it works without the settings of a context.
    var usesContext = true
    /// False if it shows by itself what it does, or hands the terminal over.
    var showsProgress = true
    /// Paragraphs below the summary in the help.
    var details = ""
    /// One at least.
    let examples: [Example]
    let run: @Sendable (Session) throws(InletError) -> Void

    var name: String { words.joined(separator: " ") }

    /// Its own options, and those of all commands.
    var allOptions: [Option] { options + Option.global }

    var usage: String {
        let operands = operands.map { $0.isOptional ? " [\($0.name)]" : " \($0.name)" }.joined()
        return "inlet \(name)\(operands)\(options.isEmpty ? "" : " [options]")"
    }
}

/// An argument without a name.
struct Operand: Sendable {
    enum Kind: Sendable {
        case partner
        case context
        case file
        case newName
        case choice([String])
    }

    let name: String
    let kind: Kind
    var isOptional = false
}

/// An argument with a name.
struct Option: Sendable {
    /// Without its hyphens.
    let name: String
    var letter: Character?
    /// What the help calls the value; nil for an option without one.
    var value: String?
    let help: String
    var isFile = false
    /// The group whose `list --quiet` prints what the value may be.
    var names: String?
    /// All values that are allowed; empty if any value is.
    var choices: [String] = []
    /// True if an empty value has a meaning.
    var mayBeEmpty = false

    static let json = Option(name: "json", help: "print JSON, as --output json does")
    static let registry = Option(
        name: "registry", value: "URI",
        help: "where the partners are kept (default: INLET_PARTNERS)")
    static let context = Option(
        name: "context", value: "NAME",
        help: "the context whose settings to use (default: the one of inlet context use)",
        names: "context")
    static let quiet = Option(name: "quiet", letter: "q", help: "print names only")
    static let help = Option(name: "help", letter: "h", help: "explain the command")
    static let version = Option(name: "version", help: "print the version")

    static let global = [registry, context, OutputForm.option, json, help, version]
}
