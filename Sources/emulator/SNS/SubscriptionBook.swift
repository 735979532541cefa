import LocalServer

/// The subscriptions: those of the template, and those that were made since.
final class SubscriptionBook: Sendable {
    /// The most subscriptions of a topic; all are in one answer.
    static let capacity = 100

    private let state: Monitor<[Subscription]>

    init(_ subscriptions: [Template.Subscription]) {
        state = Monitor(subscriptions.map { Subscription($0) })
    }

    var all: [Subscription] { state.sync { $0 } }

    func of(topic: String) -> [Subscription] { all.filter { $0.topic == topic } }

    /// Adds a subscription, unless the queue has it already; its ARN is that of the first.
    func add(_ subscription: Subscription) throws(SNSError) -> String {
        let result: Result<String, SNSError> = state.sync { subscriptions in
            let own = subscriptions.filter { $0.topic == subscription.topic }
            if let known = own.first(where: { $0.queue == subscription.queue }) {
                guard known.isLike(subscription) else {
                    return .failure(
                        .invalidParameter(
                            "Attributes Reason: Subscription already exists with different "
                                + "attributes"))
                }
                return .success(known.arn)
            }
            guard own.count < Self.capacity else {
                return .failure(
                    SNSError(
                        403, "SubscriptionLimitExceeded",
                        "The topic has \(Self.capacity) subscriptions already"))
            }
            subscriptions.append(subscription)
            return .success(subscription.arn)
        }
        return try result.get()
    }

    func subscription(_ arn: String) throws(SNSError) -> Subscription {
        guard let found = all.first(where: { $0.arn == arn }) else { throw Self.unknown }
        return found
    }

    func set(_ name: String, _ value: String, of arn: String) throws(SNSError) {
        var changed = try subscription(arn)
        try changed.set(name, value)
        state.sync { subscriptions in
            guard let place = subscriptions.firstIndex(where: { $0.arn == arn }) else { return }
            subscriptions[place] = changed
        }
    }

    /// Removes a subscription; one that is gone already is none that is missed.
    func remove(_ arn: String) { state.sync { $0.removeAll { $0.arn == arn } } }

    private static let unknown = SNSError(404, "NotFound", "Subscription does not exist")
}
