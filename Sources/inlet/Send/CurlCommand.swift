import Formats
import Samples

/// A request as a curl command.
enum CurlCommand {
    /// The command; `path` is the file that holds the body, nil for a body that stands in it.
    ///
    /// Nil if the body is no text, and so could not stand there.
    static func text(_ request: SampleRequest, to base: String, path: String?) -> String? {
        var lines = ["curl -sS -X \(request.method) \(shellWord(base + request.path))"]
        lines += request.headers.map { "-H \(shellWord("\($0.name): \($0.value)"))" }
        if let path {
            lines.append("--data-binary \(shellWord("@\(path)"))")
        } else {
            guard let body = String(validating: request.body, as: UTF8.self),
                !request.body.contains(0)
            else { return nil }
            // With --data-raw a body may begin with @.
            lines.append("--data-raw \(shellWord(body))")
        }
        return lines.joined(separator: " \\\n  ")
    }
}
