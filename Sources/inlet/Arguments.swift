/// The command line, read by the table of commands.
struct Arguments {
    /// The command that the words name, or the group of commands that begin with them.
    enum Subject {
        case command(Command)
        /// The words of a group; none for the program itself.
        case group([String])
    }

    private(set) var subject = Subject.group([])
    private(set) var operands: [String] = []
    private var values: [String: [String]] = [:]

    /// True if the option was given.
    func has(_ option: Option) -> Bool { values[option.name] != nil }

    /// An option's value; the last one, if it was given several times.
    func value(_ option: Option) -> String? { values[option.name]?.last }

    /// All values of an option that may be repeated.
    func values(_ option: Option) -> [String] { values[option.name] ?? [] }

    /// Reads the arguments, the program's name left out.
    ///
    /// Options may stand anywhere; before the command's words only options of all commands may.
    /// After `--` everything is an operand.
    init(_ arguments: [String], commands: [Command]) throws(InletError) {
        var rest = arguments[...]
        var words: [String] = []
        while let argument = rest.popFirst() {
            if argument == "--" {
                operands += rest
                break
            }
            if argument.utf8.first == UInt8(ascii: "-"), argument != "-" {
                try readOption(argument, &rest, words)
            } else if case .group = subject {
                words.append(argument)
                subject = try Self.subject(words, commands)
            } else {
                operands.append(argument)
            }
        }
    }

    /// Checks that all required operands are there, and no others.
    func check(_ command: Command) throws(InletError) {
        let required = command.operands.filter { !$0.isOptional }
        if operands.count < required.count {
            throw .usage("\(required[operands.count].name) is missing", command.words)
        }
        if let empty = operands.firstIndex(where: \.isEmpty), empty < command.operands.count {
            throw .usage("\(command.operands[empty].name) is empty", command.words)
        }
        for (operand, given) in zip(command.operands, operands) {
            guard case .choice(let choices) = operand.kind, !choices.contains(given) else {
                continue
            }
            let near = Suggestion.nearest(to: given, among: choices)
            throw .usage(
                "\(operand.name) is not one of \(choices.joined(separator: ", "))"
                    + Suggestion.clause(near), command.words)
        }
        if operands.count > command.operands.count {
            throw .usage(
                "there are too many arguments after \(command.words.last ?? "")", command.words)
        }
    }

    private static func subject(
        _ words: [String], _ commands: [Command]
    ) throws(InletError) -> Subject {
        if let command = commands.first(where: { $0.words == words }) { return .command(command) }
        guard commands.contains(where: { $0.words.starts(with: words) }) else {
            let near = Suggestion.commands(words, among: commands).map { "\"\($0)\"" }
            throw .usage(
                "there is no command \"\(words.joined(separator: " "))\"" + Suggestion.clause(near),
                Array(words.dropLast()))
        }
        return .group(words)
    }

    private mutating func readOption(
        _ argument: String, _ rest: inout ArraySlice<String>, _ words: [String]
    ) throws(InletError) {
        let known: [Option] =
            if case .command(let command) = subject { command.allOptions } else { Option.global }
        let equals = argument.firstIndex(of: "=")
        let spelling = String(argument[..<(equals ?? argument.endIndex)])
        let found = known.first { option in
            spelling == "--\(option.name)" || option.letter.map { spelling == "-\($0)" } == true
        }
        guard let option = found else {
            let near = Suggestion.nearest(to: spelling, among: known.map { "--\($0.name)" })
            throw .usage(
                "there is no option \(spelling.prefix(64))" + Suggestion.clause(near), words)
        }
        var value = equals.map { String(argument[$0...].dropFirst()) }
        if option.value == nil, value != nil { throw .usage("\(spelling) takes no value", words) }
        if option.value != nil, value == nil {
            value = rest.popFirst()
            if value == nil { throw .usage("\(spelling) needs a value", words) }
        }
        if option.value != nil, value?.isEmpty == true, !option.mayBeEmpty {
            throw .usage("\(spelling) needs a value that is not empty", words)
        }
        if let value, !option.choices.isEmpty, !option.choices.contains(value) {
            let choices = option.choices.joined(separator: ", ")
            let near = Suggestion.nearest(to: value, among: option.choices)
            throw .usage(
                "\(spelling) is not one of \(choices)" + Suggestion.clause(near), words)
        }
        values[option.name, default: []].append(value ?? "")
    }
}
