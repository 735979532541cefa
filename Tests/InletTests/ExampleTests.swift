import TestSupport
import Testing

@testable import inlet

/// Tests that hold the help's examples to the program.
@Suite("Examples", .timeLimit(.minutes(60)))
struct ExampleTests {
    @Test("every command has one")
    func all() {
        #expect(Command.all.filter(\.examples.isEmpty).map(\.name) == [])
    }

    @Test("the help of the program, and of each group of commands, shows one that works")
    func groups() {
        for words in [[]] + Command.groups.map(\.words) {
            let shown = Command.all.first { $0.words.starts(with: words) }?.examples.first?.line
            #expect(Help.text(ofGroup: words).contains("Example:\n  \(shown ?? "-")\n"), "\(words)")
        }
    }

    @Test("an example is of the command whose help shows it", arguments: Command.all)
    func own(command: Command) {
        for example in command.examples {
            #expect(example.line.contains("inlet \(command.name)"), "\(example.line)")
        }
    }

    @Test("each one works in a shell, as it stands", arguments: Command.all)
    func work(command: Command) throws {
        for example in command.examples {
            let ground = try ExampleGround()
            let shell = try Program(
                "/bin/sh", ["-c", "cd \"$GROUND\" && \(example.line)"],
                environment: ground.environment(of: command))
            #expect(try shell.end() == .status(0), "\(example.line)\n\(shell.errors)")
            let isSilent = shell.output.isEmpty && shell.errors.isEmpty
            #expect(!isSilent || example.line.contains(" >"), "\(example.line)")
        }
    }
}
