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
        guard let rules = record["validation_config"] else {
            (allowedIPs, signing) = (nil, nil)
            return
        }
        let validation = try RecordReader(
            rules, at: record.place(of: "validation_config"), keys: ["allowed_ips", "signing"])
        allowedIPs = try Self.networks(validation)
        signing = try validation["signing"].map { value throws(StoreError) in
            try SigningRule(value, at: validation.place(of: "signing"))
        }
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

    private static func networks(_ record: RecordReader) throws(StoreError) -> [IPNetwork]? {
        guard let texts = try record.texts("allowed_ips") else { return nil }
        var networks: [IPNetwork] = []
        for (text, place) in texts {
            guard let network = IPNetwork(text) else {
                throw .invalid(place: place, problem: "not a network such as 203.0.113.0/24")
            }
            networks.append(network)
        }
        return networks
    }
}
