internal import Platform
internal import Transport

/// The connection to a warehouse's service, kept from one request to the next.
final class ServiceConnection {
    /// A connection that was idle for longer may have died unseen, during a freeze for example.
    private static let longestIdle = Duration.seconds(20)
    /// Bytes of one answer.
    private static let maximumBody = 32 * 1024 * 1024

    let system: System
    private let proxy: ProxyUse
    private let authorities: [UInt8]?
    private var connection: HTTPConnection?
    private var lastUse: Moment?

    /// Connects with the first request; `authorities` are a PEM text, nil for the system's.
    init(to address: ServiceAddress, authorities: [UInt8]?, system: System) {
        proxy = address.isHere ? .never : .environment
        self.authorities = authorities
        self.system = system
    }

    /// Sends a request, and takes what HTTP itself says against it as a fault.
    func send(
        _ request: HTTPRequest, timeout: Duration
    ) throws(ServiceFault) -> HTTPResponse {
        guard timeout > .zero else { throw ServiceFault(.permanent, .outOfTime) }
        do throws(TransportError) {
            let connection = try usable()
            // It is lost if it fails.
            let response = try connection.send(
                request, timeout: timeout, maximumBody: Self.maximumBody)
            lastUse = Moment(wall: system.now())
            self.connection = consume connection
            return response
        } catch {
            throw ServiceFault(error)
        }
    }

    /// Taken out while in use: it cannot be copied.
    private func usable() throws(TransportError) -> HTTPConnection {
        let isFresh = lastUse.map { $0.age(at: system.now()) < Self.longestIdle } ?? false
        if let kept = connection.take(), isFresh { return kept }
        return try HTTPConnection(proxy: proxy, authorities: authorities)
    }

    /// Calls `body` until it succeeds, as often as it is of use and the time allows.
    ///
    /// `renew` is called when credentials have expired, once.
    func retrying<Result>(
        within budget: TimeBudget, renew: () -> Void = {},
        _ body: () throws(ServiceFault) -> Result
    ) throws(WarehouseError) -> Result {
        var retries = RetryState(policy: ServiceFault.policy)
        while true {
            do throws(ServiceFault) {
                return try body()
            } catch {
                let step = retries.step(
                    after: error.kind, asked: error.asked, left: budget.left,
                    random: system.random())
                switch step {
                case .giveUp: throw error.error
                case .again(let wait): system.sleep(wait)
                case .mend: renew()
                }
            }
        }
    }
}
