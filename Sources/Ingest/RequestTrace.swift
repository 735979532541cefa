internal import Gateway
internal import LambdaRuntime

/// Where a request went and whence it came, as a log line may say it.
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

    var fields: [(name: String, value: LogValue)] {
        let whence = sourceIP.map { [(name: "sourceIp", value: LogValue.text($0))] } ?? []
        return [("method", .text(method)), ("path", .text(path))] + whence
    }

    private static let longestMethod = 16
    /// Segments that are shown of a path.
    private static let longestPath = 8

    private static func shown(_ segments: [String]) -> String {
        var words = beginnings
        var shown = ""
        for segment in segments.prefix(longestPath) {
            if let word = words.first(where: { $0 == segment }) {
                shown += "/\(word)"
                words = following(word, in: shown)
            } else {
                shown += "/*"
                // What stands before a route may be a stage's name; what stands in one is a token.
                if words != beginnings { words = [] }
            }
        }
        return shown.isEmpty ? "/" : segments.count > longestPath ? "\(shown)/…" : shown
    }

    private static let beginnings = ["v1", "webhook", "health", "ready"]
    private static let calls = ["identify", "track", "page", "screen", "group", "alias"]
    private static let letters = ["i", "t", "p", "s", "g", "a"]

    private static func following(_ word: String, in shown: String) -> [String] {
        switch word {
        case "webhook": ["segment", "customerio", "v1"]
        case "v1" where !shown.split(separator: "/").contains("webhook"):
            calls + letters + ["batch", "b", "import", "m", "pixel", "segment"]
        case "pixel": calls
        default: []
        }
    }
}
