import Dispatch
import Platform
import TestSupport
import Testing

@testable import inlet

@Suite("Progress")
struct ProgressTests {
    @Test("is shown while nothing else is written, and taken away before something is")
    func shows() {
        let written = Recorder<String>()
        let ticks = DispatchSemaphore(value: 0)
        let progress = Progress("rejected list", step: .milliseconds(1)) { text in
            written.append(text)
            ticks.signal()
        }
        let console = progress.over(
            Console(
                write: { text in
                    written.append(text)
                    return true
                }, note: { written.append($0) }, read: { .success([]) }, ask: { _ in nil }))
        progress.start()
        for _ in 0..<3 { ticks.wait() }
        _ = console.write("result")
        progress.stop()
        let all = written.all
        #expect(all[0].wholeMatch(of: /\r\u{1B}\[Krejected list … \d+ s/) != nil)
        let place = all.firstIndex(of: "result") ?? 0
        #expect(place > 2 && all[place - 1] == "\r\u{1B}[K")
        #expect(!progress.tick())
        #expect(written.all.last?.contains("…") == false)
    }

    @Test("is not shown within its first second")
    func waits() {
        let written = Recorder<String>()
        let progress = Progress("x", step: .seconds(3600)) { written.append($0) }
        #expect(progress.tick())
        progress.stop()
        #expect(written.all.isEmpty)
    }

    @Test("is shown on a terminal alone, and not with JSON")
    func terminal() {
        func console(_ isTerminal: Bool) -> Console {
            var console = Console(
                write: { _ in true }, note: { _ in }, read: { .success([]) }, ask: { _ in nil })
            if isTerminal { console.hintLine = { _ in } }
            return console
        }
        let command = Command.partnerList
        #expect(Progress.of(command, console(true), isJSON: false) != nil)
        #expect(Progress.of(command, console(true), isJSON: true) == nil)
        #expect(Progress.of(command, console(false), isJSON: false) == nil)
        #expect(Progress.of(.partnerEdit, console(true), isJSON: false) == nil)
    }
}
