import Platform

/// A template's topics and queues, and the credentials for them.
///
/// With `--sns` messages go to another SNS: these topics and queues then serve nobody.
struct LocalAWS: Sendable {
    let topics: SNSEndpoint
    let queues: QueueBook
    /// Made for this run; for another SNS, those of the environment.
    let credentials: FunctionSettings.Credentials
    /// True if another SNS is in its place.
    let isReplaced: Bool

    /// What is published and delivered is told to the recorder.
    init(
        of template: Template, _ options: Options, _ environment: System,
        _ recorder: RequestRecorder
    ) throws(StartError) {
        let queues = QueueBook(Self.queues(of: template, options), region: template.region)
        let subscriptions = SubscriptionBook(template.subscriptions)
        let delivery = QueueDelivery(subscriptions: subscriptions, queues: queues)
        let store = MessageStore { message, id, topic, now in
            let handovers = delivery.deliver(message, id: id, topic: topic, at: now)
            recorder.published(message, id: id, topic: topic, handovers)
        }
        isReplaced = options.sns != nil
        credentials = try isReplaced ? Self.credentials(of: environment) : Self.newCredentials()
        self.queues = queues
        topics = SNSEndpoint(
            topics: template.topics,
            check: SignatureCheck(
                credentials: credentials, region: template.region, service: "sns"),
            store: store, subscriptions: subscriptions)
    }

    /// Both services at one address; nil if messages go to another SNS.
    var desk: AWSDesk? {
        guard !isReplaced else { return nil }
        let check = SignatureCheck(credentials: credentials, region: queues.region, service: "sqs")
        return AWSDesk(sqs: SQSEndpoint(queues: queues, check: check), sns: topics)
    }

    /// All queues.
    ///
    /// Dead-letter queues come before the queues that refer to them.
    private static func queues(of template: Template, _ options: Options) -> [MessageQueue] {
        let delay = options.visibilityTimeout.map { Duration.seconds($0) }
        var queues: [MessageQueue] = []
        for hasRedrive in [false, true] {
            for queue in template.queues where (queue.redrive != nil) == hasRedrive {
                let target = queues.first { $0.queue.arn == queue.redrive?.deadLetterQueue }
                queues.append(
                    MessageQueue(queue, retryDelay: delay, deadLetterQueue: target))
            }
        }
        return queues
    }

    private static func newCredentials() -> FunctionSettings.Credentials {
        FunctionSettings.Credentials(
            accessKeyID: "ASIAINLETEMULATOR000", secretAccessKey: RandomText.hex(bytes: 20),
            sessionToken: "local//\(RandomText.hex(bytes: 32))+token==")
    }

    private static func credentials(
        of environment: System
    ) throws(StartError) -> FunctionSettings.Credentials {
        guard let id = environment["AWS_ACCESS_KEY_ID"],
            let secret = environment["AWS_SECRET_ACCESS_KEY"]
        else {
            throw StartError(
                message:
                    "--sns needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment")
        }
        return FunctionSettings.Credentials(
            accessKeyID: id, secretAccessKey: secret,
            sessionToken: environment["AWS_SESSION_TOKEN"])
    }
}
