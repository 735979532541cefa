import AWS
import Delivery
import Deployment
import Formats
import Ingest
import LambdaRuntime
import Platform
import Relay
import Secrets
import Store
import Transport

/// Makes what the handler needs, and nothing that only another one does.
struct HandlerFactory {
    let settings: Settings
    let log: Logger

    /// A handler with connections and caches of its own, for one loop.
    func handler(for slot: EventSlot) throws(Failure) -> (Invocation) -> Answer {
        let aws = AWSSettings(settings.system)
        let credentials = CredentialChain(aws)
        let note = { (activity: Activity) in slot.wait = activity.wait }
        switch settings.handler {
        case .authorizer:
            return Authorizer(
                partners: try partners(aws, credentials, note), form: try settings.authorizerForm(),
                log: log
            ).answer
        case .ingest:
            let topic = try settings.topic()
            let rejected = try settings.rejectedTopic()
            let topics = [topic] + (rejected.map { [$0] } ?? [])
            return Collector(
                topic: topic, rejectedTopic: rejected,
                partners: try partners(aws, credentials, note),
                publisher: try publisher(topics, aws, credentials), log: log,
                build: settings.build, note: note,
                randomID: {
                    var generator = SystemRandomNumberGenerator()
                    return UUID(random: &generator)
                }
            ).answer
        case .forwarder:
            let rejected = try settings.rejectedTopic()
            return Forwarder(
                segment: try segment(),
                writeKey: SettingSecret(
                    try settings.segmentWriteKey(),
                    reader: ReferenceReader(AWSClient(aws, credentials: credentials))),
                rejectedTopic: rejected,
                publisher: try publisher(rejected.map { [$0] } ?? [], aws, credentials), log: log,
                slot: slot
            ).answer
        case .migrator:
            return Migrator(
                source: try settings.partners(), client: AWSClient(aws, credentials: credentials),
                system: settings.system, log: log, slot: slot
            ).answer
        }
    }

    /// The answer to an event whose handler has not answered it in time.
    var unanswered: @Sendable (Invocation) -> Answer {
        switch settings.handler {
        case .authorizer: Authorizer.unanswered
        case .ingest: Collector.unanswered
        case .forwarder: Forwarder.unanswered
        case .migrator: { Migrator.unanswered($0, settings.system) }
        }
    }

    private func segment() throws(Failure) -> SegmentPublisher {
        let endpoint = try settings.segmentEndpoint()
        do throws(TransportError) {
            return try SegmentPublisher(endpoint, system: settings.system)
        } catch {
            throw Failure(.runtime, "InvalidConfiguration", message: error.reason)
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
        _ aws: AWSSettings, _ credentials: CredentialChain,
        _ note: @escaping (Activity) -> Void
    ) throws(Failure) -> RegistryCache {
        let source = try settings.partners()
        let client = AWSClient(aws, credentials: credentials)
        let cache = RegistryCache(
            source, reader: ReferenceReader(client), lifetime: try settings.partnerLifetime(),
            waits: { note($0 ? .partners : .handling) })
        // Anything else takes a call, which waits for the first event.
        do throws(StoreError) {
            try cache.readLocal(at: settings.system.now())
        } catch {
            throw Settings.invalidPartners(error)
        }
        return cache
    }
}
