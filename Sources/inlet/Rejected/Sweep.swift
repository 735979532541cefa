/// One pass over the queue that shows each message once.
struct Sweep {
    static let limit = Option(
        name: "limit", value: "N", help: "how many messages to look at (default: 1000)")
    private static let standardLimit = 1000
    /// SQS hides at most 120,000 messages of a queue, and others may read it too.
    private static let maximumLimit = 10_000
    /// Seconds for which messages are hidden from other readers: longer than ten of them take.
    private static let hidden = 300

    private let queue: RejectedQueue
    private let limit: Int

    init(_ session: Session, _ queue: RejectedQueue) throws(InletError) {
        self.queue = queue
        guard let text = session.arguments.value(Self.limit) else {
            limit = Self.standardLimit
            return
        }
        guard let number = Int(text), 1...Self.maximumLimit ~= number else {
            throw .malformed("--limit", expected: "a number from 1 to \(Self.maximumLimit)")
        }
        limit = number
    }

    /// Shows messages to `visit` until it wants no more.
    ///
    /// `visit` says which ones it has deleted.
    ///
    /// The others are shown to other readers again at the end, also if something fails.
    func run(
        _ visit: (RejectedEntry) throws(InletError) -> (isGone: Bool, goesOn: Bool)
    ) throws(InletError) {
        var seen: Set<String> = []
        var held: [RejectedEntry] = []
        defer { queue.release(held) }
        while seen.count < limit {
            let received = try queue.receive(
                limit: limit - seen.count, hidingFor: Self.hidden)
            let new = received.filter { seen.insert($0.id).inserted }
            held += new
            guard !new.isEmpty else { return }
            for entry in new {
                let outcome = try visit(entry)
                if outcome.isGone { held.removeAll { $0.id == entry.id } }
                if !outcome.goesOn { return }
            }
        }
    }
}
