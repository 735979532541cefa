import CProcess
import Formats
import Glibc
import LocalServer
import Platform

/// Lambda, API Gateway, SNS and SQS on localhost, from a SAM template.
@main
struct Emulator {
    static func main() {
        do throws(UsageError) {
            let options = try Options(Array(CommandLine.arguments.dropFirst()))
            guard !options.isHelp else { return Log.write(Options.help, to: STDOUT_FILENO) }
            _ = cprocess_hold_stop_signals()
            do throws(StartError) {
                let service = try Service(options, environment: System())
                Log.write(service.greeting, to: STDOUT_FILENO)
                cprocess_wait_for_stop()
                service.stop()
            } catch {
                Log.line("emulator: \(error.message)")
                exit(1)
            }
        } catch {
            Log.line("emulator: \(error.reason)\n\n\(Options.help)")
            exit(2)
        }
    }
}

/// Why the emulator cannot start.
struct StartError: Error {
    let message: String
}
