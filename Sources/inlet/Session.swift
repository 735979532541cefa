import AWS
import Delivery
import Formats
import Platform
import Store
import Transport

/// One run of a command: its arguments, and the system that it works with.
struct Session {
    /// The most that one call to AWS or to the partners' database may take.
    static let patience = Duration.seconds(20)

    let arguments: Arguments
    let system: System
    let console: Console
    let form: OutputForm
    let aws: AWSSettings
    let credentials: CredentialChain
    /// Whose settings the system has; nil without one.
    let context: Context?

    init(
        _ arguments: Arguments, _ system: System, _ console: Console, in context: Context? = nil
    ) throws(InletError) {
        form = try OutputForm(arguments)
        self.arguments = arguments
        self.system = system
        self.console = console
        self.context = context
        aws = AWSSettings(system)
        credentials = CredentialChain(aws)
    }

    var isJSON: Bool { form == .json }
    var isWide: Bool { form == .wide }

    /// An option's value, else an environment variable's.
    func setting(_ option: Option, _ variable: String) -> String? {
        arguments.value(option) ?? system[variable]
    }

    func required(_ option: Option, _ variable: String) throws(InletError) -> String {
        guard let value = setting(option, variable) else {
            throw .settingMissing(option: option.name, variable: variable)
        }
        return value
    }

    /// The sink that an option or a variable names.
    func sink(_ option: Option, _ variable: String) throws(InletError) -> Sink {
        guard let sink = Sink(arn: try required(option, variable)) else {
            throw .malformed("--\(option.name) or \(variable)", expected: Sink.form)
        }
        return sink
    }

    /// The same where it must be an SNS topic: nothing else can be subscribed to.
    func topic(_ option: Option, _ variable: String) throws(InletError) -> Sink {
        let sink = try sink(option, variable)
        guard sink.service == .sns else {
            throw .malformed(
                "--\(option.name) or \(variable)",
                expected:
                    "the ARN of an SNS topic, which alone can be subscribed to; this is of "
                    + "\(sink.service.title)")
        }
        return sink
    }

    static let registryVariable = "INLET_PARTNERS"

    /// The partners, wherever they are kept.
    func catalog() throws(InletError) -> PartnerCatalog {
        let text = try required(.registry, Self.registryVariable)
        do throws(StoreError) {
            return PartnerCatalog(
                try PartnerSource(text), client: AWSClient(aws, credentials: credentials))
        } catch {
            throw .store(error, about: nil)
        }
    }

    /// Writes a result and a line break.
    func print(_ text: String) throws(InletError) {
        guard console.write(text + "\n") else { throw .outputFailed }
    }

    /// Writes a table, in colours if a person looks at it.
    func print(_ table: Table) throws(InletError) {
        let palette = Palette(isTerminal: console.isTerminal, system)
        guard console.write(table.text(in: palette)) else { throw .outputFailed }
    }

    func print(json fill: (inout JSONWriter) -> Void) throws(InletError) {
        var writer = JSONWriter()
        fill(&writer)
        try print(writer.text)
    }

    /// The bytes of a file, or of standard input if the path is `-`.
    func contents(of path: String) throws(InletError) -> [UInt8] {
        do throws(FileError) {
            guard path == "-" else { return try File.read(path) }
            return try console.read().get()
        } catch {
            throw .file(path: path == "-" ? "standard input" : path, error)
        }
    }

    static func randomID() -> UUID {
        var generator = SystemRandomNumberGenerator()
        return UUID(random: &generator)
    }
}
