import AWS
import Formats
import Partners
import Platform
import Store
import TestSupport

/// The look-ups of events that come one after the other, and how the last one went.
final class Lookups {
    let book: any PartnerBook
    /// What was waited for; nil when that was over.
    private(set) var waits: [LookupEvents.Wait?] = []
    private var events = LookupEvents()

    init(_ book: any PartnerBook) { self.book = book }

    /// Of what `INLET_PARTNERS` says.
    convenience init(
        _ source: String, _ client: AWSClient, lifetime: LookupLifetime = .standard
    ) throws {
        self.init(try PartnerSource(source).book(client, lifetime: lifetime, at: .start))
    }

    /// The trouble that the last event had.
    var trouble: LookupEvents.Trouble? { events.trouble }

    /// What an event may ask that comes so many seconds after the start.
    func lookup(
        at seconds: Int64 = 0, until deadline: Instant = .now + .seconds(600)
    ) -> PartnerLookup { PartnerLookup(book, context(at: seconds, until: deadline)) }

    func context(
        at seconds: Int64 = 0, until deadline: Instant = .now + .seconds(600)
    ) -> LookupContext {
        events = LookupEvents { [unowned self] wait in waits.append(wait) }
        return LookupContext(
            time: TimeBudget(now: .start.after(seconds), deadline: deadline), events: events)
    }
}

extension AWSClient {
    /// For sources that need none.
    static var unconfigured: AWSClient {
        let settings = AWSSettings(System(environment: { _ in nil }))
        return AWSClient(settings, credentials: CredentialChain(settings))
    }

    /// A client of a server on this machine.
    static func of(_ server: SocketServer) -> AWSClient {
        let environment = [
            "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "s",
            "AWS_ENDPOINT_URL": server.url,
        ]
        let settings = AWSSettings(
            System(
                environment: { environment[$0] }, now: { .start }, random: { 0 }, sleep: { _ in }))
        return AWSClient(settings, credentials: CredentialChain(settings))
    }
}
