import AWS
import Delivery
import Formats
import Glibc
import Ingest
import LambdaRuntime
import Store
import Transport

/// Reads a variable of the process's environment.
@Sendable
func environment(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
}

/// Writes a line to standard error, where Lambda and people look, and ends the process.
func exit(saying line: String) -> Never {
    let bytes = Array("bootstrap: \(line)\n".utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe write(2, $0.baseAddress, $0.count) }
    exit(1)
}

/// Makes the registry; partners that are on this machine are checked now.
func makePartners(
    _ settings: Settings, _ aws: AWSSettings, _ credentials: CredentialChain
) throws(Failure) -> RegistryCache {
    let source = try settings.partners()
    let client = AWSClient(aws, credentials: credentials)
    let cache = RegistryCache(source, reader: ReferenceReader(client))
    // Anything else takes a call to AWS, which waits for the first event.
    guard source.isLocal else { return cache }
    do throws(StoreError) {
        _ = try cache.registry(at: Surroundings.wallClock(), until: .now + .seconds(1))
    } catch {
        throw Settings.invalidPartners(error)
    }
    return cache
}

/// Makes what the handler needs, and nothing that only another one does.
func makeHandler(
    _ settings: Settings, log: Logger
) throws(Failure) -> (Invocation) -> Answer {
    let aws = AWSSettings(settings.surroundings)
    let credentials = CredentialChain(aws)
    let partners = try makePartners(settings, aws, credentials)
    switch settings.handler {
    case .authorizer:
        return Authorizer(
            partners: partners, form: try settings.authorizerForm(), log: log
        ).answer
    case .ingest:
        let topic = try settings.topic()
        let rejected = try settings.rejectedTopic()
        let publisher: TopicPublisher
        do throws(AWSError) {
            publisher = try TopicPublisher(
                topics: [topic] + (rejected.map { [$0] } ?? []), settings: aws,
                credentials: credentials)
        } catch {
            throw Failure(.runtime, "InvalidConfiguration", message: error.reason)
        }
        return Collector(
            topic: topic, rejectedTopic: rejected, partners: partners, publisher: publisher,
            log: log,
            randomID: {
                var generator = SystemRandomNumberGenerator()
                return UUID(random: &generator)
            }
        ).answer
    }
}

guard let authority = environment("AWS_LAMBDA_RUNTIME_API"), !authority.isEmpty else {
    exit(
        saying: "AWS_LAMBDA_RUNTIME_API is not set. Lambda starts this program; "
            + "to try it here, run scripts/dev.")
}
let surroundings = Surroundings(environment: environment)

do throws(TransportError) {
    let api = try RuntimeAPI(authority: authority, now: Surroundings.wallClock)
    do throws(Failure) {
        let log = Logger(
            level: try Settings.logLevel(surroundings), format: Settings.logFormat(surroundings),
            now: Surroundings.wallClock)
        let handler = try makeHandler(try Settings(surroundings), log: log)
        do throws(RuntimeAPIError) {
            try serve(api, log: log, handler: handler)
        } catch {
            log.write(.fatal, error.reason)
            exit(1)
        }
    } catch {
        _ = try? api.failInit(with: error)
        exit(saying: "\(error.type): \(error.message)")
    }
} catch {
    exit(saying: error.reason)
}
