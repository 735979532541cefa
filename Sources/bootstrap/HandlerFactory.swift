import AWS
import Delivery
import Deployment
import Formats
import Ingest
import LambdaRuntime
import Partners
import Platform
import Relay
import Secrets
import Store
import Transport
import WarehouseStore

/// Makes what the handler needs, and nothing that only another one does.
struct HandlerFactory {
    let settings: Settings
    let log: Logger

    /// A handler with connections and caches of its own, for one loop.
    func handler(for slot: EventSlot) throws(Failure) -> (Invocation) -> Answer {
        let aws = AWSSettings(settings.system)
        let credentials = CredentialChain(aws)
        let client = AWSClient(aws, credentials: credentials)
        switch settings.handler {
        case .authorizer:
            return Authorizer(
                partners: try partners(client), form: try settings.authorizerForm(), log: log,
                slot: slot
            ).answer
        case .ingest:
            return try collector(client, aws, credentials, slot).answer
        case .forwarder:
            let rejected = try settings.rejectedTopic()
            return Forwarder(
                segment: try segment(),
                writeKey: SettingSecret(
                    try settings.segmentWriteKey(), SecretCache(ReferenceReader(client))),
                rejectedTopic: rejected,
                publisher: try publisher(rejected.map { [$0] } ?? [], aws, credentials), log: log,
                slot: slot
            ).answer
        case .loader:
            return Loader(try warehouse(client), log: log, slot: slot).answer
        case .migrator:
            let migration: any Migration =
                settings.hasWarehouse
                ? WarehouseMigration(try warehouse(client))
                : PartnerMigration(try settings.partners(), client)
            return Migrator(migration, system: settings.system, log: log, slot: slot).answer
        }
    }

    private func collector(
        _ client: AWSClient, _ aws: AWSSettings, _ credentials: CredentialChain, _ slot: EventSlot
    ) throws(Failure) -> Collector {
        let topic = try settings.topic()
        let rejected = try settings.rejectedTopic()
        let topics = [topic] + (rejected.map { [$0] } ?? [])
        return Collector(
            topic: topic, rejectedTopic: rejected,
            partners: try partners(client), secrets: SecretCache(ReferenceReader(client)),
            publisher: try publisher(topics, aws, credentials), log: log,
            build: settings.build, slot: slot,
            randomID: {
                var generator = SystemRandomNumberGenerator()
                return UUID(random: &generator)
            })
    }

    /// The answer to an event whose handler has not answered it in time.
    var unanswered: @Sendable (Invocation) -> Answer {
        switch settings.handler {
        case .authorizer: Authorizer.unanswered
        case .ingest: { [log] in Collector.unanswered($0, log) }
        case .forwarder: Forwarder.unanswered
        case .loader: Loader.unanswered
        case .migrator: { Migrator.unanswered($0, settings.system) }
        }
    }

    private func warehouse(_ client: AWSClient) throws(Failure) -> any WarehouseSession {
        let schema = try settings.warehouseSchema()
        let layout = try settings.warehouseLayout()
        let setting = try settings.warehouse()
        do throws(WarehouseError) {
            return try setting.session(
                schema: schema, layout: layout, secrets: SecretCache(ReferenceReader(client)))
        } catch {
            throw Failure(.runtime, "InvalidConfiguration", message: error.reason)
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
        _ sinks: [Sink], _ aws: AWSSettings, _ credentials: CredentialChain
    ) throws(Failure) -> SinkPublisher {
        do throws(AWSError) {
            return try SinkPublisher(sinks: sinks, settings: aws, credentials: credentials)
        } catch {
            throw Failure(.runtime, "InvalidConfiguration", message: error.reason)
        }
    }

    /// The partners; those that are on this machine are checked now.
    private func partners(_ client: AWSClient) throws(Failure) -> any PartnerBook {
        let source = try settings.partners()
        let lifetime = try settings.partnerLifetime()
        do throws(StoreError) {
            return try source.book(client, lifetime: lifetime, at: settings.system.now())
        } catch {
            throw Settings.invalidPartners(error)
        }
    }
}
