import AWS
import Delivery
import Formats
import Ingest
import LambdaRuntime
import Store
import Transport

/// Makes what the handler needs, and nothing that only another one does.
struct HandlerFactory {
    let settings: Settings
    let log: Logger

    /// A handler with connections and caches of its own, for one loop.
    func handler(for slot: EventSlot) throws(Failure) -> (Invocation) -> Answer {
        let aws = AWSSettings(settings.surroundings)
        let credentials = CredentialChain(aws)
        let note = { (activity: Activity) in slot.note(activity.rawValue) }
        let partners = try partners(aws, credentials) { note($0 ? .partners : .handling) }
        switch settings.handler {
        case .authorizer:
            return Authorizer(
                partners: partners, form: try settings.authorizerForm(), log: log
            ).answer
        case .ingest:
            let topic = try settings.topic()
            let rejected = try settings.rejectedTopic()
            let topics = [topic] + (rejected.map { [$0] } ?? [])
            return Collector(
                topic: topic, rejectedTopic: rejected, partners: partners,
                publisher: try publisher(topics, aws, credentials), log: log, note: note,
                randomID: {
                    var generator = SystemRandomNumberGenerator()
                    return UUID(random: &generator)
                }
            ).answer
        }
    }

    /// The answer to an event whose handler has not answered it in time.
    var unanswered: @Sendable (Invocation) -> Answer {
        switch settings.handler {
        case .authorizer: Authorizer.unanswered
        case .ingest: Collector.unanswered
        }
    }

    private func publisher(
        _ topics: [Topic], _ aws: AWSSettings, _ credentials: CredentialChain
    ) throws(Failure) -> TopicPublisher {
        do throws(AWSError) {
            return try TopicPublisher(topics: topics, settings: aws, credentials: credentials)
        } catch {
            throw Failure(.runtime, "InvalidConfiguration", message: error.reason)
        }
    }

    /// The registry; partners that are on this machine are checked now.
    private func partners(
        _ aws: AWSSettings, _ credentials: CredentialChain, waits: @escaping (Bool) -> Void
    ) throws(Failure) -> RegistryCache {
        let source = try settings.partners()
        let client = AWSClient(aws, credentials: credentials)
        let cache = RegistryCache(
            source, reader: ReferenceReader(client), lifetime: try settings.partnerLifetime(),
            waits: waits)
        // Anything else takes a call, which waits for the first event.
        do throws(StoreError) {
            try cache.readLocal(at: settings.surroundings.now())
        } catch {
            throw Settings.invalidPartners(error)
        }
        return cache
    }
}
