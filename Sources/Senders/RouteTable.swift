package import Gateway
package import Partners
internal import Tracking

/// All routes: what the function answers, says of itself, and shows of a path in its log.
package enum RouteTable {
    private static let post: [String] = ["POST"]
    private static let read: [String] = ["GET", "HEAD"]

    /// A sender is known by its rules here: `inlet`'s commands, too, find it by them.
    package static let rules: [RouteRule] = [
        RouteRule(post, ["v1", .choice(CallType.pathNames)], SegmentAPI(.call)),
        RouteRule(post, ["v1", .choice(CallType.pathLetters)], SegmentAPI(.call)),
        RouteRule(post, ["v1", .choice(["batch", "b", "import"])], SegmentAPI(.batch)),
        RouteRule(post, ["v1", "m"], .selfMetrics),
        RouteRule(read, ["v1", "pixel", .choice(CallType.pathNames)], SegmentAPI(.pixel)),
        RouteRule(post, ["v1", "segment"], SegmentDestination()),
        RouteRule(
            ["POST", "PUT", "PATCH"], ["webhook", "segment", .token], SegmentDestination()),
        RouteRule(post, ["webhook", "customerio"], CustomerIO()),
        RouteRule(post, ["webhook", "customerio", .token], CustomerIO()),
        RouteRule(post, ["webhook", "v1", .token], PartnerWebhook()),
        // Browsers have nothing to ask of a route to which only Segment's servers send.
        RouteRule(["OPTIONS"], ["v1", .rest(but: "segment")], .preflight),
        RouteRule(read, ["health"], .health),
        RouteRule(read, ["ready"], .readiness),
        RouteRule(read, [], .description),
    ]

    /// Parts of a path that a stage or a base path may put before it, if the front does not say.
    private static let maximumPrefix = 4

    /// The route of a request, in the first way of reading its path that has one.
    package static func route(of request: Request) -> Route {
        let first = route(method: request.method, path: request.path)
        guard case .notFound = first else { return first }
        for path in request.otherPaths {
            let other = route(method: request.method, path: path)
            if case .notFound = other { continue }
            return other
        }
        return .notFound
    }

    /// The route of a path, past a prefix that the path may still have.
    package static func route(method: String, path: [String]) -> Route {
        for start in 0...min(maximumPrefix, path.count) {
            let rest = path[start...]
            // After a prefix only the distinctive routes count: "/x" is not "/".
            guard start == 0 || rest.first == "v1" || rest.first == "webhook" else { continue }
            let found = route(method: method, segments: rest)
            if case .notFound = found { continue }
            return found
        }
        return .notFound
    }

    private static func route(method: String, segments: ArraySlice<String>) -> Route {
        var others: [String]?
        for rule in rules where rule.takes(segments) {
            if rule.methods.contains(method) { return rule.route(of: segments) }
            if rule.isExact { others = others ?? rule.methods }
        }
        return others.map(Route.methodNotAllowed) ?? .notFound
    }
}

extension RouteTable {
    /// The sender of a name.
    package static func sender(_ name: SenderName) -> any Sender {
        for rule in rules {
            if let sender = rule.sender, sender.name == name { return sender }
        }
        preconditionFailure("each sender has a route")
    }

    /// The path of a sender that needs no token, since a signature tells whose a request is; nil for
    /// other senders.
    package static func pathWithoutToken(to name: SenderName) -> String? {
        guard sender(name).usualAuthentication == .signed else { return nil }
        for rule in rules where rule.sender?.name == name {
            if let path = rule.fixedPath { return path }
        }
        return nil
    }

    /// The path that a sender's guide shows; the token stands in it if it belongs into the URL.
    package static func path(to name: SenderName, token: String) -> String {
        let word =
            switch sender(name).guide.credentials {
            case .token: token
            case .writeKey(let call): call.rawValue
            }
        for rule in rules where rule.sender?.name == name {
            if let path = rule.path(filledWith: word) { return path }
        }
        preconditionFailure("a sender's route has a place for its token")
    }
}
