internal import Gateway
internal import Senders
internal import Tracking

/// What a method and a path ask for.
enum Route: Equatable {
    case segmentAPI(SegmentAPI.Call)
    case pixel(CallType)
    /// The SDKs' reports about themselves, which hold no event.
    case selfMetrics
    /// Behind the custom authorizer.
    case segmentDestination
    case segmentWebhook(token: String)
    /// Without a token the signature tells whose it is.
    case customerio(token: String?)
    /// A partner's own webhook.
    case partnerWebhook(token: String)
    case preflight
    /// That the function is alive.
    case health
    /// That what it needs can be reached.
    case readiness
    case description
    case notFound
    /// The path is known, and takes these methods.
    case methodNotAllowed([String])

    /// What a log line calls it.
    var name: String {
        switch self {
        case .segmentAPI: "segment-api"
        case .pixel: "pixel"
        case .selfMetrics: "self-metrics"
        case .segmentDestination, .segmentWebhook: "segment-destination"
        case .customerio: "customerio"
        case .partnerWebhook: "partner"
        case .preflight: "preflight"
        case .health: "health"
        case .readiness: "ready"
        case .description: "description"
        case .notFound: "unknown"
        case .methodNotAllowed: "other-method"
        }
    }

    /// Segments that a stage or a base path may put before the path, where the front does not say.
    private static let maximumPrefix = 4

    /// Finds the route of a request in any of the ways in which its path can be read.
    init(_ request: Request) {
        self.init(method: request.method, path: request.path)
        guard self == .notFound else { return }
        for path in request.otherPaths {
            let route = Route(method: request.method, path: path)
            if route != .notFound {
                self = route
                return
            }
        }
    }

    /// Finds the route, past a prefix that the path may still have.
    init(method: String, path: [String]) {
        for start in 0...min(Self.maximumPrefix, path.count) {
            let rest = Array(path[start...])
            // After a prefix only the distinctive routes count: "/x" is not "/".
            guard start == 0 || rest.first == "v1" || rest.first == "webhook" else { continue }
            if let route = Self.route(method: method, path: rest) {
                self = route
                return
            }
        }
        self = .notFound
    }

    private static func route(method: String, path: [String]) -> Route? {
        // Browsers have nothing to ask where only Segment's servers send.
        if method == "OPTIONS", path.first == "v1", path != ["v1", "segment"] { return .preflight }
        guard let (methods, route) = known(path) else { return nil }
        return methods.contains(method) ? route : .methodNotAllowed(methods)
    }

    private static let readOnly = ["GET", "HEAD"]

    private static func known(_ path: [String]) -> (methods: [String], route: Route)? {
        switch path.count {
        case 0:
            return (readOnly, .description)
        case 1 where path[0] == "health":
            return (readOnly, .health)
        case 1 where path[0] == "ready":
            return (readOnly, .readiness)
        case 2 where path[0] == "v1":
            switch path[1] {
            case "batch", "b", "import": return (["POST"], .segmentAPI(.batch))
            case "segment": return (["POST"], .segmentDestination)
            case "m": return (["POST"], .selfMetrics)
            default: return callType(path[1]).map { (["POST"], .segmentAPI(.single($0))) }
            }
        case 2 where path[0] == "webhook" && path[1] == "customerio":
            return (["POST"], .customerio(token: nil))
        case 3 where path[0] == "v1" && path[1] == "pixel":
            return CallType(rawValue: path[2]).flatMap { type in
                type == .delete ? nil : (readOnly, .pixel(type))
            }
        case 3 where path[0] == "webhook" && path[1] == "segment":
            return (["POST", "PUT", "PATCH"], .segmentWebhook(token: path[2]))
        case 3 where path[0] == "webhook" && path[1] == "customerio":
            return (["POST"], .customerio(token: path[2]))
        case 3 where path[0] == "webhook" && path[1] == "v1":
            return (["POST"], .partnerWebhook(token: path[2]))
        default:
            return nil
        }
    }

    /// A call by its name, or by the letter that analytics.js uses.
    private static func callType(_ segment: String) -> CallType? {
        switch segment {
        case "i": .identify
        case "t": .track
        case "p": .page
        case "s": .screen
        case "g": .group
        case "a": .alias
        case "delete": nil
        default: CallType(rawValue: segment)
        }
    }
}
