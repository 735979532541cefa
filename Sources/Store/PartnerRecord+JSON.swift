package import Formats
package import Partners

extension PartnerRecord {
    /// The record's JSON, as every program reads and writes it.
    package var json: [UInt8] {
        var writer = JSONWriter(reserving: 512 + validationConfig.count)
        write(to: &writer)
        return writer.bytes
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("id", id)
            $0.member("name", name)
            $0.name("description")
            if let description { $0.string(description) } else { $0.null() }
            $0.name("webhook_token")
            if let previousToken {
                $0.array { tokens in
                    tokens.string(token.recorded)
                    tokens.object { previous in
                        previous.member("token", previousToken.hash.recorded)
                        previous.time("expires_at", previousToken.expiresAt)
                    }
                }
            } else {
                $0.string(token.recorded)
            }
            $0.member("status", status.rawValue)
            $0.member("validation_config", raw: validationConfig[...])
            $0.time("created_at", createdAt)
            $0.time("modified_at", modifiedAt)
            $0.time("deleted_at", deletedAt)
        }
    }

    /// The partner that this record describes, read as strictly as JSON is.
    package func partner(at place: String) throws(PartnerError) -> Partner {
        // What is not one JSON value could be read as further keys of the record.
        _ = try Self.text(validationConfig, at: "\(place).validation_config")
        return try Partner(Self.text(json, at: place).root, at: place)
    }

    /// The same, named in errors as the row of a table.
    func partner() throws(PartnerError) -> Partner {
        try partner(at: "\(SQLPartners.table)[\(id)]")
    }

    static func text(_ json: [UInt8], at place: String) throws(PartnerError) -> JSONText {
        do throws(JSONError) {
            return try JSONText(json)
        } catch {
            throw .invalid(place: place, problem: "not JSON: \(error.reason)")
        }
    }
}

extension JSONWriter {
    fileprivate mutating func time(_ name: String, _ time: Timestamp?) {
        self.name(name)
        if let text = time?.rfc3339 { string(text) } else { null() }
    }
}
