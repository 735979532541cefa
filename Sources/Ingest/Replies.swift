internal import Formats
internal import Gateway
internal import Senders

/// The replies' bodies and headers.
enum Replies {
    /// Seconds after which a sender may retry what SNS did not accept.
    private static let retryAfter = "5"
    /// Browsers call the tracking API from any page.
    static let anyOrigin = [HTTPField("Access-Control-Allow-Origin", "*")]

    /// Every error of every route has this body.
    ///
    /// Its details name the invalid items of a batch, or the invalid fields of a webhook.
    static func error(
        _ status: Int, code: String, message: String, details: [Reject] = [],
        failures: [RuleFailure] = [], headers: [HTTPField] = []
    ) -> Response {
        var writer = JSONWriter()
        writer.object { object in
            object.member("code", code)
            object.member("message", message)
            if !details.isEmpty {
                object.name("details")
                write(details, to: &object)
            } else if !failures.isEmpty {
                object.name("details")
                failures.write(to: &object)
            }
        }
        let retry = status == 503 ? [HTTPField("Retry-After", retryAfter)] : []
        return .json(status, writer.bytes, headers: headers + retry)
    }

    static let notFound = error(404, code: "not_found", message: "There is no such route.")

    static func notAllowed(but methods: [String]) -> Response {
        error(
            405, code: "method_not_allowed", message: "This route takes other methods.",
            headers: [HTTPField("Allow", methods.joined(separator: ", "))])
    }

    /// The reply if SNS did not accept everything.
    static func notAccepted(_ status: Int = 503, headers: [HTTPField] = []) -> Response {
        error(
            status, code: "not_accepted", message: "Not all was accepted in time: send it again.",
            headers: headers)
    }

    static func success(
        _ status: Int, accepted: Int, messageID: String?, rejected: [Reject],
        warnings: [Warning], headers: [HTTPField]
    ) -> Response {
        var writer = JSONWriter()
        writer.object { object in
            object.member("success", true)
            object.member("accepted", accepted)
            if let messageID { object.member("messageId", messageID) }
            if !rejected.isEmpty {
                object.name("rejected")
                write(rejected, to: &object)
            }
            if !warnings.isEmpty {
                object.name("warnings")
                warnings.write(to: &object)
            }
        }
        return .json(status, writer.bytes, headers: headers)
    }

    /// The reply to a sender that only checks whether its URL works.
    static func challenge(_ challenge: String) -> Response {
        var writer = JSONWriter()
        writer.object { $0.member("challenge", challenge) }
        return .json(200, writer.bytes)
    }

    /// Beyond this many bytes, the entries of a reply have only an index and a code: Lambda refuses
    /// a reply of 6 MB.
    private static let roomForReasons = 1 << 20

    private static func write(_ rejects: [Reject], to object: inout JSONWriter) {
        object.array { list in
            for reject in rejects {
                list.object { entry in
                    if let index = reject.index { entry.member("index", index) }
                    guard entry.bytes.count < roomForReasons else {
                        return entry.member("code", reject.code)
                    }
                    if let id = reject.messageID { entry.member("messageId", id) }
                    entry.member("code", reject.code)
                    entry.member("message", reject.message)
                    guard !reject.failures.isEmpty else { return }
                    entry.name("fields")
                    reject.failures.write(to: &entry)
                }
            }
        }
    }

    static let accepted = Array(#"{"success":true}"#.utf8)

    /// The request headers of Segment's own library in a browser.
    private static let ownHeaders = "authorization, content-type, x-retry-count"
    /// Bytes of the header names that a preflight may ask about; more are not repeated.
    private static let maximumAsked = 1024

    /// Lets a page of any origin send the headers that its browser asks about.
    ///
    /// Libraries send headers of their own, and let a page add some. No header gives access: a call
    /// is authenticated by its key, and by no cookie.
    static func preflight(asking names: String?) -> Response {
        var allowed = ownHeaders
        if let names, names.utf8.count <= maximumAsked {
            let asked = names.split(separator: ",").map {
                HeaderName.normalised(String($0.drop { $0 == " " }))
            }
            if !asked.isEmpty, asked.allSatisfy({ $0 != nil }) {
                allowed = names
            }
        }
        return Response(
            status: 204,
            headers: anyOrigin + [
                HTTPField("Access-Control-Allow-Methods", "POST, GET, OPTIONS"),
                HTTPField("Access-Control-Allow-Headers", allowed),
                HTTPField("Access-Control-Max-Age", "86400"),
            ], body: .text([]))
    }

    /// A transparent GIF of one pixel: the answer for every outcome.
    static let pixel = Response(
        status: 200,
        headers: [HTTPField("Content-Type", "image/gif"), HTTPField("Cache-Control", "no-store")],
        body: .binary([
            0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 0x01, 0x00, 0x01, 0x00, 0x80, 0x00, 0x00, 0x00,
            0x00, 0x00, 0x00, 0x00, 0x00, 0x21, 0xF9, 0x04, 0x01, 0x00, 0x00, 0x00, 0x00, 0x2C,
            0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x01, 0x00, 0x00, 0x02, 0x02, 0x44, 0x01, 0x00,
            0x3B,
        ]))

    /// The reply to a monitor: ready, or what cannot be reached.
    static func readiness(lacking: [Readiness.Dependency]) -> Response {
        var writer = JSONWriter()
        writer.object { object in
            if lacking.isEmpty {
                object.member("status", "ready")
            } else {
                object.member("code", "not_ready")
                object.member("message", lacking.map(\.message).joined(separator: " "))
                object.name("details")
                object.array { list in
                    for dependency in lacking {
                        list.object { entry in
                            entry.member("dependency", dependency.name)
                            entry.member("message", dependency.message)
                        }
                    }
                }
            }
        }
        let retry = lacking.isEmpty ? [] : [HTTPField("Retry-After", retryAfter)]
        return .json(lacking.isEmpty ? 200 : 503, writer.bytes, headers: retry)
    }

    static func health(at now: Timestamp, build: String) -> Response {
        var writer = JSONWriter()
        writer.object { object in
            object.member("status", "healthy")
            object.member("timestamp", now.rfc3339 ?? "")
            object.member("service", Product.name)
            object.member("version", Product.version)
            object.member("build", build)
        }
        return .json(200, writer.bytes)
    }

    static var description: Response {
        var writer = JSONWriter()
        writer.object { object in
            object.member("service", Product.name)
            object.member("version", Product.version)
            object.name("routes")
            object.array { list in
                for rule in RouteTable.rules { list.string(rule.text) }
            }
        }
        return .json(200, writer.bytes)
    }
}
