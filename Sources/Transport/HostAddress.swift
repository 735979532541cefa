internal import CCurl
internal import Platform

/// Finds hosts for programs that connect by themselves.
package enum HostAddress {
    /// The address at which a host takes connections on this port, by a connection that is closed.
    ///
    /// libcurl looks the name up as it does for requests, within the time, and tries all addresses.
    package static func find(
        _ host: String, port: Int, timeout: Duration
    ) throws(TransportError) -> String {
        _ = Transfer.library
        guard timeout > .zero else { throw .timedOut }
        guard let handle = unsafe curl_easy_init() else { throw .setupFailed }
        defer { unsafe curl_easy_cleanup(handle) }
        let limit = max(1, timeout.milliseconds)
        // The scheme is only for the form: nothing is sent.
        for code in unsafe [
            ccurl_set_text(handle, CURLOPT_URL, "http://\(host):\(port)/"),
            ccurl_set_text(handle, CURLOPT_PROXY, ""),
            ccurl_set_long(handle, CURLOPT_NOSIGNAL, 1),
            ccurl_set_long(handle, CURLOPT_CONNECT_ONLY, 1),
            ccurl_set_long(handle, CURLOPT_TIMEOUT_MS, limit),
            ccurl_set_quick_exit(handle),
            curl_easy_perform(handle),
        ] where code != CURLE_OK {
            throw TransportError(code, responseBegan: false)
        }
        var text: UnsafePointer<CChar>?
        guard unsafe ccurl_get_text(handle, CURLINFO_PRIMARY_IP, &text) == CURLE_OK,
            let text = unsafe text, unsafe text.pointee != 0
        else { throw .cannotConnect }
        return unsafe String(cString: text)
    }
}
