internal import CCurl

/// Why an exchange produced no HTTP response.
///
/// A response with status 500 is a response, not a `TransportError`.
package enum TransportError: Error, Equatable {
    /// libcurl has no memory for a handle, or refused an option of it.
    case setupFailed
    case badURL
    case cannotConnect
    case timedOut
    /// The peer went away; `responseBegan` tells whether any byte of an answer had come.
    case connectionLost(responseBegan: Bool)
    case notHTTP
    case bodyTooLarge(limit: Int)
    /// The TLS handshake failed, or the certificate is not trusted.
    case tls(code: Int)
    /// Another of libcurl's codes.
    case other(code: Int)

    /// A phrase for a log line; it holds no address and no payload.
    package var reason: String {
        switch self {
        case .setupFailed: "libcurl could not be set up"
        case .badURL: "the address is malformed"
        case .cannotConnect: "no connection"
        case .timedOut: "no answer in time"
        case .connectionLost(let began): began ? "the answer broke off" : "the connection was lost"
        case .notHTTP: "the answer is not HTTP"
        case .bodyTooLarge(let limit): "the answer is larger than \(limit) bytes"
        case .tls(let code): "TLS failed (libcurl \(code))"
        case .other(let code): "libcurl \(code)"
        }
    }

    init(_ code: CURLcode, responseBegan: Bool) {
        switch code {
        case CURLE_URL_MALFORMAT: self = .badURL
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT:
            self = .cannotConnect
        case CURLE_OPERATION_TIMEDOUT: self = .timedOut
        case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE:
            self = .connectionLost(responseBegan: responseBegan)
        // What libcurl says of a peer that speaks HTTP/0.9, or no HTTP at all.
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL: self = .notHTTP
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_CERTPROBLEM, CURLE_SSL_ISSUER_ERROR:
            self = .tls(code: Int(code.rawValue))
        default: self = .other(code: Int(code.rawValue))
        }
    }
}
