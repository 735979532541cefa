import Partners
import Senders
import Store

extension Command {
    private static let newName = Option(name: "name", value: "NAME", help: "the new name")
    private static let named = [Operand(name: "NAME", kind: .partner)]

    static let partnerUpdate = Command(
        words: ["partner", "update"],
        summary: "Change a partner's name, description, senders or configuration.",
        operands: named,
        options: [
            newName, .description, SenderChoice.option, .config, SecretReferences.offline,
        ] + Effect.options,
        details: """
            --config replaces the whole validation_config, and --sender its senders. --description ""
            removes the description. If a configuration is not valid, all its mistakes are reported,
            and nothing is changed.
            \(SecretReferences.details)
            \(Effect.details)
            """,
        examples: [
            Example("inlet partner update crm --description 'Ask data@example.com'", "a note"),
            Example("inlet partner update crm --config rules.json --offline", "other rules"),
        ]
    ) { session throws(InletError) in
        let arguments = session.arguments
        let changes = [newName, .description, .config, SenderChoice.option]
        guard changes.contains(where: arguments.has) else {
            throw .usage(
                "nothing to change: give --name, --description, --sender or --config",
                ["partner", "update"])
        }
        let senders = SenderChoice.given(arguments)
        let config = arguments.has(.config) ? try session.newConfig(["partner", "update"]) : nil
        if let config { try SecretReferences.check(config, session) }
        try session.update { record in
            if let name = arguments.value(newName) { record.name = name }
            if let text = arguments.value(.description) {
                record.description = text.isEmpty ? nil : text
            }
            record.validationConfig =
                config ?? SenderChoice.config(record.validationConfig, with: senders)
        }
    }

    static let partnerSuspend = status(
        "suspend", .suspended, "Refuse what a partner sends, until it is activated.")
    static let partnerActivate = status(
        "activate", .active, "Accept what a partner sends again.")
    static let partnerDeactivate = status(
        "deactivate", .inactive, "Switch a partner off: what it sends is refused.")

    private static func status(
        _ word: String, _ status: Partner.Status, _ summary: String
    ) -> Command {
        let refused = answers { $0.heldPartner(named: "", status) }
        return Command(
            words: ["partner", word], summary: summary, operands: named, options: Effect.options,
            details: status == .active ? Effect.details : "\(refused)\n\(Effect.details)",
            examples: [Example("inlet partner \(word) crm", "\(status.rawValue) from then on")]
        ) { session throws(InletError) in
            try session.update { $0.status = status }
        }
    }

    /// How a partner is refused on the routes of each sender.
    private static func answers(_ refusal: (any Sender) -> Refusal) -> String {
        let answers = SenderName.allCases.map { name in
            let sender = RouteTable.sender(name)
            return "\(name.rawValue) \(sender.status(for: refusal(sender).outcome))"
        }
        return "The answer is then: \(answers.joined(separator: ", "))."
    }

    private static let yes = Option(name: "yes", letter: "y", help: "do not ask")

    static let partnerRemove = Command(
        words: ["partner", "remove"],
        summary: "Remove a partner for good: what it sends is refused.",
        operands: named, options: [yes] + Effect.options,
        details: """
            \(answers(\.removedPartner))
            The record stays in the database with the time of its removal. Its tokens cannot be given
            to another partner; its name can. partner list --all and partner show show it.
            \(Effect.details)
            """,
        examples: [Example("inlet partner remove crm --yes", "without a question")]
    ) { session throws(InletError) in
        let effect = try Effect(session)
        let name = session.arguments.operands[0]
        if !session.arguments.has(yes) {
            // Without a partner of that name there is nothing to ask about.
            _ = try session.reading(name) { catalog throws(StoreError) in
                try catalog.register().partner(name: name)
            }
            try session.confirm("Remove \(printable(name))? It cannot be undone. [y/N] ")
        }
        let entry = try session.change(name) { register throws(StoreError) in
            try register.remove(name: name)
        }
        if session.isJSON {
            try session.show(entry)
        } else {
            try session.print("Removed \(printable(entry.name)).")
        }
        effect.tell(session)
    }
}

extension Session {
    fileprivate func update(_ edit: (inout PartnerRecord) -> Void) throws(InletError) {
        let name = arguments.operands[0]
        let effect = try Effect(self)
        let entry = try change(name) { register throws(StoreError) in
            try register.update(name: name, edit)
        }
        if isJSON {
            try show(entry)
        } else {
            try print("\(printable(entry.name)) is \(entry.state).")
        }
        if arguments.has(.config) || arguments.has(SenderChoice.option) { tellHints(of: entry) }
        effect.tell(self)
    }
}
