import AWS
import Glibc
import Ingest

/// The operator's program.
@main
struct Inlet {
    static func main() {
        let surroundings = Surroundings(environment: { name in
            unsafe getenv(name).map { unsafe String(cString: $0) }
        })
        exit(run(Array(CommandLine.arguments.dropFirst()), surroundings, .standard))
    }

    /// Does what the arguments ask, and returns the exit code.
    static func run(
        _ arguments: [String], _ surroundings: Surroundings, _ console: Console
    ) -> Int32 {
        do throws(InletError) {
            let arguments = try Arguments(askedForHelp(arguments), commands: Command.all)
            let session = Session(arguments, surroundings, console)
            if arguments.has(.version) {
                try session.print("inlet \(Service.version)")
                return 0
            }
            switch arguments.subject {
            case .group(let words):
                try session.print(Help.text(ofGroup: words))
            case .command(let command) where arguments.has(.help):
                try session.print(Help.text(of: command))
            case .command(let command):
                try arguments.check(command)
                try command.run(session)
            }
            return 0
        } catch {
            if !error.message.isEmpty { console.note("inlet: \(error.message)") }
            if let advice = error.advice { console.note(advice) }
            return error.exitCode
        }
    }

    /// `help partner add` is `partner add --help`.
    private static func askedForHelp(_ arguments: [String]) -> [String] {
        arguments.first == "help" ? arguments.dropFirst() + ["--help"] : arguments
    }
}
