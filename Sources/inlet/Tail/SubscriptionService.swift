import AWS
import Delivery
import Formats
import Platform

/// The subscriptions of queues to topics, by SNS's query protocol.
///
/// Source: Amazon SNS API Reference, 2010-03-31.
struct SubscriptionService {
    private static let version = "2010-03-31"
    /// Pages of 100 subscriptions.
    private static let maximumPages = 200

    private let client: AWSClient

    init(_ session: Session) {
        client = AWSClient(session.aws, credentials: session.credentials)
    }

    /// Subscribes a queue, which then gets what the policy lets through, as it was published.
    func subscribe(
        _ queue: String, to topic: Sink, policy: String?
    ) throws(InletError) {
        var attributes = [("RawMessageDelivery", "true")]
        if let policy { attributes.append(("FilterPolicy", policy)) }
        let entries = attributes.enumerated().flatMap { place, attribute in
            let prefix = "Attributes.entry.\(place + 1)."
            return [
                NamedValue(prefix + "key", attribute.0), NamedValue(prefix + "value", attribute.1),
            ]
        }
        _ = try call(
            "Subscribe", of: topic,
            [
                NamedValue("TopicArn", topic.arn), NamedValue("Protocol", "sqs"),
                NamedValue("Endpoint", queue), NamedValue("ReturnSubscriptionArn", "true"),
            ] + entries, within: client.system.budget(of: Session.patience))
    }

    /// Ends all subscriptions of a queue to a topic; it is no error if there is none, or no topic.
    func unsubscribe(
        _ queue: String, from topic: Sink, within budget: TimeBudget
    ) throws(InletError) {
        do throws(InletError) {
            for subscription in try subscriptions(of: queue, to: topic, within: budget) {
                _ = try call(
                    "Unsubscribe", of: topic, [NamedValue("SubscriptionArn", subscription)],
                    within: budget)
            }
        } catch {
            guard case .aws(_, .failed(let failure)) = error, failure.code == "NotFound" else {
                throw error
            }
        }
    }

    private func subscriptions(
        of queue: String, to topic: Sink, within budget: TimeBudget
    ) throws(InletError) -> [String] {
        var found: [String] = []
        var token: String?
        for _ in 0..<Self.maximumPages {
            let next = token.map { [NamedValue("NextToken", $0)] } ?? []
            let reply = try call(
                "ListSubscriptionsByTopic", of: topic,
                [NamedValue("TopicArn", topic.arn)] + next, within: budget)
            let result = reply["ListSubscriptionsByTopicResult"]
            found += (result?["Subscriptions"]?.children ?? [])
                .filter { $0["Endpoint"]?.text == queue }
                .compactMap { $0["SubscriptionArn"]?.text }
            token = result?["NextToken"]?.text
            if token == nil { return found }
        }
        return found
    }

    private func call(
        _ action: String, of topic: Sink, _ parameters: [NamedValue], within budget: TimeBudget
    ) throws(InletError) -> XMLElement {
        do throws(AWSError) {
            return try client.query(
                .sns, region: topic.region, version: Self.version, action: action, parameters,
                within: budget)
        } catch {
            throw .aws("the topic (\(action))", error)
        }
    }
}
