import Platform
import Synchronization

/// Tells a person at a terminal that a command is still at work, and for how long.
///
/// The line is on standard error, and goes away before anything else is written.
final class Progress: Sendable {
    private struct State {
        var isShown = false
        var isPaused = false
        var isOver = false
        /// When something was written last.
        var last: Instant
    }

    private static let clearing = "\r\u{1B}[K"

    private let name: String
    private let step: Duration
    private let write: @Sendable (String) -> Void
    private let beginning: Instant
    private let state: Mutex<State>

    /// A line appears after `step` without any output, and again after each further one.
    init(
        _ name: String, step: Duration = .seconds(1), write: @escaping @Sendable (String) -> Void
    ) {
        self.name = name
        self.step = step
        self.write = write
        beginning = .now
        state = Mutex(State(last: beginning))
    }

    /// A command's; nil if nobody sees it, or the command shows by itself what it does.
    static func of(_ command: Command, _ console: Console, isJSON: Bool) -> Progress? {
        guard let write = console.hintLine, !isJSON, command.showsProgress else { return nil }
        return Progress(command.name, write: write)
    }

    /// Shows the line from a thread of its own, until it is stopped.
    func start() {
        Threads.start { [self] in
            repeat { Threads.sleep(step) } while tick()
        }
    }

    /// Takes the line away for good.
    func stop() {
        clear()
        state.withLock { $0.isOver = true }
    }

    /// Shows the line if it is time; false once it is over.
    func tick() -> Bool {
        state.withLock { state in
            guard !state.isOver else { return false }
            if !state.isPaused, Instant.now - state.last >= step {
                write("\(Self.clearing)\(name) … \((Instant.now - beginning).seconds) s")
                state.isShown = true
            }
            return true
        }
    }

    /// The console whose every output takes the line away first.
    func over(_ console: Console) -> Console {
        var over = console
        over.write = { [self] text in writing { console.write(text) } }
        over.note = { [self] text in
            _ = writing {
                console.note(text)
                return true
            }
        }
        over.ask = { [self] question in
            clear()
            state.withLock { $0.isPaused = true }
            defer { state.withLock { $0.isPaused = false } }
            return console.ask(question)
        }
        return over
    }

    private func clear() { _ = writing { true } }

    /// Takes the line away, and writes something else before it can come back.
    private func writing(_ body: () -> Bool) -> Bool {
        state.withLock { state in
            if state.isShown { write(Self.clearing) }
            state.isShown = false
            let isDone = body()
            state.last = .now
            return isDone
        }
    }
}
