import AWS
import Delivery
import Formats

extension Command {
    fileprivate static let from = Option(
        name: "from", value: "PATH",
        help: "read a file, or those of a directory, in place of the bucket", isFile: true)
    fileprivate static let failed = Option(
        name: "failed", help: "read what Firehose found no place for, below inlet-failed/")
    fileprivate static let after = Option(
        name: "after", value: "FILE", help: "go on after this file, as an earlier run has named it")
    fileprivate static let messageID = Option(
        name: "message-id", value: "ID", help: "only the message of this id; may be repeated")
    fileprivate static let rate = Option(
        name: "rate", value: "N",
        help: "messages a second at most (default: \(standardRate))")
    fileprivate static let dryRun = Option(name: "dry-run", help: "count only, and publish nothing")
    fileprivate static let yes = Option(name: "yes", letter: "y", help: "do not ask")
    /// SNS's smallest quota is 300 a second in a region, and live messages come first.
    fileprivate static let standardRate = 200
    fileprivate static let maximumRate = 10_000

    static let archiveReplay = Command(
        words: ["archive", "replay"], summary: "Publish archived messages again.",
        options: [
            TimeWindow.since, TimeWindow.until, TailFilter.partner, TailFilter.type,
            TailFilter.sender, TailFilter.event, messageID, ArchiveAddress.option, from, failed,
            after, Replayer.topic, Place.option, rate, dryRun, yes,
        ],
        showsProgress: false,
        details: """
            Reads the archive's files in the order of their names, and publishes each message as it was,
            with its attributes. All subscribers of the topic get it again, and know it by partner and
            messageId. To reach one alone, give its queue's ARN by --topic. A time is that at which SNS took
            a message. What is published from now on is left out, so that a replay does not find its own
            messages.

            Each file that is done is named. If a run ends early, by Ctrl-C too, the same command with
            --after and that name goes on; messages of the next file may then come twice. The exit code is 1
            if something could not be read or published, which is named by file and line.
            """,
        examples: [
            Example(
                "inlet archive replay --since 7d --partner web-app --dry-run",
                "how much there is, of a partner"),
            Example(
                "inlet archive replay --since 2026-01-05 --until 2026-01-06 --yes",
                "all messages of a day"),
            Example(
                "inlet archive replay --from archive --message-id m-1 --yes",
                "one message, of files that were downloaded"),
        ]
    ) { session throws(InletError) in
        let window = try TimeWindow(session)
        let source = try session.archive(window)
        let isDry = session.arguments.has(dryRun)
        let rate = try session.rate
        if isDry, session.setting(Replayer.topic, Replayer.variable) != nil {
            _ = try session.sink(Replayer.topic, Replayer.variable)
        }
        let target = try isDry ? nil : session.target(from: source, rate)
        (source as? ArchiveBucket)?.store.end = target?.end
        let replay = ArchiveRun(
            source, window, TailFilter(session.arguments, messageID: messageID), to: target,
            console: session.console)
        let until = window.until.rfc3339 ?? ""
        do throws(InletError) {
            try replay.run()
            if replay.report.listed == 0, session.arguments.value(after) == nil {
                if let bucket = source as? ArchiveBucket, try bucket.hasParquet() {
                    throw .parquet("inlet-parquet/")
                }
                throw .archive("there is no file below \(source.places)")
            }
        } catch {
            if !isDry, replay.report.published > 0 || replay.report.last != nil {
                session.console.note(replay.report.summary(isDry: false))
                let since = window.since?.rfc3339.map { "--since \($0) " } ?? ""
                let after = replay.report.last.map { " --after \(shellWord($0))" } ?? ""
                session.console.note(
                    "To go on: the same command with \(since)--until \(until)\(after)")
            }
            throw error
        }
        try session.print(replay.report, isDry: isDry, until: until)
        if let name = replay.report.parquet { throw .parquet(name) }
        guard replay.report.isClean else { throw .negative }
    }
}

extension Session {
    fileprivate func archive(_ window: TimeWindow) throws(InletError) -> any ArchiveSource {
        let words = ["archive", "replay"]
        let start = arguments.value(Command.after)
        if let path = arguments.value(Command.from) {
            guard !arguments.has(Command.failed), !arguments.has(ArchiveAddress.option) else {
                throw .usage("--from is in place of --archive and --failed", words)
            }
            return try ArchiveFolder(path: path, start: start)
        }
        let address = try archiveAddress
        let prefixes: [String]
        if arguments.has(Command.failed) {
            prefixes = [address.failed]
        } else {
            guard window.since != nil else { throw .usage("say from when: --since", words) }
            prefixes = address.prefixes(
                of: window, partners: arguments.values(TailFilter.partner))
        }
        let store = try ObjectStore(self, bucket: address.bucket)
        let root = arguments.has(Command.failed) ? address.failed : address.root
        let key: String? =
            if let start {
                try ArchiveBucket.start(start, below: root, in: address.bucket, store)
            } else { nil }
        return ArchiveBucket(address: address, prefixes: prefixes, start: key, store: store)
    }

    fileprivate var rate: Int {
        get throws(InletError) {
            guard let text = arguments.value(Command.rate) else { return Command.standardRate }
            guard let number = Int(text), 1...Command.maximumRate ~= number else {
                throw .malformed("--rate", expected: "a number from 1 to \(Command.maximumRate)")
            }
            return number
        }
    }

    /// Where messages go; asks first whether they are to.
    fileprivate func target(
        from source: any ArchiveSource, _ rate: Int
    ) throws(InletError) -> ArchiveRun.Target {
        let sink = try sink(Replayer.topic, Replayer.variable)
        let publisher = try publisher(to: sink)
        if !arguments.has(Command.yes) {
            let readers = sink.service == .sns ? "all subscribers of " : ""
            try confirm(
                "Publish messages of \(printable(source.name)) again to \(readers)\(sink.arn)? [y/N] "
            )
        }
        return ArchiveRun.Target(
            sink: sink, publisher: publisher, rate: rate,
            end: TailEnd(
                console,
                warning: "Ending once what is under way is done; Ctrl-C again ends it at once."
            ))
    }

    fileprivate func print(
        _ report: ArchiveReport, isDry: Bool, until: String
    ) throws(InletError) {
        if isJSON { return try print(json: { report.write(to: &$0, until: until) }) }
        guard !report.isEmpty else {
            return try print("There is nothing to replay.")
        }
        try print(report.table)
        if let table = report.problemTable { try print(table) }
        console.note(report.summary(isDry: isDry))
    }
}
