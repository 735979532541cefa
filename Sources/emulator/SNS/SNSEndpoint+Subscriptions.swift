import Formats

/// The actions that list topics, and work with their subscriptions.
///
/// Source: Amazon SNS API Reference, 2010-03-31.
extension SNSEndpoint {
    func listTopics() -> String {
        let members = topics.map { "<member><TopicArn>\($0.arn)</TopicArn></member>" }
        return "<Topics>\(members.joined())</Topics>"
    }

    func subscribe(_ form: SNSForm) throws(SNSError) -> String {
        let topic = try topic(form)
        guard form["Protocol"] == "sqs" else {
            throw .invalidParameter("Protocol Reason: the emulator delivers to sqs only")
        }
        guard let endpoint = form["Endpoint"], endpoint.hasPrefix("arn:aws:sqs:") else {
            throw .invalidParameter("SQS endpoint ARN")
        }
        guard topic.isFIFO || !endpoint.hasSuffix(".fifo") else {
            throw .invalidParameter(
                "Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics")
        }
        var attributes: [NamedValue] = []
        for prefix in try form.elements(of: "Attributes.entry") {
            guard let name = form[prefix + "key"] else { throw .invalidParameter("Attributes") }
            attributes.append(NamedValue(name, form[prefix + "value"] ?? ""))
        }
        let subscription = try Subscription(
            topic: topic.arn, queue: endpoint, attributes: attributes)
        return "<SubscriptionArn>\(try subscriptions.add(subscription))</SubscriptionArn>"
    }

    func unsubscribe(_ form: SNSForm) throws(SNSError) -> String {
        subscriptions.remove(try subscriptionARN(form))
        return ""
    }

    func list(_ subscriptions: [Subscription]) -> String {
        let members = subscriptions.map { subscription in
            let values = [
                ("SubscriptionArn", subscription.arn), ("Owner", TemplateScope.accountID),
                ("Protocol", "sqs"), ("Endpoint", subscription.queue),
                ("TopicArn", subscription.topic),
            ]
            let texts = values.map { "<\($0.0)>\(SNSReply.escape($0.1))</\($0.0)>" }
            return "<member>\(texts.joined())</member>"
        }
        return "<Subscriptions>\(members.joined())</Subscriptions>"
    }

    func subscriptionAttributes(_ form: SNSForm) throws(SNSError) -> String {
        let entries = try subscriptions.subscription(try subscriptionARN(form)).attributes
            .map { attribute in
                let value = SNSReply.escape(attribute.value)
                return "<entry><key>\(attribute.name)</key><value>\(value)</value></entry>"
            }
        return "<Attributes>\(entries.joined())</Attributes>"
    }

    func setSubscriptionAttribute(_ form: SNSForm) throws(SNSError) -> String {
        guard let name = form["AttributeName"] else { throw .invalidParameter("AttributeName") }
        try subscriptions.set(
            name, form["AttributeValue"] ?? "", of: try subscriptionARN(form))
        return ""
    }

    private func subscriptionARN(_ form: SNSForm) throws(SNSError) -> String {
        guard let arn = form["SubscriptionArn"], arn.hasPrefix("arn:aws:sns:") else {
            throw .invalidParameter("SubscriptionArn Reason: An ARN must have at least 6 elements")
        }
        return arn
    }
}
