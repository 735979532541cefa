import Formats
import Partners
import Store

extension Command {
    private static let tokenFile = Option(
        name: "token-file", value: "FILE",
        help: "holds a token that the partner has already, or sha256: of it; - is standard input",
        isFile: true)
    private static let inactive = Option(
        name: "inactive", help: "add it as INACTIVE; partner activate lets it send")

    static let partnerAdd = Command(
        words: ["partner", "add"], summary: "Add a partner and show its token once.",
        operands: [Operand(name: "NAME", kind: .newName)],
        options: [
            SenderChoice.option, .description, .config, SecretReferences.offline, tokenFile,
            inactive, WebhookAddress.option,
        ],
        details: """
            The token has 192 random bits. It is shown once, with its URL, in a line for each sender.
            Only its hash is kept, so it cannot be shown again; partner rotate gives a new one. It
            opens the routes of its senders and no others. For a public write key that should be
            \(SenderChoice.usual) alone. --sender writes validation_config.senders.
            \(SecretReferences.details)
            """,
        examples: [
            Example("inlet partner add shop --sender partner", "webhooks of its own, a new token"),
            Example(
                "inlet partner add site --token-file write-key.txt",
                "calls of the tracking API, with a write key that is in use already"),
            Example(
                "inlet partner add shop --config rules.json --offline",
                "rules from a file, whose secrets cannot be read from here"),
        ]
    ) { session throws(InletError) in
        let name = session.arguments.operands[0]
        guard session.arguments.value(tokenFile) != "-" || session.arguments.value(.config) != "-"
        else {
            throw .usage("only one of --config and --token-file can be -", ["partner", "add"])
        }
        let config = try session.newConfig(["partner", "add"]) ?? Array("{}".utf8)
        let token: Token
        if let path = session.arguments.value(tokenFile) {
            token = try Token(existing: try session.contents(of: path))
        } else {
            token = Token()
        }
        let address = try WebhookAddress(session)
        try SecretReferences.check(config, session)
        let entry = try session.change(name) { register throws(StoreError) in
            try register.add(
                name: name, description: session.arguments.value(.description),
                token: token.hash,
                status: session.arguments.has(inactive) ? .inactive : .active, config: config)
        }
        if token.isShort { session.console.note("The token is short, so somebody may guess it.") }
        try session.show(
            token, of: entry, at: address, said: "Added", isNew: !session.arguments.has(tokenFile))
        session.tellHints(of: entry)
    }
}

extension Option {
    static let description = Option(
        name: "description", value: "TEXT", help: "who the partner is, and whom to ask",
        mayBeEmpty: true)
    static let config = Option(
        name: "config", value: "FILE|JSON",
        help: "its validation_config: a file, - for standard input, or the JSON object itself",
        isFile: true)
}

extension Session {
    /// The bytes of `--config`; nil without it.
    func config() throws(InletError) -> [UInt8]? {
        guard let text = arguments.value(.config) else { return nil }
        let isJSON = text.utf8.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == 0x7B
        let bytes = isJSON ? Array(text.utf8) : try contents(of: text)
        try SecretMask.check(bytes)
        return bytes
    }

    /// The bytes of `--config` with the senders of `--sender`; nil without both.
    ///
    /// `words` name the command, for its help.
    func newConfig(_ words: [String]) throws(InletError) -> [UInt8]? {
        let senders = SenderChoice.given(arguments)
        guard let config = try config() else {
            return senders.map { SenderChoice.config(Array("{}".utf8), with: $0) }
        }
        guard senders == nil || !SenderChoice.isNamed(in: config) else {
            throw .usage(
                "--sender and --config both name the senders: leave --sender out, or take "
                    + "\"senders\" out of the configuration", words)
        }
        return SenderChoice.config(config, with: senders)
    }

    /// Says which of a partner's senders and signing contradict each other.
    func tellHints(of entry: PartnerEntry) {
        for hint in entry.usable?.hints ?? [] { console.note("Mind: \(hint)") }
    }

    /// Changes the partner with this name.
    func change(
        _ name: String, _ change: (PartnerRegister) throws(StoreError) -> PartnerRecord
    ) throws(InletError) -> PartnerEntry {
        let catalog = try catalog()
        do throws(StoreError) {
            return PartnerEntry(try change(try catalog.register()))
        } catch {
            throw .store(error, about: name)
        }
    }

    /// Shows a partner's new token, with the URL of each of its senders.
    ///
    /// `replaced` is when the old token ends, or nil within if it has ended. Without an old token
    /// it is nil itself.
    func show(
        _ token: Token, of entry: PartnerEntry, at address: WebhookAddress, said: String,
        isNew: Bool = true, replaced: Timestamp?? = nil
    ) throws(InletError) {
        if isJSON {
            try print(json: { writer in
                writer.object { object in
                    object.name("partner")
                    entry.write(to: &object)
                    if let text = token.text { object.member("token", text) }
                    write(entry.senders.map { ($0, address.url(token.text, of: $0)) }, to: &object)
                    guard let replaced else { return }
                    object.name("old_token_valid_until")
                    if let end = replaced?.rfc3339 { object.string(end) } else { object.null() }
                }
            })
        } else if isNew, let text = token.text {
            // A record that cannot be used has no senders, but its token is shown all the same.
            let urls = entry.senders.map { "  " + address.url(text, of: $0) }
            let lines = (urls.isEmpty ? [""] : urls).map { text + $0 }
            try print(
                """
                \(said) \(printable(entry.name)). This is its token and its URL, shown only now:
                \(lines.joined(separator: "\n"))
                """)
        } else {
            let urls = entry.senders.map { address.url(nil, of: $0) }
            try print(
                "\(said) \(printable(entry.name)). Its URL: \(urls.joined(separator: "  "))")
        }
        if let replaced, !isJSON {
            let end = replaced?.rfc3339
            try print(
                end.map { "The old one is valid until \($0)." } ?? "The old one is no longer valid."
            )
        }
        if address.isPlaceholder { console.note(WebhookAddress.hint) }
    }

    /// Writes the first URL, and all of them by their senders if there are several.
    private func write(
        _ urls: [(sender: SenderName, url: String)], to object: inout JSONWriter
    ) {
        if let first = urls.first { object.member("url", first.url) }
        guard urls.count > 1 else { return }
        object.name("urls")
        object.object { object in
            for (sender, url) in urls { object.member(sender.rawValue, url) }
        }
    }
}
