internal import Gateway
internal import LambdaRuntime
internal import Senders

/// A request's path and source, as a log line may show them.
///
/// A path may hold a token, and a mistyped path may hold it anywhere. Only the words of routes are
/// shown, each in its place; anything else is redacted to an asterisk.
struct RequestTrace {
    private let method: String
    private let path: String
    private let sourceIP: String?

    init(_ request: Request) {
        let isWord =
            (1...Self.longestMethod).contains(request.method.utf8.count)
            && request.method.utf8.allSatisfy { $0 &- UInt8(ascii: "A") < 26 }
        method = isWord ? request.method : "*"
        path = Self.shown(request.path)
        sourceIP = request.sourceIP
    }

    var fields: [LogField] {
        let whence = sourceIP.map { [LogField("sourceIp", .text($0))] } ?? []
        return [LogField("method", .text(method)), LogField("path", .text(path))] + whence
    }

    private static let longestMethod = 16
    /// How many segments of a path are shown.
    private static let longestPath = 8

    private static func shown(_ segments: [String]) -> String {
        var rules = RouteTable.rules
        var depth = 0
        var shown = ""
        for segment in segments.prefix(longestPath) {
            let fitting = rules.filter { depth < $0.path.count && $0.path[depth].names(segment) }
            if !fitting.isEmpty {
                shown += "/\(segment)"
                rules = fitting
                depth += 1
            } else {
                shown += "/*"
                // An unknown segment before a route may be a stage's name; one inside is a token.
                if depth > 0 { rules = [] }
            }
        }
        return shown.isEmpty ? "/" : segments.count > longestPath ? "\(shown)/…" : shown
    }
}
