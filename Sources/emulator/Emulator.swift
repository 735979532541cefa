import CProcess
import Formats
import Glibc
import LocalServer

/// Lambda, API Gateway and SNS on localhost, from a SAM template.
@main
struct Emulator {
    static func main() {
        do throws(UsageError) {
            let options = try Options(Array(CommandLine.arguments.dropFirst()))
            guard !options.isHelp else { return Log.write(Options.help, to: STDOUT_FILENO) }
            _ = cprocess_hold_stop_signals()
            do throws(StartError) {
                let service = try Service(options, environment: HostEnvironment())
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

/// Why the emulator does not start.
struct StartError: Error {
    let message: String
}

/// This process's own environment.
struct HostEnvironment {
    subscript(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        let text = unsafe String(cString: value)
        return text.isEmpty ? nil : text
    }
}
