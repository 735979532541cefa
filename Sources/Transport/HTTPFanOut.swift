internal import CCurl
package import Platform

/// Sends many requests at once on one thread, over connections that are kept from one to the next.
///
/// The caller owns the loop: it starts requests while there is room, waits until some have finished,
/// and decides what comes next. A class, because libcurl's connections cannot be copied.
@safe
package final class HTTPFanOut {
    /// Which connection a request may take.
    package enum Connection: Sendable {
        /// One that is kept, if there is one.
        case any
        /// A new one: after a freeze all that are kept may have died without a word.
        case new
    }

    /// What bounds one exchange.
    package struct Limits: Sendable {
        /// From connecting to the last byte.
        package let timeout: Duration
        /// Bytes of the answer.
        package let maximumBody: Int

        package init(timeout: Duration, maximumBody: Int) {
            self.timeout = timeout
            self.maximumBody = maximumBody
        }
    }

    /// An exchange that has ended.
    package struct Finished: Sendable {
        /// The number by which it was started.
        package let id: Int
        package let outcome: Outcome
    }

    /// What became of an exchange.
    ///
    /// No `Result`: that type is made when the first event waits, and takes a tenth of its time.
    package enum Outcome: Sendable {
        case response(HTTPResponse)
        case failure(TransportError)

        /// Nil for a failure.
        package var response: HTTPResponse? {
            if case .response(let response) = self { response } else { nil }
        }
    }

    private let multi: UnsafeMutableRawPointer
    private let maximumInFlight: Int
    private let connectTimeout: Duration
    private var idle: [Transfer] = []
    private var active: [Active] = []

    private struct Active {
        let id: Int
        let transfer: Transfer
    }

    /// Makes no connection yet.
    ///
    /// Up to `maximumInFlight` requests are in flight at once, and as many connections are kept.
    package init(
        maximumInFlight: Int, connectTimeout: Duration = .seconds(2)
    ) throws(TransportError) {
        // The first easy handle sets the library up, before any multi handle.
        idle = [try Transfer(proxy: .environment)]
        guard let multi = unsafe curl_multi_init() else { throw .setupFailed }
        unsafe self.multi = multi
        self.maximumInFlight = maximumInFlight
        self.connectTimeout = connectTimeout
        guard
            unsafe ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, maximumInFlight) == CURLM_OK
        else { throw .setupFailed }
    }

    deinit {
        for one in active { unsafe curl_multi_remove_handle(multi, one.transfer.handle) }
        idle = []
        active = []
        unsafe curl_multi_cleanup(multi)
    }

    /// True while another request may be started.
    package var hasRoom: Bool { active.count < maximumInFlight }

    /// True while a request is in flight.
    package var isBusy: Bool { !active.isEmpty }

    /// Starts a request, which ``finished(until:)`` then carries on.
    package func start(
        _ id: Int, _ request: HTTPRequest, within limits: Limits, over connection: Connection
    ) throws(TransportError) {
        let transfer =
            if let kept = idle.popLast() { kept } else { try Transfer(proxy: .environment) }
        try transfer.prepare(
            request, timeout: limits.timeout, connectTimeout: connectTimeout,
            maximumBody: limits.maximumBody, needsNewConnection: connection == .new)
        guard unsafe curl_multi_add_handle(multi, transfer.handle) == CURLM_OK else {
            throw .setupFailed
        }
        active.append(Active(id: id, transfer: transfer))
    }

    /// Carries all requests on until one has ended, and returns those that have; none when `end`
    /// comes first.
    package func finished(until end: Instant) -> [Finished] {
        while true {
            var running: Int32 = 0
            guard unsafe curl_multi_perform(multi, &running) == CURLM_OK else {
                return cancel().map { Finished(id: $0, outcome: .failure(.setupFailed)) }
            }
            let finished = takeFinished()
            let left = end - .now
            guard finished.isEmpty, left > .zero else { return finished }
            let timeout = min(left.milliseconds, Int(Int32.max))
            unsafe curl_multi_poll(multi, nil, 0, Int32(timeout), nil)
        }
    }

    /// Ends all that is in flight, and returns its numbers.
    ///
    /// A connection that is cut off is closed, never used again.
    @discardableResult
    package func cancel() -> [Int] {
        let cut = active
        active = []
        for one in cut {
            unsafe curl_multi_remove_handle(multi, one.transfer.handle)
            idle.append(one.transfer)
        }
        return cut.map(\.id)
    }

    private func takeFinished() -> [Finished] {
        var finished: [Finished] = []
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(multi, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE else { continue }
            let handle = unsafe message.pointee.easy_handle
            // The message is gone once its handle is removed.
            let code = unsafe ccurl_message_result(message)
            guard let index = active.firstIndex(where: { unsafe $0.transfer.handle == handle })
            else { continue }
            let one = active.remove(at: index)
            unsafe curl_multi_remove_handle(multi, one.transfer.handle)
            finished.append(Finished(id: one.id, outcome: one.transfer.outcome(code)))
            idle.append(one.transfer)
        }
        return finished
    }
}
