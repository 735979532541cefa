import Formats

/// What the emulator prints once it serves: where, what, and how to reach it.
struct Greeting {
    let authority: String
    let template: Template
    /// For the topics and queues; nil if messages go to another SNS.
    let access: FunctionSettings.Credentials?
    let missing: [MissingService]

    var text: String {
        var lines = ["Inlet emulator listening on http://\(authority)"]
        if let access {
            lines.append("  SQS and SNS, for AWS's SDKs, its command line, and inlet:")
            lines.append("  export \(variables(access))")
        }
        for api in template.apis {
            for route in api.routes {
                let method = route.method
                let padding = String(repeating: " ", count: max(0, 7 - method.count))
                let authorizer = route.authorizer.map { " (authorizer \($0))" } ?? ""
                lines.append(
                    "  \(method)\(padding) \(route.path) -> \(route.function)\(authorizer)")
            }
        }
        for topic in template.topics { lines.append("  topic   \(topic.arn)") }
        lines += access == nil ? elsewhere : deliveries
        for one in missing { lines.append("  \(one.advice)") }
        return lines.joined(separator: "\n")
    }

    private var deliveries: [String] {
        template.subscriptions.map { "  queue   \($0.queue) <- \($0.topic)" }
            + template.eventSources.map { "  poller  \($0.queue) -> \($0.function)" }
    }

    private var elsewhere: [String] {
        guard !template.subscriptions.isEmpty else { return [] }
        return ["  With --sns no queue is filled and none is polled:"]
            + template.eventSources.map { "  \($0.function) does not run by \($0.queue)" }
    }

    /// The variables by which AWS's programs find the emulator, as a shell takes them.
    private func variables(_ access: FunctionSettings.Credentials) -> String {
        [
            NamedValue("AWS_ENDPOINT_URL", "http://\(authority)\(AWSDesk.path)"),
            NamedValue("AWS_REGION", template.region),
            NamedValue("AWS_DEFAULT_REGION", template.region),
            NamedValue("AWS_ACCESS_KEY_ID", access.accessKeyID),
            NamedValue("AWS_SECRET_ACCESS_KEY", access.secretAccessKey),
            NamedValue("AWS_SESSION_TOKEN", access.sessionToken ?? ""),
        ].map { "\($0.name)=\($0.value)" }.joined(separator: " ")
    }
}
