internal import CCurl

/// Sends one request at a time, over a connection that is kept for the next one.
///
/// libcurl replaces a kept connection that has died. It sends the request again only if no byte of
/// an answer had come.
package struct HTTPConnection: ~Copyable {
    private let transfer: Transfer
    private let connectTimeout: Duration

    /// `authorities`, a PEM text, are those that TLS trusts; nil for ``TrustStore``'s.
    package init(
        proxy: ProxyUse, authorities: [UInt8]? = nil, connectTimeout: Duration = .seconds(2)
    ) throws(TransportError) {
        transfer = try Transfer(proxy: proxy, authorities: authorities)
        self.connectTimeout = connectTimeout
    }

    /// Sends a request and waits for its whole answer.
    ///
    /// `timeout` is from connecting to the last byte; nil waits without end. An answer of more than
    /// `maximumBody` bytes is ``TransportError/bodyTooLarge(limit:)``.
    package func send(
        _ request: HTTPRequest, timeout: Duration?, maximumBody: Int
    ) throws(TransportError) -> HTTPResponse {
        try transfer.prepare(
            request, timeout: timeout, connectTimeout: connectTimeout, maximumBody: maximumBody)
        return try transfer.finish(unsafe curl_easy_perform(transfer.handle))
    }

    /// True when libcurl sent the last request more than once, so that its answer may be to the
    /// second; always false before libcurl 7.80.
    package var hasRepeated: Bool { transfer.sendings > 1 }
}
