import Delivery

extension Command {
    static let tail = Command(
        words: ["tail"], summary: "Show messages and rejects as they are published.",
        options: [Place.option, Replayer.topic, ContextSetting.rejectedTopicOption]
            + TailFilter.options + [TailPrinter.until],
        details: """
            A line is a message: time, type, name, partner, sender, messageId and requestId; or a
            reject: time, REJECTED, code, partner, sender and the same ids. With --json each is an
            object on a line of its own. Several options narrow it down; of one that is repeated,
            any value is enough. A reject has neither a type nor a name.

            Of AWS it makes a queue, subscribes it to the topics, and removes both at the end, also
            after Ctrl-C or if its output is closed. A queue that it had to leave behind is removed
            by a later run, when it is a day old.
            """,
        examples: [
            Example("inlet tail --until messageId=m-1", "until this message has come"),
            Example("inlet tail --type track --json | head -n 1", "the next track call, whole"),
        ]
    ) { session throws(InletError) in
        let printer = try TailPrinter(session)
        switch try session.place() {
        case .emulator(let address):
            try EmulatorTail(
                url: address.url, session: session, printer: printer,
                end: TailEnd(session.console)
            ).run()
        case .aws:
            let sources = try sources(session, printer)
            try TopicTail(
                session: session, printer: printer, end: TailEnd(session.console), sources: sources
            ).run()
        }
        guard !printer.isWaiting else { throw .negative }
    }

    /// The topics, and which of their messages are wanted.
    private static func sources(
        _ session: Session, _ printer: TailPrinter
    ) throws(InletError) -> [TailQueue.Source] {
        let messages = try session.topic(Replayer.topic, Replayer.variable)
        var sources = [TailQueue.Source(topic: messages, policy: printer.messagePolicy)]
        let (option, variable) = (ContextSetting.rejectedTopicOption, ContextSetting.rejectedTopic)
        if printer.takesRejects, session.setting(option, variable) != nil {
            sources.append(
                TailQueue.Source(
                    topic: try session.topic(option, variable), policy: printer.rejectPolicy))
        }
        return sources
    }
}
