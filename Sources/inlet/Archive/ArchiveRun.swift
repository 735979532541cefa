import AWS
import Delivery
import Formats
import Platform
import Transport

/// Publishes the messages of an archive again, file by file.
///
/// A file counts as done once the sink has each of its messages, so a replay that ends early may publish
/// some of the next file again when it goes on.
final class ArchiveRun {
    /// Messages that are sent at once, and kept in memory until then.
    private static let chunk = 100
    /// Lines after which a person is heard who wants an end.
    private static let step = 1000
    /// Files that may be denied before the first that is not: then all are.
    private static let maximumDenied = 20

    /// Where messages go, and how fast.
    struct Target {
        let sink: Sink
        let publisher: SinkPublisher
        /// Messages a second.
        let rate: Int
        /// Asked in between whether it is to end.
        let end: TailEnd
    }

    private let source: any ArchiveSource
    private let window: TimeWindow
    private let filter: TailFilter
    /// Nil for looking only.
    private let target: Target?
    private let console: Console
    private(set) var report = ArchiveReport()
    private var waiting: [(publication: Publication, line: Int)] = []
    private var hasFlushed = false
    private var denied = 0

    init(
        _ source: any ArchiveSource, _ window: TimeWindow, _ filter: TailFilter, to target: Target?,
        console: Console
    ) {
        self.source = source
        self.window = window
        self.filter = filter
        self.target = target
        self.console = console
    }

    /// Goes through the files to the last one.
    func run() throws(InletError) {
        try source.list { file throws(InletError) in
            try endIfAsked()
            try replay(file)
            return true
        }
    }

    private func endIfAsked() throws(InletError) {
        if target?.end.isAsked == true { throw .interrupted }
    }

    private func replay(_ file: ArchiveFile) throws(InletError) {
        report.countListed()
        guard let bytes = try contents(of: file) else { return }
        let before = report.published
        var failure: InletError?
        do throws(ArchiveLines.Damage) {
            try ArchiveLines.read(bytes) { line, number in
                do throws(InletError) {
                    try take(line, number, of: file)
                    return true
                } catch {
                    failure = error
                    return false
                }
            }
        } catch {
            report.add(error.reason, in: file)
            if error == .parquet { return report.meetParquet(file) }
        }
        if let failure { throw failure }
        try flush(file)
        report.complete(file)
        if target != nil {
            console.note("\(printable(file.name)): \(report.published - before) published")
        }
    }

    /// The bytes of a file; nil if it is left out.
    private func contents(of file: ArchiveFile) throws(InletError) -> [UInt8]? {
        do throws(ArchiveFault) {
            return try source.contents(of: file)
        } catch {
            switch error {
            case .archive(let error): throw error
            case .file(let reason): leaveOut(file, reason)
            case .denied(let reason):
                denied += 1
                guard report.files > 0 || denied < Self.maximumDenied else {
                    throw .archive("\(printable(file.name)) and others before it: \(reason)")
                }
                leaveOut(file, reason)
            }
            return nil
        }
    }

    private func leaveOut(_ file: ArchiveFile, _ reason: String) {
        report.add(reason, in: file)
        if target != nil { console.note("\(printable(file.name)): \(reason)") }
    }

    private func take(_ line: [UInt8]?, _ number: Int, of file: ArchiveFile) throws(InletError) {
        if number % Self.step == 0 || hasFlushed { try endIfAsked() }
        hasFlushed = false
        guard let line else { return report.add("The line is too long.", in: file, number) }
        guard let message = ArchivedMessage(line: line), let item = message.item else {
            return report.add("It is not a message of Inlet's.", in: file, number)
        }
        guard window.holds(message.publishedAt), filter.takes(item) else {
            return report.leaveOut()
        }
        report.choose(message)
        guard let target else { return }
        waiting.append((message.publication(to: target.sink), number))
        if waiting.count >= min(Self.chunk, target.rate) { try flush(file) }
    }

    /// Publishes what is waiting, and then waits for as long as so many messages are to take.
    private func flush(_ file: ArchiveFile) throws(InletError) {
        guard let target, !waiting.isEmpty else { return }
        let next = Instant.now + .microseconds(waiting.count * 1_000_000 / target.rate)
        let verdicts = target.publisher.publish(
            waiting.map(\.publication),
            within: TimeBudget(now: System.wallClock(), deadline: .now + Session.patience),
            traceID: nil
        ).verdicts
        var reason: String?
        for (message, verdict) in zip(waiting, verdicts) {
            switch verdict {
            case .accepted: report.countPublished()
            case .refused(let refusal):
                report.add(
                    "\(target.sink.service.title) refused the message: \(refusal.code).", in: file,
                    message.line)
            case .notAccepted(let why): reason = why
            }
        }
        waiting = []
        if let reason {
            throw .notReplayable(
                "\(target.sink.service.title) did not take all messages: \(reason)")
        }
        // The end is asked for again before the next line or file: this may have been the last.
        _ = target.end.waits(for: max(next - .now, .zero))
        hasFlushed = true
    }
}
