internal import Transport

/// What became of what one event had to deliver, and what it took.
package struct DeliveryReport: Sendable, Equatable {
    /// In the order of what was to be delivered.
    package let verdicts: [Verdict]
    package let effort: DeliveryEffort
}

/// Requests that a delivery took.
package struct DeliveryEffort: Sendable, Equatable {
    /// Requests that were sent, repeated ones too.
    package private(set) var attempts = 0
    /// Those among them that sent something again.
    package private(set) var retries = 0
    /// Answers by which the destination asked for fewer requests.
    package private(set) var throttled = 0

    package init() {}

    mutating func countAttempt() { attempts += 1 }

    mutating func count(_ answer: DeliveryAnswer, then step: DeliveryStep) {
        if answer.isThrottled { throttled += 1 }
        switch step {
        case .again, .mend: retries += 1
        case .next, .split, .stop: break
        }
    }

    package static func += (one: inout DeliveryEffort, other: DeliveryEffort) {
        one.attempts += other.attempts
        one.retries += other.retries
        one.throttled += other.throttled
    }
}

extension DeliveryAnswer {
    fileprivate var isThrottled: Bool {
        switch self {
        case .failed(let failure): failure.kind == .throttling
        case .taken(let exceptions): exceptions.contains { $0.failure.kind == .throttling }
        }
    }
}
