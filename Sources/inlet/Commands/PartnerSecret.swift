import Formats
import Store

extension Command {
    private static let secretFile = Option(
        name: "secret-file", value: "FILE",
        help:
            "holds the secret, or where it is kept (ssm:…, secretsmanager:…); - is standard input",
        isFile: true)
    private static let index = Option(
        name: "index", value: "N", help: "the secret's place in the list, counted from 0")
    private static let named = [Operand(name: "NAME", kind: .partner)]

    static let partnerSecretAdd = Command(
        words: ["partner", "secret", "add"],
        summary: "Let a partner sign by a further secret, beside those it has.", operands: named,
        options: [secretFile, SecretReferences.offline] + Effect.options,
        details: """
            A signature by any of the secrets counts. One line break at the file's end is left out.
            \(SecretReferences.details)
            \(Effect.details)
            """,
        examples: [
            Example(
                "inlet partner secret add signed --secret-file secret.txt",
                "a new one, beside the old"),
            Example(
                "echo ssm:/inlet/crm/new | inlet partner secret add signed --secret-file - --offline",
                "one that is kept elsewhere"),
        ]
    ) { session throws(InletError) in
        guard let path = session.arguments.value(secretFile) else {
            throw .usage("--secret-file is missing", ["partner", "secret", "add"])
        }
        let secret = try SigningSecrets.secret(in: try session.contents(of: path))
        try session.changeSecrets(adding: secret) { $0.append(secret) }
    }

    static let partnerSecretDrop = Command(
        words: ["partner", "secret", "drop"],
        summary: "Let a partner's signatures by one of its secrets count no longer.",
        operands: named, options: [index] + Effect.options,
        details: """
            partner show lists the secrets in their order. The last one cannot be dropped: partner update
            --config changes how a partner signs.
            \(Effect.details)
            """,
        examples: [Example("inlet partner secret drop signed --index 0", "the oldest one")]
    ) { session throws(InletError) in
        guard let text = session.arguments.value(index) else {
            throw .usage("--index is missing", ["partner", "secret", "drop"])
        }
        guard let place = Int(text), place >= 0 else {
            throw .malformed("--index", expected: "a number, counted from 0")
        }
        try session.changeSecrets { secrets in
            if secrets.indices.contains(place) { secrets.remove(at: place) } else { secrets = [] }
        }
    }
}

extension Session {
    /// Changes a partner's signing secrets, each as the JSON text that it is in the record.
    ///
    /// `change` leaves none if there is no such secret. A new one that is kept elsewhere is read.
    fileprivate func changeSecrets(
        adding new: [UInt8]? = nil, _ change: (inout [[UInt8]]) -> Void
    ) throws(InletError) {
        let name = arguments.operands[0]
        let effect = try Effect(self)
        var known = try reading(name) { catalog throws(StoreError) in
            SigningSecrets(in: try catalog.register().partner(name: name).validationConfig)
        }
        guard known.list != nil else { throw .noSigning(name) }
        known.list.map { list in
            var list = list
            change(&list)
            known.list = list
        }
        guard let list = known.list, !list.isEmpty else { throw .noSuchSecret(name) }
        if let new {
            var alone = known
            alone.list = [new]
            try SecretReferences.check(alone.config, self)
        }
        let (before, after) = (known.original, known.config)
        let entry = try self.change(name) { register throws(StoreError) in
            try register.update(name: name) { record throws(StoreError) in
                // What was looked at must still be there.
                guard record.validationConfig == before else { throw .changedMeanwhile }
                record.validationConfig = after
            }
        }
        if isJSON {
            try show(entry)
        } else {
            try print("\(printable(entry.name)) has \(list.count) signing secrets.")
        }
        effect.tell(self)
    }
}
