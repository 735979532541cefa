package import Formats
internal import Platform
package import Signing
package import Transport

/// Makes signed requests, at the server's time if ours has proved wrong.
///
/// Sign right before sending: a signature is worth five minutes, and a process may be frozen.
package struct RequestSigner: Sendable {
    private var signer = SigV4()
    /// What to add to our clock to get AWS's.
    package private(set) var clockOffset = Duration.zero

    package init() {}

    /// A request with these headers and body, signed; `unsigned` headers are sent beside them.
    ///
    /// `Host` is libcurl's, which sends what ``Endpoint/host`` says.
    package mutating func request(
        method: String = "POST", to endpoint: Endpoint, headers: [HTTPField],
        unsigned: [HTTPField] = [], body: [UInt8], credentials: Credentials, at now: Timestamp
    ) -> HTTPRequest {
        let signature = signer.sign(
            SigV4Request(
                method: method, path: endpoint.path,
                headers: [HTTPField("Host", endpoint.host)] + headers,
                payloadHash: SHA256.digest(body)),
            region: endpoint.region, service: endpoint.service.name, credentials: credentials,
            at: Timestamp(microseconds: now.microseconds + clockOffset.microseconds))
        return HTTPRequest(
            method: method, url: endpoint.url, headers: headers + signature.headers + unsigned,
            body: body)
    }

    /// Takes the server's `Date` for the time from now on; without one nothing changes.
    package mutating func correctClock(by response: HTTPResponse, at now: Timestamp) {
        if let skew = response.clockSkew(at: now) { clockOffset = skew }
    }
}
