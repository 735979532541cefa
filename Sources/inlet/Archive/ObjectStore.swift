import AWS
import Formats
import Platform
import Signing
import Transport

/// A bucket of S3, as much of it as reading takes: keys in order, and objects.
///
/// Source: Amazon S3 API Reference, 2006-03-01, "ListObjectsV2" and "GetObject".
final class ObjectStore {
    /// Bytes of one object; Firehose writes 64 MB at once, compressed or not.
    static let maximumObject = 128 << 20
    /// Bytes of one page of keys: a thousand of 1,024 bytes each, three times that when encoded.
    private static let maximumPage = 8 << 20
    /// Bytes of an object that one call asks for: so a slow line is no reason to give up, and a person
    /// who wants an end has not long to wait.
    private static let part = 8 << 20
    /// For one attempt, the last byte of a part included.
    private static let attemptTimeout = Duration.seconds(120)
    /// For all attempts of one call.
    private static let patience = Duration.seconds(300)
    /// S3 asks for patience while it divides a bucket that is read fast.
    private static let attempts = 6

    /// What a page of keys has.
    struct Page {
        let objects: [ArchiveFile]
        /// What the next page is asked for by; nil if this one is the last.
        let next: String?
    }

    private let bucket: String
    private let endpoint: Endpoint
    private let system: System
    private let credentials: CredentialChain
    private let policy: RetryPolicy
    private var signer = SigV4()
    /// What to add to our clock to get S3's.
    private var clockOffset = Duration.zero
    private var connection: HTTPConnection?
    /// Asked before each attempt whether it is to end; nil for never.
    var end: TailEnd?

    init(_ session: Session, bucket: String) throws(InletError) {
        self.bucket = bucket
        system = session.system
        credentials = session.credentials
        do throws(AWSError) {
            endpoint = try session.aws.endpoint(of: .s3)
            policy = RetryPolicy(
                maximumAttempts: max(
                    try session.aws.retryPolicy().maximumAttempts, Self.attempts))
        } catch {
            throw .aws("the archive", error)
        }
    }

    /// Up to `limit` keys with a prefix, in the order of their bytes.
    ///
    /// `start` is a key that they come after; `token` is that of the page before.
    func page(
        prefix: String, after start: String?, token: String?, limit: Int
    ) throws(InletError) -> Page {
        var query = [
            NamedValue("encoding-type", "url"), NamedValue("list-type", "2"),
            NamedValue("max-keys", "\(limit)"), NamedValue("prefix", prefix),
        ]
        if let token { query.append(NamedValue("continuation-token", token)) }
        if let start, token == nil { query.append(NamedValue("start-after", start)) }
        let body: [UInt8]
        switch try call(path: "", query, maximumBody: Self.maximumPage) {
        case .success(let reply): body = reply
        case .failure(let error):
            throw self.error("ListObjectsV2 \(printable(prefix))", error)
        }
        guard let list = try? XMLElement.parse(body), list.name == "ListBucketResult" else {
            throw .replyUnreadable("the archive")
        }
        var objects: [ArchiveFile] = []
        var count = 0
        for element in list.children where element.name == "Contents" {
            count += 1
            guard let key = element["Key"]?.text, let size = Int(element["Size"]?.text ?? "") else {
                throw .replyUnreadable("the archive")
            }
            let name = PercentEncoding.decode(key.utf8.span, plusIsSpace: true)
            guard name.starts(with: prefix.utf8) else { continue }
            objects.append(
                ArchiveFile(
                    name: String(decoding: name, as: UTF8.self), size: size,
                    entityTag: (element["ETag"]?.text).flatMap(Self.strongTag)))
        }
        guard list["IsTruncated"]?.text == "true" else { return Page(objects: objects, next: nil) }
        // A page without a key would come again for ever.
        guard let next = list["NextContinuationToken"]?.text, !next.isEmpty, count > 0 else {
            throw .replyUnreadable("the archive")
        }
        return Page(objects: objects, next: next)
    }

    /// The bytes of an object.
    func contents(of file: ArchiveFile) throws(ArchiveFault) -> [UInt8] {
        var bytes: [UInt8] = []
        repeat {
            // The whole of a small one, which may be empty, is asked for without a range.
            let last = min(bytes.count + Self.part, file.size) - 1
            let range = file.size <= Self.part ? nil : "bytes=\(bytes.count)-\(last)"
            let reply: Result<[UInt8], AWSError>
            do throws(InletError) {
                reply = try call(
                    path: file.name, [], headers: Self.headers(for: range, of: file),
                    maximumBody: Self.maximumObject)
            } catch {
                throw .archive(error)
            }
            switch reply {
            case .success(let part):
                // Whoever knows no ranges sends everything, which has no part before it.
                guard let range, part.count < file.size else { return part }
                guard part.count == last + 1 - bytes.count else {
                    throw .file("S3's answer to \(range) has \(part.count) bytes.")
                }
                bytes += part
            case .failure(let error):
                if case .failed(let failure) = error, let reason = Self.reason(failure) {
                    throw failure.code == "AccessDenied" ? .denied(reason) : .file(reason)
                }
                throw .archive(self.error("GetObject \(printable(file.name))", error))
            }
        } while bytes.count < file.size
        return bytes
    }

    /// A tag by which bytes are known; nil for what is none, which If-Match would never match.
    private static func strongTag(_ text: String) -> String? {
        let isTag =
            text.utf8.count > 2 && text.hasPrefix("\"") && text.hasSuffix("\"")
            && text.utf8.allSatisfy { 0x21...0x7E ~= $0 }
        return isTag ? text : nil
    }

    /// Asks for a part of what was listed: parts of two objects make none.
    private static func headers(for range: String?, of file: ArchiveFile) -> [HTTPField] {
        guard let range else { return [] }
        let condition = file.entityTag.map { [HTTPField("If-Match", $0)] } ?? []
        return [HTTPField("Range", range)] + condition
    }

    /// Why an object cannot be had, if that is so of this one and stays so.
    private static func reason(_ failure: AWSFailure) -> String? {
        switch failure.code {
        case "NoSuchKey": "The file is gone."
        case "PreconditionFailed": "The file has changed since it was listed."
        case "InvalidObjectState": "The file is in cold storage: restore it first."
        case "AccessDenied", "InvalidRequest", "MethodNotAllowed":
            "The file cannot be had: \(failure.reason)"
        case let code? where code.hasPrefix("KMS.") && failure.isPermanent:
            "The file cannot be had: \(failure.reason)"
        default: nil
        }
    }

    // MARK: - Calls

    private func error(_ operation: String, _ error: AWSError) -> InletError {
        if case .failed(let failure) = error {
            if failure.code == "NoSuchBucket" {
                return .archive("there is no bucket \(printable(bucket))")
            }
            if failure.status == 301 || failure.code == "AuthorizationHeaderMalformed" {
                return .archive(
                    "the bucket \(printable(bucket)) is in another region than "
                        + "\(endpoint.region): set AWS_REGION to its own")
            }
        }
        return .aws("the archive (\(operation))", error)
    }

    /// - Throws: ``InletError/interrupted`` alone.
    private func call(
        path: String, _ query: [NamedValue], headers: [HTTPField] = [], maximumBody: Int
    ) throws(InletError) -> Result<[UInt8], AWSError> {
        let budget = system.budget(of: Self.patience)
        var retries = RetryState(policy: policy)
        while true {
            if end?.isAsked == true { throw .interrupted }
            let request: HTTPRequest
            do throws(AWSError) {
                request = self.request(
                    path: path, query, headers, try credentials.credentials(within: budget))
            } catch {
                return .failure(error)
            }
            let failure: AWSFailure
            var skew: Duration?
            do throws(TransportError) {
                let response = try attempt(
                    request, timeout: min(Self.attemptTimeout, budget.left),
                    maximumBody: maximumBody)
                if response.status == 200 || headers["range"] != nil && response.status == 206 {
                    return .success(response.body)
                }
                skew = response.clockSkew(at: system.now())
                failure = Self.failure(response, skew: skew)
            } catch {
                failure = AWSFailure(error)
            }
            switch retries.step(after: failure.kind, left: budget.left, random: system.random()) {
            case .giveUp: return .failure(.failed(failure))
            case .again(let wait): try pause(wait)
            case .mend(.reloadCredentials): credentials.invalidate()
            case .mend(.correctClock): clockOffset = skew ?? clockOffset
            }
        }
    }

    /// - Throws: ``InletError/interrupted`` alone.
    private func pause(_ wait: Duration) throws(InletError) {
        guard let end else { return system.sleep(wait) }
        if end.waits(for: wait) { throw .interrupted }
    }

    /// An error, whose root S3 names `Error`; without a body the status says it all.
    private static func failure(_ response: HTTPResponse, skew: Duration?) -> AWSFailure {
        let root = try? XMLElement.parse(response.body)
        let error = root?.name == "Error" ? root : nil
        return AWSFailure(
            status: response.status, code: error?["Code"]?.text, message: error?["Message"]?.text,
            skew: skew)
    }

    private func request(
        path key: String, _ query: [NamedValue], _ own: [HTTPField], _ current: Credentials
    ) -> HTTPRequest {
        let place = Self.place(of: key, in: bucket, at: endpoint)
        let query = query.map { pair in
            "\(PercentEncoding.encode(pair.name))=\(PercentEncoding.encode(pair.value))"
        }.joined(separator: "&")
        let hash = SHA256.digest([])
        // S3 takes no request without it.
        let headers = [HTTPField("X-Amz-Content-Sha256", Hex.encode(hash.span))] + own
        let signature = signer.sign(
            SigV4Request(
                method: "GET", path: place.path, query: query,
                headers: [HTTPField("Host", place.host)] + headers, payloadHash: hash,
                pathRule: .verbatim),
            region: endpoint.region, service: endpoint.service.name, credentials: current,
            at: Timestamp(microseconds: system.now().microseconds + clockOffset.microseconds))
        return HTTPRequest(
            method: "GET", url: place.url + (query.isEmpty ? "" : "?\(query)"),
            headers: headers + signature.headers)
    }

    /// Where a key is: at the bucket's own name if it is one, else below the endpoint.
    ///
    /// Elsewhere than at AWS only the second is sure to work, and so it is with a dot in the name,
    /// which no certificate covers.
    static func place(
        of key: String, in bucket: String, at endpoint: Endpoint
    ) -> (url: String, host: String, path: String) {
        let name = key.split(separator: "/", omittingEmptySubsequences: false)
            .map { PercentEncoding.encode(String($0)) }.joined(separator: "/")
        let isAWS = ["https://s3.", "https://s3-fips."].contains { endpoint.url.hasPrefix($0) }
        if isAWS, !bucket.utf8.contains(UInt8(ascii: ".")) {
            let host = "\(bucket).\(endpoint.host)"
            return ("https://\(host)/\(name)", host, "/\(name)")
        }
        let isBare = endpoint.url.utf8.last == UInt8(ascii: "/")
        let below = "\(isBare ? "" : "/")\(bucket)\(key.isEmpty ? "" : "/\(name)")"
        return (endpoint.url + below, endpoint.host, endpoint.path + below)
    }

    private func attempt(
        _ request: HTTPRequest, timeout: Duration, maximumBody: Int
    ) throws(TransportError) -> HTTPResponse {
        guard timeout > .zero else { throw .timedOut }
        // Taken out while in use: it cannot be copied. One that failed is of no further use.
        let connection =
            if let kept = self.connection.take() { kept } else {
                try HTTPConnection(proxy: .environment)
            }
        let response = try connection.send(request, timeout: timeout, maximumBody: maximumBody)
        self.connection = consume connection
        return response
    }
}
