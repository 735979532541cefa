import Formats

/// Builds the queues of a ``Template``, their subscriptions and the functions that poll them.
struct QueueModel {
    let scope: TemplateScope
    private var queues: [(queue: Template.Queue, line: Int)] = []
    private var subscriptions: [(subscription: Template.Subscription, line: Int)] = []
    private var sources: [(source: Template.EventSource, line: Int)] = []

    init(scope: TemplateScope) { self.scope = scope }

    /// Takes a resource of one of the three types.
    mutating func add(_ name: String, _ resource: TemplateNode) throws(TemplateError) {
        let own = Properties(resource, globals: nil, scope: scope)
        switch resource["Type"]?.text {
        case "AWS::SQS::Queue": queues.append((try queue(name, own), own.line))
        case "AWS::SNS::Subscription":
            // The emulator delivers to queues only.
            guard try own.text("Protocol") == "sqs" else { return }
            subscriptions.append((try subscription(own), own.line))
        default:
            guard try own.text("Enabled") != "false",
                let source = try own.text("EventSourceArn"), Self.isQueue(source)
            else { return }
            guard let function = try own.text("FunctionName") else {
                throw TemplateError(own.line, "an event source mapping needs a FunctionName")
            }
            // A name, or an ARN with it at the end.
            let last = function.split(separator: ":").last.map(String.init) ?? function
            sources.append((try eventSource(of: last, from: source, own), own.line))
        }
    }

    /// Takes the events of type SQS of a function.
    mutating func addEvents(of function: String, _ own: Properties) throws(TemplateError) {
        for (_, event) in try own.node("Events")?.map ?? [] where event["Type"]?.text == "SQS" {
            let properties = Properties(event, globals: nil, scope: scope)
            guard try properties.text("Enabled") != "false" else { continue }
            guard let queue = try properties.text("Queue") else {
                throw TemplateError(event, "an SQS event needs a Queue")
            }
            sources.append((try eventSource(of: function, from: queue, properties), event.line))
        }
    }

    /// The template with its queues, once everything that they refer to is known.
    func completing(_ template: Template) throws(TemplateError) -> Template {
        var template = template
        for (subscription, line) in subscriptions {
            guard let topic = template.topics.first(where: { $0.arn == subscription.topic }) else {
                throw TemplateError(line, "there is no topic \(subscription.topic)")
            }
            let queue = try queue(subscription.queue, at: line)
            guard topic.isFIFO || !queue.isFIFO else {
                throw TemplateError(line, "a FIFO queue takes messages of FIFO topics only")
            }
        }
        for (source, line) in sources {
            let queue = try queue(source.queue, at: line)
            guard let function = template.functions.first(where: { $0.name == source.function })
            else { throw TemplateError(line, "there is no function \(source.function)") }
            guard queue.visibilityTimeout >= .seconds(function.timeout) else {
                throw TemplateError(
                    line, "the queue's VisibilityTimeout is less than the function's Timeout")
            }
            guard source.batchSize <= (queue.isFIFO || source.window == .zero ? 10 : 10_000) else {
                throw TemplateError(
                    line, "a BatchSize over 10 needs a batching window, and no FIFO queue")
            }
        }
        for (queue, line) in queues {
            guard let target = queue.redrive?.deadLetterQueue else { continue }
            guard try self.queue(target, at: line).redrive == nil else {
                throw TemplateError(
                    line, "the emulator knows no dead-letter queue of a dead-letter queue")
            }
        }
        template.queues = queues.map(\.queue)
        template.subscriptions = subscriptions.map(\.subscription)
        template.eventSources = sources.map(\.source)
        return template
    }

    private func queue(_ arn: String, at line: Int) throws(TemplateError) -> Template.Queue {
        guard let queue = queues.first(where: { $0.queue.arn == arn })?.queue else {
            throw TemplateError(line, "there is no queue \(arn)")
        }
        return queue
    }

    private static func isQueue(_ arn: String) -> Bool {
        arn.split(separator: ":").dropFirst(2).first == "sqs"
    }

    private func queue(_ name: String, _ own: Properties) throws(TemplateError) -> Template.Queue {
        var redrive: Template.Queue.Redrive?
        if let policy = try own.node("RedrivePolicy") {
            guard let target = policy["deadLetterTargetArn"]?.text,
                let count = policy["maxReceiveCount"]?.text.flatMap({ Int($0) }),
                (1...1000).contains(count)
            else {
                throw TemplateError(
                    policy, "RedrivePolicy needs deadLetterTargetArn, and maxReceiveCount 1 to 1000"
                )
            }
            redrive = Template.Queue.Redrive(deadLetterQueue: target, maximumReceives: count)
        }
        return Template.Queue(
            name: try scope.attribute("QueueName", of: name, at: own.line),
            arn: try scope.attribute("Arn", of: name, at: own.line),
            isFIFO: try own.text("FifoQueue") == "true",
            deduplicatesByContent: try own.text("ContentBasedDeduplication") == "true",
            visibilityTimeout: .seconds(try own.int("VisibilityTimeout", in: 0...43_200) ?? 30),
            redrive: redrive)
    }

    private func subscription(_ own: Properties) throws(TemplateError) -> Template.Subscription {
        guard let topic = try own.text("TopicArn"), let queue = try own.text("Endpoint") else {
            throw TemplateError(own.line, "a subscription needs a TopicArn and an Endpoint")
        }
        var filter: FilterPolicy?
        if let policy = try own.node("FilterPolicy") {
            var writer = JSONWriter()
            policy.write(to: &writer)
            let scope = try own.text("FilterPolicyScope") ?? "MessageAttributes"
            guard let scope = FilterPolicy.Scope(rawValue: scope) else {
                throw own.error(
                    "FilterPolicyScope", "FilterPolicyScope is MessageAttributes or MessageBody")
            }
            do throws(FilterPolicyError) {
                filter = try FilterPolicy(writer.bytes, scope: scope)
            } catch {
                throw TemplateError(policy, "FilterPolicy: \(error.reason)")
            }
        }
        return Template.Subscription(
            topic: topic, queue: queue, isRaw: try own.text("RawMessageDelivery") == "true",
            filter: filter)
    }

    private func eventSource(
        of function: String, from queue: String, _ own: Properties
    ) throws(TemplateError) -> Template.EventSource {
        for unknown in ["FilterCriteria", "ProvisionedPollerConfig"]
        where try own.node(unknown) != nil {
            throw own.error(unknown, "the emulator does not know \(unknown) of an event source")
        }
        let scaling = try own.node("ScalingConfig")?["MaximumConcurrency"]?.text
        return Template.EventSource(
            function: function, queue: queue,
            batchSize: try own.int("BatchSize", in: 1...10_000) ?? 10,
            window: .seconds(try own.int("MaximumBatchingWindowInSeconds", in: 0...300) ?? 0),
            takesPartialResponses: try own.texts("FunctionResponseTypes")
                .contains("ReportBatchItemFailures"),
            concurrency: min(scaling.flatMap { Int($0) } ?? Self.concurrency, Self.concurrency))
    }

    /// The concurrency that Lambda's pollers begin with.
    private static let concurrency = 5
}
