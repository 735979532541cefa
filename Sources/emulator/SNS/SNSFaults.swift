import LocalServer

/// How the emulator's SNS misbehaves while somebody wants it to.
enum SNSFault: String, Sendable, CaseIterable {
    /// It answers 500.
    case down = "sns-down"
    /// It answers after two seconds.
    case slow = "sns-slow"
    /// It answers 429.
    case throttled = "sns-throttled"
}

/// The switch for ``SNSFault``; off at the start.
final class SNSFaults: Sendable {
    private static let delay = Duration.seconds(2)

    private let state = Monitor<SNSFault?>(nil)

    var current: SNSFault? {
        get { state.sync { $0 } }
        set { state.sync { $0 = newValue } }
    }

    /// Waits or fails as is wanted now; a wait ends when the switch is turned.
    func apply() throws(SNSError) {
        switch current {
        case nil: return
        case .slow: state.wait(until: .now + Self.delay) { $0 == .slow ? nil : () }
        case .down: throw SNSError(500, "InternalFailure", "SNS is switched off on the live page")
        case .throttled: throw SNSError(429, "Throttled", "Rate exceeded")
        }
    }
}
