/// Which of the rejected messages a command acts on: those of `--id`, or all, as far as the filter
/// takes them.
struct RejectChoice {
    let filter: RejectFilter
    /// True if no ids are given.
    let isEvery: Bool
    /// The ids that were given and have not been met.
    private var ids: Set<String>

    /// One of the two options must be given; `words` name the command.
    init(
        _ session: Session, id: Option, every: Option, of words: [String]
    ) throws(InletError) {
        ids = Set(session.arguments.values(id))
        isEvery = ids.isEmpty
        guard isEvery == session.arguments.has(every) else {
            throw .usage("say which: --id, or --all", words)
        }
        filter = try RejectFilter(session)
    }

    /// True for a message that is chosen; one of `--id` is chosen once.
    mutating func takes(_ entry: RejectedEntry) -> Bool {
        filter.takes(entry) && (isEvery || ids.remove(entry.id) != nil)
    }

    /// True while another message may be chosen.
    var goesOn: Bool { isEvery || !ids.isEmpty }

    /// Why a message of `--id` was not found.
    static let reasonMissing =
        "It was not found: it is gone, somebody else is reading it, or it is not what --partner, "
        + "--code and --since choose."

    /// The ids of which no message was found.
    var missing: [String] { ids.sorted() }
}
