/// A setting that a context may hold: what an option of `context add` gives, or a stack.
struct ContextSetting {
    let variable: String
    let option: Option
    /// True if a value may hold a password, which belongs somewhere else.
    var mayHoldSecret = false

    static let rejectedTopic = "INLET_REJECTED_TOPIC_ARN"
    static let rejectedTopicOption = Option(
        name: "rejected-topic", value: "ARN",
        help: "the topic of rejected input (default: \(rejectedTopic))")
    static let regionVariable = "AWS_REGION"
    static let region = Option(name: "region", value: "REGION", help: "the stack's region")

    static let all = [
        ContextSetting(variable: EmulatorAddress.variable, option: Place.option),
        ContextSetting(variable: WebhookAddress.variable, option: WebhookAddress.option),
        ContextSetting(
            variable: Session.registryVariable, option: .registry, mayHoldSecret: true),
        ContextSetting(variable: RejectedQueue.variable, option: RejectedQueue.option),
        ContextSetting(variable: Replayer.variable, option: Replayer.topic),
        ContextSetting(variable: rejectedTopic, option: rejectedTopicOption),
        ContextSetting(variable: ArchiveAddress.variable, option: ArchiveAddress.option),
        ContextSetting(variable: LogSearch.variable, option: LogSearch.group),
        ContextSetting(
            variable: WarehouseOptions.variable, option: WarehouseOptions.warehouse,
            mayHoldSecret: true),
        ContextSetting(
            variable: WarehouseOptions.schemaVariable, option: WarehouseOptions.schema),
        ContextSetting(variable: Effect.variable, option: Effect.lifetime),
        ContextSetting(variable: regionVariable, option: region),
        ContextSetting(
            variable: "AWS_PROFILE",
            option: Option(name: "profile", value: "NAME", help: "the profile of AWS's files")),
    ]

    /// The place of a variable among all; the last one if it is none of them.
    static func order(_ variable: String) -> Int {
        all.firstIndex { $0.variable == variable } ?? all.count
    }

    /// Characters of a value.
    private static let maximumValue = 4096

    /// Refuses a value that is a secret, or holds one.
    func check(_ value: String) throws(InletError) {
        guard 1...Self.maximumValue ~= value.utf8.count else {
            throw .malformed(
                "--\(option.name)", expected: "1 to \(Self.maximumValue) bytes of text")
        }
        guard mayHoldSecret else { return }
        // A JSON array of partners holds tokens.
        guard !Self.hasPassword(value), value.first(where: { !$0.isWhitespace }) != "[" else {
            throw .context(
                "--\(option.name) may hold a secret: store it, and give its place (ssm:…, "
                    + "secretsmanager:…)")
        }
    }
    /// True for a URI of PostgreSQL with a password in it.
    private static func hasPassword(_ uri: String) -> Bool {
        guard uri.hasPrefix("postgres") else { return false }
        // Before the user's @, the scheme has one colon, and a password another.
        let user = uri.lastIndex(of: "@").map { uri[..<$0] } ?? ""
        return user.count { $0 == ":" } > 1 || uri.contains("password=")
    }
}
