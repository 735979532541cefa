internal import Gateway

/// What a method and a path ask for.
package enum Route {
    /// `pathWord` is the part of the path that the route leaves open.
    case sender(any Sender, pathWord: String?)
    case service(ServiceRoute)
    case notFound
    /// The path is known, and takes these methods.
    case methodNotAllowed([String])
}

/// A route that takes no calls in; the raw value is for log lines.
package enum ServiceRoute: String, Sendable {
    /// The SDKs' reports about themselves, which hold no event.
    case selfMetrics = "self-metrics"
    case preflight
    /// That the function is alive.
    case health
    /// That what it needs can be reached.
    case readiness = "ready"
    case description
}

/// A part of a route's path.
package enum PathPart: Sendable, ExpressibleByStringLiteral {
    case word(String)
    /// One of these words, which the sender is told.
    case choice([String])
    /// Anything, which the sender is told.
    case token
    /// As many parts as there are, or none, but not this one alone.
    case rest(but: String)

    package init(stringLiteral value: String) { self = .word(value) }

    /// Whether the route itself has this word there.
    package func names(_ segment: String) -> Bool {
        switch self {
        case .word(let word): word == segment
        case .choice(let words): words.contains(segment)
        case .token, .rest: false
        }
    }

    fileprivate var isOpen: Bool {
        switch self {
        case .word, .rest: false
        case .choice, .token: true
        }
    }

    fileprivate var text: String {
        switch self {
        case .word(let word): word
        case .choice(let words): "{\(words.joined(separator: ","))}"
        case .token: "{token}"
        case .rest: "*"
        }
    }
}

/// Where requests with a path go, and by which methods they may come.
package struct RouteRule: Sendable {
    enum Target: Sendable {
        case sender(any Sender)
        case service(ServiceRoute)
    }

    let methods: [String]
    package let path: [PathPart]
    let target: Target

    init(_ methods: [String], _ path: [PathPart], _ sender: any Sender) {
        (self.methods, self.path, target) = (methods, path, .sender(sender))
    }

    init(_ methods: [String], _ path: [PathPart], _ service: ServiceRoute) {
        (self.methods, self.path, target) = (methods, path, .service(service))
    }

    /// As people read it: `POST /webhook/v1/{token}`.
    package var text: String { "\(methods.joined(separator: "|")) \(pathText)" }

    private var pathText: String { "/" + path.map(\.text).joined(separator: "/") }

    var sender: (any Sender)? {
        guard case .sender(let sender) = target else { return nil }
        return sender
    }

    /// False for a rule of whatever begins so: other methods are not told of it.
    var isExact: Bool {
        if case .rest = path.last { false } else { true }
    }

    func takes(_ segments: ArraySlice<String>) -> Bool {
        var rest = segments
        for part in path {
            switch part {
            case .rest(let exception): return rest.count != 1 || rest.first != exception
            case .token: guard rest.popFirst() != nil else { return false }
            case .word, .choice:
                guard let segment = rest.popFirst(), part.names(segment) else { return false }
            }
        }
        return rest.isEmpty
    }

    func route(of segments: ArraySlice<String>) -> Route {
        switch target {
        case .service(let service): return .service(service)
        case .sender(let sender):
            let place = path.firstIndex { $0.isOpen }
            return .sender(sender, pathWord: place.map { segments[segments.startIndex + $0] })
        }
    }

    /// The path, if no part of it is open.
    var fixedPath: String? { path.contains { $0.isOpen } ? nil : pathText }

    /// The path with a word in its open part; nil if it has none that takes this word.
    func path(filledWith word: String) -> String? {
        guard let place = path.firstIndex(where: { $0.isOpen }) else { return nil }
        if case .choice(let words) = path[place], !words.contains(word) { return nil }
        return path.indices.map { $0 == place ? "/\(word)" : "/\(path[$0].text)" }.joined()
    }
}
