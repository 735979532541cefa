internal import Formats

extension Partner {
    private static let keys: Set<String> = [
        "id", "name", "description", "webhook_token", "status", "validation_config", "created_at",
        "modified_at", "deleted_at",
    ]

    /// Reads a record, strictly: a key that means nothing here is an error.
    init(_ value: JSONValue, at place: String) throws(StoreError) {
        let record = try RecordReader(value, at: place, keys: Self.keys)
        guard let name = try record.filledText("name") else {
            throw .invalid(place: place, problem: "name is missing")
        }
        // It becomes an attribute of every message.
        guard name.utf8.count <= 256 else {
            throw .invalid(place: "\(place).name", problem: "longer than 256 bytes")
        }
        self.name = name
        id = try record.filledText("id") ?? name
        description = try record.text("description")
        tokenHashes = try Self.tokenHashes(record)
        status = try record.choice("status") ?? .active
        _ = try record.time("created_at")
        _ = try record.time("modified_at")
        deletedAt = try record.time("deleted_at")
        let place = record.place(of: "validation_config")
        validation =
            try record["validation_config"].map { value throws(StoreError) in
                try ValidationConfig(value, at: place)
            } ?? ValidationConfig()
    }

    /// The hashes of one token, or of several in an array.
    private static func tokenHashes(_ record: RecordReader) throws(StoreError) -> [TokenHash] {
        let key = "webhook_token"
        guard let value = record[key] else {
            throw .invalid(place: record.place, problem: "\(key) is missing")
        }
        let tokens: [(text: String, place: String)]
        if let text = value.string {
            tokens = [(text, record.place(of: key))]
        } else if value.kind == .array {
            tokens = try record.texts(key) ?? []
        } else {
            throw .invalid(
                place: record.place(of: key), problem: "neither a string nor an array of strings")
        }
        var hashes: [TokenHash] = []
        for (text, place) in tokens {
            guard let hash = TokenHash(recorded: text) else {
                throw .invalid(
                    place: place, problem: text.isEmpty ? "empty" : "not sha256: and 64 hex digits")
            }
            hashes.append(hash)
        }
        return hashes
    }
}

extension SigningRule {
    /// A day: a longer tolerance would be no protection.
    private static let maximumToleranceSeconds = 86400

    init(_ value: JSONValue, at place: String) throws(StoreError) {
        let record = try RecordReader(
            value, at: place, keys: ["scheme", "secrets", "tolerance_seconds"])
        guard let scheme: Scheme = try record.choice("scheme") else {
            let known = Scheme.allCases.map(\.rawValue).joined(separator: ", ")
            throw .invalid(place: place, problem: "scheme is missing; known are \(known)")
        }
        self.scheme = scheme
        guard let texts = try record.texts("secrets") else {
            throw .invalid(place: place, problem: "secrets are missing")
        }
        var secrets: [Secret] = []
        for (text, place) in texts {
            guard !text.isEmpty else { throw .invalid(place: place, problem: "empty") }
            secrets.append(Secret(text))
        }
        self.secrets = secrets
        guard let value = record["tolerance_seconds"] else {
            tolerance = Self.defaultTolerance
            return
        }
        guard let seconds = value.int, 1...Self.maximumToleranceSeconds ~= seconds else {
            throw .invalid(
                place: record.place(of: "tolerance_seconds"),
                problem: "not a whole number from 1 to \(Self.maximumToleranceSeconds)")
        }
        tolerance = .seconds(seconds)
    }
}
