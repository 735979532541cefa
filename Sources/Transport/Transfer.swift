internal import CCurl
internal import Formats
internal import Platform

/// Whether the environment's `HTTP_PROXY` and its like apply.
package enum ProxyUse: Sendable {
    /// For the Runtime API and other addresses of the machine itself.
    case never
    case environment
}

/// One libcurl easy handle with the request it carries and the response it gathers.
///
/// A class, because libcurl keeps its address while the transfer runs.
@safe
final class Transfer {
    let handle: UnsafeMutableRawPointer
    private let proxy: ProxyUse
    /// What libcurl has been given.
    private var url = ""
    private var list: UnsafeMutablePointer<curl_slist>?
    /// The request's body, of which libcurl keeps no copy, and how much of it has been handed over.
    private var outgoing: [UInt8] = []
    private var handedOver = 0
    private var maximumBody = 0
    /// Bytes of the buffer that libcurl sends from; it only grows.
    private var uploadBuffer = 0
    private var headers = HTTPFieldLines()
    private var body: [UInt8] = []
    private var isTooLarge = false
    private var hasBegun = false
    /// True once room has been made for the response's body.
    private var hasRoom = false
    /// How often libcurl has begun to send the request.
    private(set) var sendings = 0
    private var hasTrust = false
    /// A PEM text; nil for those of ``TrustStore``.
    private let authorities: [UInt8]?

    init(proxy: ProxyUse, authorities: [UInt8]? = nil) throws(TransportError) {
        _ = Self.library
        guard let handle = unsafe curl_easy_init() else { throw .setupFailed }
        unsafe self.handle = handle
        self.proxy = proxy
        self.authorities = authorities
        // These stay for the life of the handle.
        try check(unsafe ccurl_set_long(handle, CURLOPT_NOSIGNAL, 1))
        try check(
            unsafe ccurl_set_long(handle, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)))
        try check(unsafe ccurl_allow_http_only(handle))
        try check(unsafe ccurl_set_quick_exit(handle))
        try check(unsafe ccurl_set_text(handle, CURLOPT_USERAGENT, "inlet"))
        if proxy == .never { try check(unsafe ccurl_set_text(handle, CURLOPT_PROXY, "")) }
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        try check(unsafe ccurl_set_body_source(handle, bodySource, bodySeek, context))
        try check(unsafe ccurl_set_body_sink(handle, bodySink, context))
        try check(unsafe ccurl_set_header_sink(handle, headerSink, context))
        try check(unsafe ccurl_set_request_sink(handle, requestSink, context))
    }

    deinit {
        unsafe curl_easy_cleanup(handle)
        unsafe curl_slist_free_all(list)
    }

    /// Done once: libcurl's own set-up is not safe to repeat from several threads.
    static let library: CURLcode = {
        Algorithms.register()
        return curl_global_init(Int(CURL_GLOBAL_DEFAULT))
    }()

    /// Makes the handle ready to carry a request, as often as needed.
    ///
    /// `timeout` is for everything from connecting to the last byte; nil waits for ever.
    func prepare(
        _ request: HTTPRequest, timeout: Duration?, connectTimeout: Duration, maximumBody: Int,
        needsNewConnection: Bool = false
    ) throws(TransportError) {
        self.maximumBody = maximumBody
        (outgoing, handedOver) = (request.body, 0)
        headers = HTTPFieldLines()
        body = []
        (isTooLarge, hasBegun, hasRoom, sendings) = (false, false, false, 0)
        try setURL(of: request)
        let limit = timeout.map { max(1, $0.milliseconds) } ?? 0
        try check(unsafe ccurl_set_long(handle, CURLOPT_TIMEOUT_MS, limit))
        let connectLimit = max(1, connectTimeout.milliseconds)
        try check(unsafe ccurl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, connectLimit))
        try check(
            unsafe ccurl_set_long(handle, CURLOPT_FRESH_CONNECT, needsNewConnection ? 1 : 0))
        try setHeaders(of: request)
        try setUploadBuffer(for: request.body.count)
        guard request.method != "GET" else {
            try check(unsafe ccurl_set_long(handle, CURLOPT_HTTPGET, 1))
            try check(unsafe ccurl_set_text(handle, CURLOPT_CUSTOMREQUEST, nil))
            return
        }
        try check(unsafe ccurl_set_long(handle, CURLOPT_POST, 1))
        let method = request.method == "POST" ? nil : request.method
        try check(unsafe ccurl_set_text(handle, CURLOPT_CUSTOMREQUEST, method))
        try check(
            unsafe ccurl_set_offset(
                handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count)))
    }

    /// The response after libcurl has reported the transfer's end.
    func finish(_ code: CURLcode) throws(TransportError) -> HTTPResponse {
        outgoing = []
        // Also of a response that has failed: it may have room for all that it was to be.
        defer { body = [] }
        if isTooLarge { throw .bodyTooLarge(limit: maximumBody) }
        guard code == CURLE_OK else { throw TransportError(code, responseBegan: hasBegun) }
        var status = 0
        try check(unsafe ccurl_get_long(handle, CURLINFO_RESPONSE_CODE, &status))
        return HTTPResponse(status: status, headers: headers, body: body)
    }

    /// What has come since the last time; the limit is then for what comes next.
    func takeBody() -> [UInt8] {
        defer { body = [] }
        return body
    }

    /// The same, as a value.
    func outcome(_ code: CURLcode) -> HTTPFanOut.Outcome {
        do throws(TransportError) {
            return .response(try finish(code))
        } catch {
            return .failure(error)
        }
    }

    /// Names the trusted certificates, for the server and for a proxy that is reached by TLS.
    private func setTrust() throws(TransportError) {
        hasTrust = true
        if let authorities {
            let set = unsafe authorities.withUnsafeBytes { bytes in
                unsafe ccurl_set_authorities(
                    handle, UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
            }
            try check(set)
        }
        guard let file = TrustStore.file else { return }
        if authorities == nil { try check(unsafe ccurl_set_text(handle, CURLOPT_CAINFO, file)) }
        try check(unsafe ccurl_set_text(handle, CURLOPT_PROXY_CAINFO, file))
    }

    private func setURL(of request: HTTPRequest) throws(TransportError) {
        var url = request.url
        var target = request.target
        // A proxy is given the whole URL as the target.
        if proxy == .environment, let path = target { (url, target) = (url + path, nil) }
        if url != self.url {
            try check(unsafe ccurl_set_text(handle, CURLOPT_URL, url))
            if !hasTrust, url.hasPrefix("https:") { try setTrust() }
            self.url = url
        }
        try check(unsafe ccurl_set_text(handle, CURLOPT_REQUEST_TARGET, target))
    }

    /// From this many bytes on libcurl may wait for a "100 Continue" that never comes: the smallest
    /// number of any version.
    private static let leastExpectation = 1024

    private func setHeaders(of request: HTTPRequest) throws(TransportError) {
        unsafe curl_slist_free_all(list)
        unsafe list = nil
        if request.body.count >= Self.leastExpectation {
            var line = Array("Expect:".utf8)
            try append(&line)
        }
        var line: [UInt8] = []
        for header in request.headers {
            line.removeAll(keepingCapacity: true)
            line.append(contentsOf: header.name.utf8)
            // libcurl drops a field with no value unless its colon is written as a semicolon.
            line.append(contentsOf: (header.value.isEmpty ? ";" : ": ").utf8)
            line.append(contentsOf: header.value.utf8)
            try append(&line)
        }
        try check(unsafe ccurl_set_headers(handle, list))
    }

    /// Appends a line, which libcurl copies, after putting a zero behind it.
    private func append(_ line: inout [UInt8]) throws(TransportError) {
        line.append(0)
        guard let extended = unsafe curl_slist_append(list, line) else { throw .setupFailed }
        unsafe list = extended
    }

    /// Has libcurl send from its least buffer until a body is larger.
    ///
    /// In twice as much, which is half of the usual, ten messages of the usual size still fit: each
    /// of up to 64 transfers at once has a buffer.
    private func setUploadBuffer(for count: Int) throws(TransportError) {
        let size =
            count + Self.headerRoom > Self.leastBuffer ? Self.leastBuffer * 2 : Self.leastBuffer
        guard size > uploadBuffer else { return }
        try check(unsafe ccurl_set_long(handle, CURLOPT_UPLOAD_BUFFERSIZE, size))
        uploadBuffer = size
    }

    private static let leastBuffer = 16 << 10
    /// Bytes of a request's headers, most of them a session's token.
    private static let headerRoom = 2 << 10

    private func check(_ code: CURLcode) throws(TransportError) {
        guard code == CURLE_OK else { throw .setupFailed }
    }

    fileprivate func noteSending() { sendings += 1 }

    /// Hands over what fits of the rest of the request's body.
    fileprivate func send(into room: UnsafeMutableRawBufferPointer) -> Int {
        let rest = outgoing[handedOver...].prefix(room.count)
        unsafe room.copyBytes(from: rest)
        handedOver += rest.count
        return rest.count
    }

    /// Goes to a place in the request's body; false if it has no such place.
    fileprivate func seek(to offset: Int) -> Bool {
        guard (0...outgoing.count).contains(offset) else { return false }
        handedOver = offset
        return true
    }

    fileprivate func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard body.count + bytes.count <= maximumBody else {
            isTooLarge = true
            return 0
        }
        if !hasRoom { makeRoom() }
        unsafe body.append(contentsOf: bytes)
        return bytes.count
    }

    /// Makes room for as much as the response says it has, so that no growing array is copied.
    private func makeRoom() {
        hasRoom = true
        var length: curl_off_t = -1
        let code = unsafe ccurl_get_offset(
            handle, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length)
        guard code == CURLE_OK, length > 0, length <= maximumBody else { return }
        body.reserveCapacity(Int(length))
    }

    fileprivate func receiveHeader(_ bytes: UnsafeRawBufferPointer) -> Int {
        hasBegun = true
        // A status line begins a new set: an interim response came before it.
        if unsafe bytes.starts(with: "HTTP/".utf8) {
            headers = HTTPFieldLines()
        } else {
            unsafe headers.append(line: bytes)
        }
        return bytes.count
    }
}

private let requestSink: ccurl_request_sink = { context, _, _, _, _ in
    guard let context = unsafe context else { return 0 }
    unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().noteSending()
    return 0
}

private let bodySource: ccurl_sink = { bytes, size, count, context in
    guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
    let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    return unsafe transfer.send(
        into: UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
}

private let bodySeek: ccurl_seek = { context, offset, origin in
    guard let context = unsafe context, origin == SEEK_SET else { return CURL_SEEKFUNC_FAIL }
    let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    return transfer.seek(to: Int(offset)) ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL
}

private let bodySink: ccurl_sink = { bytes, size, count, context in
    guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
    let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    return unsafe transfer.receive(UnsafeRawBufferPointer(start: bytes, count: size * count))
}

private let headerSink: ccurl_sink = { bytes, size, count, context in
    guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
    let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    return unsafe transfer.receiveHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
}
