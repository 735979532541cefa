package import Formats

extension Partner {
    private static let keys: [String] = [
        "id", "name", "description", "webhook_token", "status", "validation_config", "created_at",
        "modified_at", "deleted_at",
    ]

    /// Reads a record strictly: an unknown key is an error.
    ///
    /// All mistakes are reported at once.
    package init(_ value: JSONValue, at place: String) throws(PartnerError) {
        var mistakes = MistakeList()
        let record = try RecordReader(value, at: place, keys: Self.keys, mistakes: &mistakes)
        let name = try mistakes.gather { () throws(PartnerError) in try Self.name(record) }
        let id = try mistakes.gather { () throws(PartnerError) in try record.filledText("id") }
        description =
            try mistakes.gather { () throws(PartnerError) in try record.text("description") }
        tokens = try mistakes.gather { () throws(PartnerError) in try Self.tokens(record) } ?? []
        status =
            try mistakes.gather { () throws(PartnerError) in try record.choice("status") }
            ?? .active
        for time in ["created_at", "modified_at"] {
            _ = try mistakes.gather { () throws(PartnerError) in try record.time(time) }
        }
        deletedAt =
            try mistakes.gather { () throws(PartnerError) in try record.time("deleted_at") }
        let place = record.place(of: "validation_config")
        validation =
            try mistakes.gather { () throws(PartnerError) in
                try record["validation_config"].map { value throws(PartnerError) in
                    try ValidationConfig(value, at: place)
                }
            } ?? ValidationConfig()
        try mistakes.check()
        self.name = name ?? ""
        self.id = id ?? self.name
    }

    /// The name, which becomes an attribute of every message.
    private static func name(_ record: RecordReader) throws(PartnerError) -> String {
        guard let name = try record.filledText("name") else {
            throw .invalid(place: record.place, problem: "name is missing")
        }
        try PartnerName.checkIsDelivered(name, at: record.place(of: "name"))
        return name
    }

    /// One token, or several in an array, each of which may say when it expires.
    private static func tokens(_ record: RecordReader) throws(PartnerError) -> [PartnerToken] {
        let key = "webhook_token"
        let place = record.place(of: key)
        guard let value = record[key] else {
            throw .invalid(place: record.place, problem: "\(key) is missing")
        }
        if value.kind == .string { return [try token(value, at: place)] }
        guard value.kind == .array else {
            throw .invalid(place: place, problem: "neither a string nor an array of strings")
        }
        var tokens: [PartnerToken] = []
        for (index, element) in value.elements.enumerated() {
            tokens.append(try token(element, at: "\(place)[\(index)]"))
        }
        guard !tokens.isEmpty else {
            throw .invalid(place: place, problem: "empty; leave it out instead")
        }
        return tokens
    }

    private static func token(
        _ value: JSONValue, at place: String
    ) throws(PartnerError) -> PartnerToken {
        if value.kind == .object {
            let record = try RecordReader(value, at: place, keys: ["token", "expires_at"])
            guard let token = record["token"] else {
                throw .invalid(place: place, problem: "token is missing")
            }
            return PartnerToken(
                hash: try hash(token, at: record.place(of: "token")),
                expiresAt: try record.time("expires_at"))
        }
        return PartnerToken(hash: try hash(value, at: place))
    }

    private static func hash(
        _ value: JSONValue, at place: String
    ) throws(PartnerError) -> TokenHash {
        guard let text = value.string else { throw .invalid(place: place, problem: "not a string") }
        guard let hash = TokenHash(recorded: text) else {
            throw .invalid(
                place: place, problem: text.isEmpty ? "empty" : "not sha256: and 64 hex digits")
        }
        return hash
    }
}
