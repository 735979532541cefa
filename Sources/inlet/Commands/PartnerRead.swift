import Formats
import Partners
import Store

extension Command {
    static let partnerList = Command(
        words: ["partner", "list"], summary: "List the partners.",
        options: PartnerFilter.chosen + [PartnerFilter.sort, PartnerFilter.limit, .quiet],
        details: """
            A record that cannot be used, because something else has changed it, is shown as
            UNREADABLE, with the reason. The exit code is then 1.
            """,
        examples: [
            Example("inlet partner list", "the partners that are not removed"),
            Example("inlet partner list --all --quiet", "all names, one in a line"),
            Example(
                "inlet partner list --status ACTIVE --sender partner --sort modified --limit 10",
                "the ten that were changed last"),
        ]
    ) { session throws(InletError) in
        var nameless: [StoreError] = []
        let filter = try PartnerFilter(session.arguments)
        let entries = filter.apply(
            to: try session.reading(nil) { catalog throws(StoreError) in
                try catalog.entries(includingRemoved: filter.includesRemoved) {
                    nameless.append($0)
                }
            })
        let listing = PartnerListing(entries, nameless: nameless)
        try session.list(listing)
        guard listing.isReadable else { throw .negative }
    }

    static let partnerShow = Command(
        words: ["partner", "show"], summary: "Show everything about a partner.",
        operands: [Operand(name: "NAME", kind: .partner)], options: [.showSecrets],
        details: """
            Tokens are shown as their hashes. Secrets in the configuration itself are masked; of those
            kept elsewhere the place is shown. If no partner has the name now, the removed partner
            that had it last is shown.
            """,
        examples: [
            Example("inlet partner show crm", "for a person"),
            Example("inlet partner show crm --json", "for a program"),
        ]
    ) { session throws(InletError) in
        let name = session.arguments.operands[0]
        let entries = try session.reading(name) { catalog throws(StoreError) in
            try catalog.entries(named: name)
        }
        guard let entry = entries.first else { return }
        try session.show(entry, showingSecrets: session.arguments.has(.showSecrets))
        guard entries.count > 1 else { return }
        session.console.note(
            "\(entries.count - 1) more partners of this name were removed: partner list --all.")
    }
}

extension Option {
    static let showSecrets = Option(
        name: "show-secrets", help: "print signing secrets that the configuration holds itself")
}

extension Session {
    /// Reads from where the partners are kept; `name` is the partner in question.
    func reading<Found>(
        _ name: String?, _ read: (PartnerCatalog) throws(StoreError) -> Found
    ) throws(InletError) -> Found {
        let catalog = try catalog()
        do throws(StoreError) {
            return try read(catalog)
        } catch {
            throw .store(error, about: name)
        }
    }

    /// Prints a text whose last line is complete.
    func printLines(_ text: String) throws(InletError) {
        guard console.write(text) else { throw .outputFailed }
    }

    fileprivate func list(_ listing: PartnerListing) throws(InletError) {
        if isJSON || arguments.has(.quiet) {
            for note in listing.notes { console.note(note) }
        }
        if isJSON {
            return try print(json: { writer in
                writer.array { array in
                    for entry in listing.entries { entry.write(to: &array) }
                }
            })
        }
        if arguments.has(.quiet) {
            for entry in listing.entries { try print(printable(entry.name)) }
            return
        }
        guard !listing.entries.isEmpty || !listing.nameless.isEmpty else {
            return console.note("There are no such partners. Add one: inlet partner add NAME.")
        }
        try print(listing.table(isWide: isWide))
    }

    func show(_ entry: PartnerEntry, showingSecrets: Bool = false) throws(InletError) {
        if isJSON {
            return try print(json: { entry.write(to: &$0, showingSecrets: showingSecrets) })
        }
        var config = JSONWriter()
        if let value = entry["validation_config"] {
            if showingSecrets {
                config.raw(value.raw)
            } else {
                SecretMask.write(value, to: &config)
            }
        }
        var table = Table("name", printable(entry.name))
        table.add("id", entry["id"]?.string ?? "")
        table.add("status", entry.state)
        table.add("description", entry.description ?? "")
        table.add("senders", SenderName.list(entry.senders))
        for token in entry.tokens {
            let end = token.expiresAt?.rfc3339.map { " until \($0)" } ?? ""
            table.add("token", token.hash.recorded + end)
        }
        table.add("validation_config", config.text.isEmpty ? "{}" : config.text)
        for field in ["created_at", "modified_at", "deleted_at"]
        where !entry.time(field).isEmpty {
            table.add(field, entry.time(field))
        }
        try print(table)
    }
}
