import AWS
import Glibc
import Platform
import Senders

/// The operator's program.
@main
struct Inlet {
    static func main() {
        exit(run(Array(CommandLine.arguments.dropFirst()), System(), .standard))
    }

    /// Does what the arguments ask, and returns the exit code.
    static func run(
        _ arguments: [String], _ system: System, _ console: Console
    ) -> Int32 {
        let isJSON = OutputForm.isJSON(arguments)
        do throws(InletError) {
            let console = isJSON ? console.sayingJSON : console
            let arguments = try Arguments(askedForHelp(arguments), commands: Command.all)
            let session = try Session(arguments, system, console)
            if arguments.has(.version) {
                try session.print("\(Product.name) \(Product.version)")
                return 0
            }
            switch arguments.subject {
            case .group(let words):
                try session.print(Help.text(ofGroup: words))
            case .command(let command) where arguments.has(.help):
                try session.print(Help.text(of: command))
            case .command(let command):
                try carryOut(command, session)
            }
            return 0
        } catch {
            if isJSON {
                console.note(error.json)
            } else {
                let label = Palette(isTerminal: console.hintLine != nil, system).error("inlet:")
                if !error.message.isEmpty { console.note("\(label) \(error.message)") }
                if let advice = error.advice { console.note(advice) }
            }
            return error.exitCode
        }
    }

    /// Runs a command, and shows its progress if it takes long.
    private static func carryOut(_ command: Command, _ session: Session) throws(InletError) {
        let arguments = session.arguments
        try arguments.check(command)
        let progress = Progress.of(command, session.console, isJSON: session.isJSON)
        defer { progress?.stop() }
        progress?.start()
        let shown = try progress.map { progress throws(InletError) in
            try Session(arguments, session.system, progress.over(session.console))
        }
        let session = shown ?? session
        try command.run(command.usesContext ? try session.inContext() : session)
    }

    /// `help partner add` is `partner add --help`.
    private static func askedForHelp(_ arguments: [String]) -> [String] {
        arguments.first == "help" ? arguments.dropFirst() + ["--help"] : arguments
    }
}
