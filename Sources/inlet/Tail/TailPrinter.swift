/// Writes what `inlet tail` shows, and knows when enough is seen.
final class TailPrinter {
    static let until = Option(
        name: "until", value: "messageId=ID", help: "end once the message of this id is shown")

    private let session: Session
    private let palette: Palette
    private let filter: TailFilter
    /// The id that ends it.
    private let awaited: String?
    private(set) var isDone = false

    init(_ session: Session) throws(InletError) {
        self.session = session
        palette = Palette(isTerminal: session.console.isTerminal, session.system)
        filter = TailFilter(session.arguments)
        guard let until = session.arguments.value(Self.until) else {
            awaited = nil
            return
        }
        let name = "messageId="
        guard until.hasPrefix(name), until != name else {
            throw .malformed("--until", expected: "messageId= and the id of a message")
        }
        awaited = String(until.dropFirst(name.count))
    }

    var takesRejects: Bool { filter.takesRejects }
    var messagePolicy: String? { filter.messagePolicy }
    var rejectPolicy: String? { filter.rejectPolicy }
    /// True if the end without what was awaited is a failure.
    var isWaiting: Bool { awaited != nil && !isDone }

    /// Shows an item, if the filter takes it; false once nobody reads any more, or all is seen.
    func show(_ item: TailItem) -> Bool {
        guard !isDone else { return false }
        if filter.takes(item) {
            let line = session.isJSON ? item.json : item.line(in: palette)
            guard session.console.write(line + "\n") else { return false }
            if let awaited, item.messageID == awaited { isDone = true }
        }
        return !isDone
    }
}
