internal import LambdaRuntime
internal import Partners

extension LookupEvents {
    /// Logs what went wrong in an event's look-ups; call it once, when they are done.
    func log(to log: Logger, _ invocation: Invocation) {
        for problem in secretProblems {
            log.write(
                .error, "a signing secret could not be read", invocation,
                [LogField("reason", .text(problem))])
        }
        guard let trouble else { return }
        let (level, summary): (LogLevel, String) =
            switch (trouble.isBridged, trouble.failure.isOfRecord) {
            case (true, false): (.warn, "the partners could not be refreshed")
            case (true, true): (.warn, "a partner's record cannot be used")
            case (false, _): (.error, "the partners could not be read")
            }
        log.write(level, summary, invocation, [LogField("reason", .text(trouble.failure.reason))])
    }
}

extension LookupEvents {
    /// The events of a handler whose waits the supervisor can name.
    convenience init(_ slot: EventSlot) {
        self.init { wait in
            slot.wait =
                switch wait {
                case .partners: .partners
                case .secrets: .signingSecret
                case nil: .handler
                }
        }
    }
}
