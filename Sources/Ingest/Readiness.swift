internal import Delivery
internal import Formats
internal import LambdaRuntime
internal import Partners
internal import Platform
internal import Transport

/// Whether what the handler needs can be reached: what `GET /ready` says.
///
/// Anybody may ask, so an answer, good or bad, is cached for some seconds. Neither the partners'
/// database nor SNS is asked more often than that.
struct Readiness {
    /// What a request depends on.
    enum Dependency: Equatable {
        case registry
        case sink(Sink.Service)

        var name: String {
            switch self {
            case .registry: "registry"
            case .sink(let service): service.rawValue
            }
        }

        /// A sentence for the reply; it does not say where these are.
        var message: String {
            switch self {
            case .registry: "The partners cannot be looked up."
            case .sink(let service): "\(service.title) does not answer for the \(service.noun)."
            }
        }
    }

    /// What cannot be reached, and why; a phrase for a log line.
    typealias Problem = (dependency: Dependency, reason: String)

    /// How long an answer is cached.
    static let lifetime = Duration.seconds(5)
    /// The time limit for one dependency.
    static let patience = Duration.seconds(2)

    /// What could not be reached when it was asked last.
    private(set) var problems: [Problem] = []
    /// When it was asked, by the wall clock: that goes on while the process is frozen.
    private var asked: Timestamp?

    /// True if the last answer is stale, or the clock was set back.
    func isDue(at now: Timestamp) -> Bool {
        guard let asked else { return true }
        let age = Duration.microseconds(now.microseconds - asked.microseconds)
        return age < .zero || age >= Self.lifetime
    }

    /// Asks each dependency; `slot` is told of each wait before it begins.
    mutating func ask(
        _ partners: any PartnerBook, _ publisher: SinkPublisher, about topic: Sink,
        for invocation: Invocation, events: LookupEvents, slot: EventSlot
    ) {
        let budget = invocation.budget(usualLimit: Self.patience * 2)
        problems = []
        slot.wait = .partners
        do throws(LookupFailure) {
            try partners.inquire(
                in: LookupContext(time: budget.capped(at: Self.patience), events: events))
        } catch {
            problems.append((.registry, error.reason))
        }
        slot.wait = .sink
        if let reason = publisher.inquire(
            about: topic, within: budget.capped(at: Self.patience), traceID: invocation.traceID)
        {
            problems.append((.sink(topic.service), reason))
        }
        slot.wait = .handler
        asked = budget.now
    }
}
