import Formats

/// Masks the signing secrets that a configuration holds itself.
enum SecretMask {
    static let text = "***"

    /// Writes a `validation_config` with its secrets masked; a reference to a secret is shown.
    static func write(_ config: JSONValue, to writer: inout JSONWriter) {
        writeMembers(of: config, to: &writer) { member, writer in
            guard member.name.equals("signing") else { return writer.raw(member.value.raw) }
            writeMembers(of: member.value, to: &writer) { member, writer in
                guard member.name.equals("secrets"), member.value.kind == .array else {
                    return writer.raw(member.value.raw)
                }
                writer.array { array in
                    for secret in member.value.elements {
                        if isPlace(secret) { array.raw(secret.raw) } else { array.string(text) }
                    }
                }
            }
        }
    }

    /// Refuses a configuration that holds the mask, because it was copied from what `show` prints.
    static func check(_ config: [UInt8]) throws(InletError) {
        guard let root = try? JSONText(config).root,
            let secrets = root["signing"]?["secrets"]
        else { return }
        for (index, secret) in secrets.elements.enumerated()
        where secret.string?.hasPrefix(text) == true {
            throw .masked(place: "validation_config.signing.secrets[\(index)]")
        }
    }

    /// True for a configuration with a secret of its own.
    static func isNeeded(_ config: JSONValue?) -> Bool {
        let secrets = config?["signing"]?.unlessNull?["secrets"]
        return secrets?.elements.contains { !isPlace($0) } ?? false
    }

    static func isPlace(_ secret: JSONValue) -> Bool {
        let text = secret.string ?? ""
        return text.hasPrefix("secretsmanager:") || text.hasPrefix("ssm:")
    }

    private static func writeMembers(
        of value: JSONValue, to writer: inout JSONWriter,
        _ write: (JSONMember, inout JSONWriter) -> Void
    ) {
        guard value.kind == .object else { return writer.raw(value.raw) }
        writer.beginObject()
        for member in value.members {
            writer.name(raw: member.name.raw)
            write(member, &writer)
        }
        writer.endObject()
    }
}
