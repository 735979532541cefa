package import Formats
internal import Platform
package import Signing
package import Transport

/// Makes signed requests, at the server's time where ours has proved wrong.
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
        method: String = "POST", to endpoint: Endpoint, headers: [HTTPHeader],
        unsigned: [HTTPHeader] = [], body: [UInt8], credentials: Credentials, at now: Timestamp
    ) -> HTTPRequest {
        var signed = [(name: "Host", value: endpoint.host)]
        for header in headers { signed.append((header.name, header.value)) }
        let signature = signer.sign(
            SigV4Request(
                method: method, path: endpoint.path, headers: signed,
                payloadHash: SHA256.digest(body)),
            region: endpoint.region, service: endpoint.service.name, credentials: credentials,
            at: Timestamp(microseconds: now.microseconds + clockOffset.microseconds))
        var all = headers
        for (name, value) in signature.headers { all.append(HTTPHeader(name, value)) }
        return HTTPRequest(
            method: method, url: endpoint.url, headers: all + unsigned, body: body)
    }

    /// Takes the server's `Date` for the time from now on; without one nothing changes.
    package mutating func correctClock(by response: HTTPResponse, at now: Timestamp) {
        if let skew = response.clockSkew(at: now) { clockOffset = skew }
    }
}
