import AWS
import Delivery
import Platform
import Transport

/// Follows topics of AWS by a queue of its own.
struct TopicTail {
    /// The most that removing the queue takes.
    private static let patience = Duration.seconds(15)
    /// Ids of messages that were shown: one that could not be deleted comes again.
    private static let maximumSeen = 10_000

    let session: Session
    let printer: TailPrinter
    let end: TailEnd
    let sources: [TailQueue.Source]

    /// Shows what comes until the end, and leaves no queue and no subscription behind.
    func run() throws(InletError) {
        sweep()
        var queue = try TailQueue(sources, session)
        // Whatever ends it: a part of the queue may be there.
        let result = Result { () throws(InletError) in try follow(&queue) }
        do throws(InletError) {
            try queue.remove(within: Self.patience)
        } catch {
            session.console.note(
                "The queue \(queue.name) stays: \(error.message). A later run removes it, "
                    + "when it is a day old.")
            try result.get()
            throw .negative
        }
        try result.get()
    }

    /// Reports what cannot be removed, and goes on: that is no reason not to follow the topics.
    private func sweep() {
        guard let region = sources.first?.topic.region else { return }
        do throws(InletError) {
            let count = try TailSweep(session, region: region).run()
            if count > 0 {
                session.console.note("Removed queues that earlier runs had left: \(count).")
            }
        } catch {
            session.console.note("Nothing is removed: \(error.message).")
        }
    }

    private func follow(_ queue: inout TailQueue) throws(InletError) {
        try queue.open(at: session.system.now())
        let names = sources.map(\.topic.arn).joined(separator: " and ")
        session.console.note("Following \(names); Ctrl-C ends it.")
        var seen: Set<String> = []
        var losses = 0
        while !end.isAsked {
            do throws(InletError) {
                let received = try queue.receive()
                if losses > 0 { session.console.note("The connection is back.") }
                losses = 0
                for message in received where !seen.contains(message.id) {
                    if seen.count >= Self.maximumSeen { seen = [] }
                    seen.insert(message.id)
                    guard let item = message.item else { continue }
                    guard printer.show(item) else { return }
                }
                try queue.delete(received)
            } catch {
                guard error.isAboutMissingQueue || error.isPassing else { throw error }
                losses += 1
                if losses == 1 { session.console.note("\(error.message). Trying again.") }
                if end.waits(for: Backoff.wait(after: losses, session.system)) { return }
                if error.isAboutMissingQueue { try replace(&queue) }
            }
        }
    }

    /// Makes another queue in place of one that somebody has deleted.
    private func replace(_ queue: inout TailQueue) throws(InletError) {
        try queue.remove(within: Self.patience)
        queue = try TailQueue(sources, session)
        try queue.open(at: session.system.now())
    }
}

extension InletError {
    /// True for a failure that may be over later.
    fileprivate var isPassing: Bool {
        guard case .aws(_, .failed(let failure)) = self else { return false }
        return !failure.isPermanent
    }
}
