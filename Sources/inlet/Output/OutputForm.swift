/// How a command prints its result.
enum OutputForm: String, CaseIterable {
    /// For programs; errors and hints are then JSON too, one object in a line.
    case json
    case table
    /// A table with further columns.
    case wide

    static let option = Option(
        name: "output", letter: "o", value: "FORM",
        help: "how to print: table (default), wide, or json, as --json does",
        choices: allCases.map(\.rawValue))

    /// - Throws: when `--json` and `--output` say different things.
    init(_ arguments: Arguments) throws(InletError) {
        let said = arguments.value(Self.option).flatMap(OutputForm.init)
        guard arguments.has(.json) else {
            self = said ?? .table
            return
        }
        guard said == nil || said == .json else {
            throw .usage("--json and --output say different things", [])
        }
        self = .json
    }

    /// True if arguments ask for JSON that are perhaps not well formed otherwise.
    static func isJSON(_ arguments: [String]) -> Bool {
        let options = arguments.prefix { $0 != "--" }
        return options.contains("--json")
            || options.contains("--\(option.name)=\(json)")
            || zip(options, options.dropFirst()).contains { name, value in
                ["--\(option.name)", "-o"].contains(name) && value == json.rawValue
            }
    }
}
