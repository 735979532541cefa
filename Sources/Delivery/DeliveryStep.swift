internal import Transport

/// What a lane does after an answer to its current request.
enum DeliveryStep: Equatable {
    /// Goes on to its next request.
    case next
    /// Sends these items again, after a wait.
    case again([Int], after: Duration)
    /// Sends these items again, once this is mended.
    case mend([Int], Remedy)
    /// Sends the two halves by themselves: the fault is in an item, and only sending less tells in
    /// which. Of n items that takes 2n − 1 requests at most.
    case split([Int], [Int])
    /// Sends nothing more.
    case stop
}

extension Lane {
    /// Decides what comes next, from values alone.
    ///
    /// A failed attempt is counted by ``again(_:after:left:random:)``, whose policy says whether to
    /// wait, mend or stop.
    ///
    /// `left` is the time until the deadline, `random` a number from 0 up to, but not, 1.
    mutating func step(
        after answer: DeliveryAnswer, left: Duration, random: Double
    ) -> DeliveryStep {
        switch answer {
        case .failed(let failure) where failure.refusal != nil:
            return splitOrNext()
        case .failed(let failure):
            return again(current, after: failure, left: left, random: random)
        case .taken(let exceptions):
            if isOrdered, exceptions.contains(where: \.failure.holdsBackFollowers) { return .stop }
            let transient = exceptions.filter { $0.failure.kind != .permanent }
            guard let last = transient.last else { return .next }
            return again(
                transient.map(\.item), after: last.failure, left: left, random: random)
        }
    }

    private func splitOrNext() -> DeliveryStep {
        guard current.count > 1 else { return .next }
        let half = current.count / 2
        return .split(Array(current[..<half]), Array(current[half...]))
    }
}

extension DeliveryFailure {
    /// True when an item will not be taken in this event, and may be in a later one: what follows it
    /// in order must then wait, too.
    fileprivate var holdsBackFollowers: Bool { kind == .permanent && refusal == nil }
}
