package import Formats

/// The part of a request that a signature covers.
package struct SigV4Request {
    /// How the path becomes the canonical one.
    package enum PathRule: Sendable {
        /// `.`, `..` and `//` resolved, then encoded once more than on the wire: all but S3.
        case normalised
        /// As it is on the wire: S3.
        case verbatim
    }

    package var method: String
    /// The path as on the wire; empty means `/`.
    package var path: String
    /// The query as on the wire, without `?`; a `+` is a plus sign.
    package var query: String
    /// The headers that are sent, with `Host` exactly as the HTTP library writes it.
    ///
    /// Repeated names are allowed. Those that proxies and HTTP libraries change, and those that the
    /// signer itself adds, are left out of the signature.
    package var headers: [HTTPField]
    package var payloadHash: [32 of UInt8]
    package var pathRule = PathRule.normalised

    package init(
        method: String, path: String, query: String = "",
        headers: [HTTPField], payloadHash: [32 of UInt8],
        pathRule: PathRule = .normalised
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.payloadHash = payloadHash
        self.pathRule = pathRule
    }
}

/// What a signer adds to the headers of a request; valid for five minutes.
package struct SigV4Signature: Sendable {
    /// Value of `X-Amz-Date`.
    package let date: String
    /// Value of `X-Amz-Security-Token`, absent for long-lived credentials.
    package let securityToken: String?
    /// Value of `Authorization`.
    package let authorization: String

    /// The headers to send beside those of the request.
    package var headers: [HTTPField] {
        var headers = [HTTPField("X-Amz-Date", date)]
        if let securityToken { headers.append(HTTPField("X-Amz-Security-Token", securityToken)) }
        headers.append(HTTPField("Authorization", authorization))
        return headers
    }
}

/// Signs requests with AWS Signature Version 4, header form.
///
/// Holds the signing key that was derived last, and nothing else: it changes with the secret, the
/// day, the region and the service. Source: AWS IAM User Guide, "Create a signed AWS API request".
package struct SigV4: Sendable {
    private var derived: DerivedKey?

    package init() {}

    /// Signs a request as sent at that moment: sign right before sending, for every attempt anew.
    package mutating func sign(
        _ request: SigV4Request, region: String, service: String, credentials: Credentials,
        at now: Timestamp
    ) -> SigV4Signature {
        let date = now.basic
        let day = String(date.prefix(8))
        let key = key(
            secret: credentials.secretAccessKey, day: day, region: region, service: service)
        let canonical = CanonicalRequest(
            request, date: date, securityToken: credentials.sessionToken)
        let scope = Self.scope(day: day, region: region, service: service)

        var text: [UInt8] = []
        text.reserveCapacity(192)
        text.append(contentsOf: "AWS4-HMAC-SHA256\n".utf8)
        text.append(contentsOf: date.utf8)
        text.append(0x0A)
        text.append(contentsOf: scope)
        text.append(0x0A)
        text.append(hex: SHA256.digest(canonical.bytes))
        let code = HMAC.sha256(key: key.span, message: text.span)

        text.removeAll(keepingCapacity: true)
        text.append(contentsOf: "AWS4-HMAC-SHA256 Credential=".utf8)
        text.append(contentsOf: credentials.accessKeyID.utf8)
        text.append(UInt8(ascii: "/"))
        text.append(contentsOf: scope)
        text.append(contentsOf: ", SignedHeaders=".utf8)
        text.append(contentsOf: canonical.signedHeaders)
        text.append(contentsOf: ", Signature=".utf8)
        text.append(hex: code)
        return SigV4Signature(
            date: date, securityToken: credentials.sessionToken,
            authorization: String(decoding: text, as: UTF8.self))
    }

    /// What a signature is good for: `day/region/service/aws4_request`.
    private static func scope(day: String, region: String, service: String) -> [UInt8] {
        var scope: [UInt8] = []
        scope.reserveCapacity(64)
        for part in [day, region, service] {
            scope.append(contentsOf: part.utf8)
            scope.append(UInt8(ascii: "/"))
        }
        scope.append(contentsOf: "aws4_request".utf8)
        return scope
    }

    private mutating func key(
        secret: String, day: String, region: String, service: String
    ) -> [32 of UInt8] {
        if let derived, derived.day == day, derived.secret == secret, derived.region == region,
            derived.service == service
        {
            return derived.key
        }
        let key = DerivedKey(secret: secret, day: day, region: region, service: service)
        derived = key
        return key.key
    }
}

/// The key that signs for one secret, day, region and service.
struct DerivedKey: Sendable {
    let secret: String
    let day: String
    let region: String
    let service: String
    let key: [32 of UInt8]

    init(secret: String, day: String, region: String, service: String) {
        self.secret = secret
        self.day = day
        self.region = region
        self.service = service
        var key = HMAC.sha256(key: Array("AWS4\(secret)".utf8), message: Array(day.utf8))
        for part in [region, service, "aws4_request"] {
            key = HMAC.sha256(key: key.span, message: Array(part.utf8).span)
        }
        self.key = key
    }
}

extension [UInt8] {
    mutating func append(hex digest: [32 of UInt8]) {
        Hex.append(digest.span, to: &self)
    }
}
