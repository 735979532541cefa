internal import LambdaRuntime
internal import Secrets
internal import Store

extension RegistryCache {
    /// Logs what an event's look-ups have met with: call it once when they are done.
    func logFailure(to log: Logger, _ invocation: Invocation) {
        guard let failure = takeFailure() else { return }
        let (level, summary): (LogLevel, String) =
            switch (failure.isBridged, failure.error.isOfRecord) {
            case (true, false): (.warn, "the partners could not be refreshed")
            case (true, true): (.warn, "a partner's record cannot be used")
            case (false, _): (.error, "the partners could not be read")
            }
        log.write(level, summary, invocation, [("reason", .text(failure.error.reason))])
    }
}
