import Formats
import Partners
import Store

extension Command {
    private static let grace = Option(
        name: "grace", value: "TIME",
        help: "how long the old token stays valid, such as 90s, 15m, 24h, 7d or 0 (default: 24h)")

    private static let force = Option(
        name: "force", help: "even if the token before the present one is still valid; it ends now")

    static let partnerRotate = Command(
        words: ["partner", "rotate"], summary: "Give a partner another token, shown once.",
        operands: [Operand(name: "NAME", kind: .partner)],
        options: [grace, force, WebhookAddress.option] + Effect.options,
        details: """
            The new token is valid at once, and the old one for the time of --grace. If the token
            before that is still valid too, --force is needed, and ends it. If a key has leaked, use
            --now: the old token ends at once, as with --grace 0.
            \(Effect.details)
            """,
        examples: [
            Example("inlet partner rotate crm --grace 7d", "a week to change to the new token"),
            Example("inlet partner rotate crm --grace 0", "the old token ends at once"),
        ]
    ) { session throws(InletError) in
        let name = session.arguments.operands[0]
        let effect = try Effect(session)
        let isNow = session.arguments.has(Effect.now)
        let grace = try Grace.duration(
            session.arguments.value(grace) ?? (isNow ? Grace.none : Grace.standard))
        guard !isNow || grace == .zero else {
            throw .usage(
                "--now ends the old token, and --grace keeps it", ["partner", "rotate"])
        }
        let token = Token()
        // Nothing may fail between the change and showing the token.
        let address = try WebhookAddress(session)
        let entry = try session.change(name) { register throws(StoreError) in
            try register.rotate(
                name: name, to: token.hash, grace: grace,
                endingPrevious: session.arguments.has(force))
        }
        try session.show(
            token, of: entry, at: address, said: "Rotated the token of",
            replaced: .some(entry.tokens.dropFirst().first?.expiresAt))
        effect.tell(session)
    }

    static let migrate = Command(
        words: ["migrate"], summary: "Set up the database's tables, or bring them up to date.",
        details: "It may be repeated, also at the same time. Partners stay as they are.",
        examples: [
            Example("inlet migrate", "the database of INLET_PARTNERS"),
            Example("inlet migrate --registry sqlite:new.sqlite", "a new file"),
        ]
    ) { session throws(InletError) in
        let catalog = try session.catalog()
        let applied: [Int]
        do throws(StoreError) {
            applied = try catalog.register().migrate()
        } catch {
            throw .store(error, about: nil)
        }
        if session.isJSON {
            return try session.print(json: { writer in
                writer.object { object in
                    object.name("applied")
                    object.array { array in for version in applied { array.number(version) } }
                }
            })
        }
        let versions = applied.map { String($0) }.joined(separator: ", ")
        try session.print(applied.isEmpty ? "All is up to date." : "Applied: \(versions).")
    }
}
