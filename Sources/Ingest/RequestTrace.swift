internal import Gateway
internal import LambdaRuntime
internal import Senders

/// Where a request went and where it came from, as a log line may say it.
///
/// A path may hold a token, and a mistyped one may hold it anywhere: only the words of routes in
/// their places are shown, and an asterisk for all else.
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
    /// Segments that are shown of a path.
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
                // What stands before a route may be a stage's name; what stands in one is a token.
                if depth > 0 { rules = [] }
            }
        }
        return shown.isEmpty ? "/" : segments.count > longestPath ? "\(shown)/…" : shown
    }
}
