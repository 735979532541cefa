import AWS
import Delivery
import Formats
import Platform

/// Removes queues that earlier runs of `inlet tail` had to leave behind, with their subscriptions.
///
/// A run that is killed, or that cannot reach AWS at its end, leaves its queue. One that is older than
/// a day counts as left.
struct TailSweep {
    private static let age = Duration.seconds(86_400)
    /// The most queues that are looked at, in one page.
    private static let maximumQueues = 1000
    private static let patience = Duration.seconds(20)

    private let queues: QueueService
    private let topics: SubscriptionService
    private let now: Timestamp

    init(_ session: Session, region: String) throws(InletError) {
        queues = try QueueService(session, "queues of earlier runs", region: region)
        topics = SubscriptionService(session)
        now = session.system.now()
    }

    /// Removes what is old; returns how many queues that were.
    func run() throws(InletError) -> Int {
        let budget = queues.budget(of: Self.patience)
        let listed = try queues.call("ListQueues", within: budget) { body in
            body.member("QueueNamePrefix", TailQueue.prefix)
            body.member("MaxResults", Self.maximumQueues)
        }
        var count = 0
        for url in listed["QueueUrls"].map({ Array($0.elements) }) ?? [] {
            guard !budget.isSpent, let url = url.string else { continue }
            if try remove(url, within: budget) { count += 1 }
        }
        return count
    }

    private func remove(_ url: String, within budget: TimeBudget) throws(InletError) -> Bool {
        do throws(InletError) {
            let reply = try queues.call("ListQueueTags", within: budget) {
                $0.member("QueueUrl", url)
            }
            guard let tags = reply["Tags"],
                let start = tags[TailQueue.startTag]?.utf8.flatMap({ Timestamp(rfc3339: $0) }),
                now.microseconds - start.microseconds > Self.age.microseconds
            else { return false }
            let arn = try queues.arn(of: url)
            for tag in tags.members where tag.name.string?.hasPrefix(TailQueue.topicTag) == true {
                guard let topic = tag.value.string.flatMap({ Sink(arn: $0) }) else { continue }
                try topics.unsubscribe(arn, from: topic, within: budget)
            }
            try queues.delete(url, within: budget)
            return true
        } catch {
            // Another run has removed it meanwhile.
            guard error.isAboutMissingQueue else { throw error }
            return false
        }
    }
}
