internal import CCurl
package import Platform

/// One answer that is read as it comes, and may have no end: server-sent events.
///
/// A class, because libcurl's connections cannot be copied.
@safe
package final class HTTPStream {
    /// Bytes that may come between two reads.
    private static let maximumPart = 16 * 1024 * 1024

    private let multi: UnsafeMutableRawPointer
    private let transfer: Transfer

    /// Begins the request; ``read(until:)`` carries it on.
    package init(
        _ request: HTTPRequest, proxy: ProxyUse, connectTimeout: Duration = .seconds(2)
    ) throws(TransportError) {
        transfer = try Transfer(proxy: proxy)
        guard let multi = unsafe curl_multi_init() else { throw .setupFailed }
        unsafe self.multi = multi
        try transfer.prepare(
            request, timeout: nil, connectTimeout: connectTimeout, maximumBody: Self.maximumPart)
        guard unsafe curl_multi_add_handle(multi, transfer.handle) == CURLM_OK else {
            throw .setupFailed
        }
    }

    deinit {
        unsafe curl_multi_remove_handle(multi, transfer.handle)
        unsafe curl_multi_cleanup(multi)
    }

    /// The answer's status; nil until it is known.
    package var status: Int? {
        var status = 0
        let code = unsafe ccurl_get_long(transfer.handle, CURLINFO_RESPONSE_CODE, &status)
        return code == CURLE_OK && status > 0 ? status : nil
    }

    /// The bytes that have come since the last time, as soon as there are some.
    ///
    /// Returns none when `end` comes first, and nil when the answer has ended.
    package func read(until end: Instant) throws(TransportError) -> [UInt8]? {
        while true {
            var running: Int32 = 0
            guard unsafe curl_multi_perform(multi, &running) == CURLM_OK else {
                throw .setupFailed
            }
            let bytes = transfer.takeBody()
            guard bytes.isEmpty else { return bytes }
            var left: Int32 = 0
            if let message = unsafe curl_multi_info_read(multi, &left) {
                _ = try transfer.finish(unsafe ccurl_message_result(message))
                return nil
            }
            let time = end - .now
            guard time > .zero else { return [] }
            unsafe curl_multi_poll(
                multi, nil, 0, Int32(min(time.milliseconds, Int(Int32.max))), nil)
        }
    }
}
