import Formats
import LocalServer

/// Checks AWS Signature Version 4 on the raw request.
///
/// Source: AWS General Reference, "Create a signed AWS API request".
struct SignatureCheck: Sendable {
    let credentials: FunctionSettings.Credentials
    let region: String
    let service: String

    /// How far the request's clock may be off.
    static let tolerance: Int64 = 5 * 60

    /// The parts of an `Authorization` header.
    private struct Claim {
        let accessKeyID: String
        /// `yyyymmdd/region/service/aws4_request`.
        let scope: [String]
        let signedHeaders: [String]
        let signature: String

        init?(_ header: String) {
            let scheme = "AWS4-HMAC-SHA256 "
            guard header.hasPrefix(scheme) else { return nil }
            var fields: [String: String] = [:]
            for field in header.dropFirst(scheme.count).split(separator: ",") {
                let parts = field.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
                guard parts.count == 2 else { return nil }
                fields[String(parts[0])] = String(parts[1])
            }
            guard let credential = fields["Credential"]?.split(separator: "/").map(String.init),
                credential.count == 5, let signed = fields["SignedHeaders"],
                let signature = fields["Signature"]
            else { return nil }
            accessKeyID = credential[0]
            scope = Array(credential[1...])
            signedHeaders = signed.split(separator: ";").map(String.init)
            self.signature = signature
        }
    }

    /// Why the request is refused; nil if its signature is right.
    func refusal(of request: LocalRequest, at now: Timestamp) -> SNSError? {
        guard let authorization = request.header("Authorization") else {
            return SNSError(
                403, "MissingAuthenticationToken", "Request is missing Authentication Token")
        }
        guard let claim = Claim(authorization), let date = request.header("X-Amz-Date") else {
            return SNSError(
                400, "IncompleteSignature",
                "Authorization header requires Credential, SignedHeaders and Signature, and the "
                    + "request an X-Amz-Date")
        }
        guard claim.accessKeyID == credentials.accessKeyID,
            request.header("X-Amz-Security-Token") == credentials.sessionToken
        else {
            return SNSError(
                403, "InvalidClientTokenId",
                "The security token included in the request is invalid.")
        }
        if let refusal = Self.refusal(ofDate: date, at: now) { return refusal }
        guard claim.scope == [String(date.prefix(8)), region, service, "aws4_request"] else {
            return Self.mismatch(
                "Credential should be scoped to a valid region and service: "
                    + "\(date.prefix(8))/\(region)/\(service)/aws4_request")
        }
        guard Self.coversAll(claim.signedHeaders, request) else {
            return Self.mismatch("host and all x-amz- headers must be signed, in order, once each")
        }
        let canonical = Self.canonical(request, signedHeaders: claim.signedHeaders)
        let expected = signature(of: canonical, date: date)
        guard expected == claim.signature else {
            return Self.mismatch(
                "The request signature we calculated does not match the signature you provided. "
                    + "The canonical string for this request should have been\n'\(canonical)'")
        }
        return nil
    }

    private static func mismatch(_ message: String) -> SNSError {
        SNSError(403, "SignatureDoesNotMatch", message)
    }

    private static func refusal(ofDate date: String, at now: Timestamp) -> SNSError? {
        let text = Array(date)
        guard text.count == 16 else {
            return SNSError(400, "IncompleteSignature", "Date must be in ISO-8601 'basic format'")
        }
        let rfc3339 =
            "\(String(text[0...3]))-\(String(text[4...5]))-\(String(text[6...10])):"
            + "\(String(text[11...12])):\(String(text[13...]))"
        guard let time = Timestamp(rfc3339: rfc3339.utf8) else {
            return SNSError(400, "IncompleteSignature", "Date must be in ISO-8601 'basic format'")
        }
        let margin = tolerance * 1_000_000
        let earliest = Timestamp(microseconds: now.microseconds - margin)
        let latest = Timestamp(microseconds: now.microseconds + margin)
        if time < earliest {
            return mismatch(
                "Signature expired: \(date) is now earlier than \(earliest.basic) "
                    + "(\(now.basic) - 5 min.)")
        }
        if time > latest {
            return mismatch(
                "Signature not yet current: \(date) is still later than \(latest.basic) "
                    + "(\(now.basic) + 5 min.)")
        }
        return nil
    }

    private static func coversAll(_ signed: [String], _ request: LocalRequest) -> Bool {
        guard signed == signed.sorted(), Set(signed).count == signed.count else { return false }
        return request.headers.allSatisfy { header in
            let name = header.name.lowercased()
            let must =
                name == "host" || name == "content-type"
                || name.hasPrefix("x-amz-") && name != "x-amzn-trace-id"
            return !must || signed.contains(name)
        }
    }

    func signature(of canonical: String, date: String) -> String {
        let day = String(date.prefix(8))
        let scope = "\(day)/\(region)/\(service)/aws4_request"
        let hash = Hex.encode(Digest.sha256(Array(canonical.utf8)))
        var key = Array("AWS4\(credentials.secretAccessKey)".utf8)
        for part in [day, region, service, "aws4_request"] {
            key = Digest.hmacSHA256(key: key, part)
        }
        return Hex.encode(
            Digest.hmacSHA256(key: key, "AWS4-HMAC-SHA256\n\(date)\n\(scope)\n\(hash)"))
    }

    static func canonical(_ request: LocalRequest, signedHeaders: [String]) -> String {
        var lines = [request.method, path(request.path), query(request.query ?? "")]
        for name in signedHeaders {
            let values = request.headers.filter { $0.name.lowercased() == name }
                .map { collapse($0.value) }
            lines.append("\(name):\(values.joined(separator: ","))")
        }
        lines.append("")
        lines.append(signedHeaders.joined(separator: ";"))
        lines.append(Hex.encode(Digest.sha256(request.body)))
        return lines.joined(separator: "\n")
    }

    /// Without `.`, `..` and empty segments; what is encoded already is encoded once more.
    private static func path(_ path: String) -> String {
        var kept: [Substring] = []
        for segment in path.split(separator: "/") {
            switch segment {
            case ".": continue
            case "..": _ = kept.popLast()
            default: kept.append(segment)
            }
        }
        let joined = kept.map { PercentEncoding.encode(String($0)) }.joined(separator: "/")
        let last = path.split(separator: "/", omittingEmptySubsequences: false).last
        let endsOpen = last == "" || last == "." || last == ".."
        return "/\(joined)\(endsOpen && !kept.isEmpty ? "/" : "")"
    }

    private static func query(_ query: String) -> String {
        let pairs = query.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let encoded = parts.map { part in
                let bytes = PercentEncoding.decode(part.utf8.span)
                var out: [UInt8] = []
                PercentEncoding.append(bytes.span, space: .percent20, to: &out)
                return String(decoding: out, as: UTF8.self)
            }
            return (name: encoded[0], value: encoded.count == 2 ? encoded[1] : "")
        }
        return pairs.sorted { ($0.name, $0.value) < ($1.name, $1.value) }
            .map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    private static func collapse(_ value: String) -> String {
        value.split(whereSeparator: { $0 == " " || $0 == "\t" }).joined(separator: " ")
    }
}
