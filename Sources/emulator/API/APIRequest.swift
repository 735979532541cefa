import Formats
import LocalServer
import Platform

/// A request at an API's method, with what API Gateway adds to it.
struct APIRequest: Sendable {
    let request: LocalRequest
    let api: Template.API
    let route: Template.Route
    let pathParameters: [NamedValue]
    let requestID: String
    /// Looks like API Gateway's: 11 characters and `=`.
    let extendedRequestID: String
    let traceRoot: String
    let time: Timestamp
    /// As sent and as added, the hop's own left out.
    let headers: [HTTPField]
    /// Decoded.
    let query: [NamedValue]

    init(
        _ request: LocalRequest, match: Router.Match, id: String = RandomText.uuid(),
        time: Timestamp = System.wallClock()
    ) {
        self.request = request
        requestID = id
        api = match.api
        route = match.route
        pathParameters = match.pathParameters
        self.time = time
        let random = (0..<8).map { _ in UInt8.random(in: .min ... .max) }
        extendedRequestID = String(decoding: Base64.encode(random), as: UTF8.self)
        let traceRoot = request.header("X-Amzn-Trace-Id") ?? Trace.newRoot()
        self.traceRoot = traceRoot
        query = PercentEncoding.pairs(Array((request.query ?? "").utf8)).map { NamedValue($0) }
        let replaced = [
            "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto", "x-amzn-trace-id",
            "connection", "keep-alive", "expect", "te", "trailer", "transfer-encoding", "upgrade",
            "content-length",
        ]
        let kept = request.headers.filter { !replaced.contains($0.name.lowercased()) }
        let forwarded = request.header("X-Forwarded-For").map { "\($0), \(request.peer)" }
        headers =
            kept + [
                HTTPField("X-Amzn-Trace-Id", traceRoot),
                HTTPField("X-Forwarded-For", forwarded ?? request.peer),
                HTTPField("X-Forwarded-Port", "443"),
                HTTPField("X-Forwarded-Proto", "https"),
            ]
    }

    var apiID: String { TemplateScope.apiID(of: api.name) }

    /// What the front adds to the function's reply.
    var replyHeaders: [HTTPField] {
        switch api.kind {
        case .rest:
            [
                HTTPField("x-amzn-RequestId", requestID),
                HTTPField("x-amz-apigw-id", extendedRequestID),
                HTTPField("X-Amzn-Trace-Id", traceRoot),
            ]
        case .http: [HTTPField("Apigw-Requestid", requestID)]
        case .functionURL:
            [HTTPField("x-amzn-RequestId", requestID), HTTPField("X-Amzn-Trace-Id", traceRoot)]
        }
    }

    /// `arn:aws:execute-api:…/stage/METHOD/path`, of the request and not of its route.
    func methodARN(region: String) -> String {
        "arn:aws:execute-api:\(region):\(TemplateScope.accountID):\(apiID)/\(api.stage)/"
            + "\(request.method)/\(request.path.drop { $0 == "/" })"
    }
}
