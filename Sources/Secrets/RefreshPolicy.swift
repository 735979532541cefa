/// When a value is loaded again, and how long a failure keeps the next load waiting.
package struct RefreshPolicy: Sendable {
    /// How old a value may become before it is stale.
    package let interval: Duration
    /// How long after a failed reload the next one waits.
    package let pauseAfterFailure: Duration
    /// How long the error of a failed first load stands: longer than a request, or each would wait
    /// for the same.
    package let pauseAfterFirstFailure: Duration
    /// What a reload may take away from the event that it happens in.
    package let reloadTime: Duration

    /// What holds for secrets, and for partners that are kept as one.
    package static let standard = RefreshPolicy(
        interval: .seconds(300), pauseAfterFailure: .seconds(30),
        pauseAfterFirstFailure: .seconds(10), reloadTime: .seconds(1))
}
