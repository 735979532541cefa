import Formats
import Store

extension Command {
    private static let dryRun = Option(
        name: "dry-run", help: "say what would be done, and what is wrong, without doing it")

    static let partnerExport = Command(
        words: ["partner", "export"], summary: "Print partners as JSON lines, to import elsewhere.",
        options: PartnerFilter.chosen + [.showSecrets],
        details: """
            A line is a partner's record, with hashes in place of tokens. Of signing secrets that are kept
            elsewhere it has the place. Those in the record itself are masked, so that the line cannot be
            imported, unless --show-secrets is given.
            """,
        examples: [
            Example("inlet partner export >partners.jsonl", "all that are not removed"),
            Example("inlet partner export --name 'web-*' --status ACTIVE", "some of them"),
        ]
    ) { session throws(InletError) in
        let filter = try PartnerFilter(session.arguments)
        var unreadable: [StoreError] = []
        let entries = filter.apply(
            to: try session.reading(nil) { catalog throws(StoreError) in
                try catalog.entries(includingRemoved: filter.includesRemoved) {
                    unreadable.append($0)
                }
            })
        let shows = session.arguments.has(.showSecrets)
        for entry in entries {
            try session.print(json: { entry.write(to: &$0, showingSecrets: shows) })
        }
        for problem in unreadable {
            session.console.note("Left out: \(printable(problem.reason))")
        }
        let masked = shows ? 0 : entries.count { SecretMask.isNeeded($0["validation_config"]) }
        if masked > 0 {
            session.console.note(
                "\(masked) partners hold signing secrets, which are masked: --show-secrets exports "
                    + "them.")
        }
        guard unreadable.isEmpty else { throw .negative }
    }

    static let partnerImport = Command(
        words: ["partner", "import"],
        summary: "Add the partners of an export, all of them or none.",
        operands: [Operand(name: "FILE", kind: .file)],
        options: [dryRun, SecretReferences.offline],
        details: """
            FILE holds one JSON record in a line; - is standard input. Each mistake is named by its line.
            A record keeps its id, tokens, status and times. One without an id gets a new one. A name, id
            or token that a partner has already is a mistake. Up to \(PartnerRegister.maximumImport) partners
            are imported at once, and in DynamoDB those whose items one transaction takes: about 30.
            \(SecretReferences.details)
            """,
        examples: [
            Example("inlet partner import partners.jsonl --dry-run", "what is wrong with it"),
            Example(
                "inlet partner export | inlet partner import - --offline --registry sqlite:copy.sqlite",
                "from one database into another"),
        ]
    ) { session throws(InletError) in
        let lines = try session.lines(of: session.arguments.operands[0])
        let isDry = session.arguments.has(dryRun)
        let records = try session.reading(nil) { catalog throws(StoreError) in
            try catalog.register().read(lines)
        }
        for record in records { try SecretReferences.check(record.validationConfig, session) }
        if !isDry {
            try session.reading(nil) { catalog throws(StoreError) in
                try catalog.register().add(records)
            }
        }
        guard !session.isJSON else {
            return try session.print(json: { writer in
                writer.object { object in
                    object.member("imported", isDry ? 0 : records.count)
                    object.member("dryRun", isDry)
                    object.name("partners")
                    object.array { array in for record in records { array.string(record.name) } }
                }
            })
        }
        try session.print("\(isDry ? "Would import" : "Imported") \(records.count) partners.")
    }
}

extension Session {
    /// The lines of an export that are not blank.
    fileprivate func lines(of path: String) throws(InletError) -> [PartnerLine] {
        let bytes = try contents(of: path)
        let parts = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        var lines: [PartnerLine] = []
        for (index, part) in parts.enumerated() where !part.allSatisfy(JSONText.isSpace) {
            let line = PartnerLine(number: index + 1, json: Array(part))
            if let config = try? JSONText(line.json).root["validation_config"] {
                do throws(InletError) {
                    try SecretMask.check(Array(config.raw))
                } catch .masked(let place) {
                    throw .masked(place: "line \(line.number): \(place)")
                }
            }
            lines.append(line)
        }
        return lines
    }
}
