internal import LambdaRuntime
internal import Store

extension RegistryCache {
    /// Logs what an event's look-ups have met with: call it once when they are done.
    func logFailure(to log: Logger, _ invocation: Invocation) {
        guard let failure = takeFailure() else { return }
        let (level, summary): (LogLevel, String) =
            failure.isBridged
            ? (.warn, "the partners could not be refreshed")
            : (.error, "the partners could not be read")
        log.write(level, summary, invocation, [("reason", .text(failure.error.reason))])
    }
}
