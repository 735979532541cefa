import Formats

/// The list `signing.secrets` of a configuration, and the configuration with another one.
struct SigningSecrets {
    /// Bytes of a secret that is given in a file.
    private static let maximumLength = 4096

    let original: [UInt8]
    /// Each as the JSON text that it is; nil if the configuration says nothing about signing.
    var list: [[UInt8]]?

    init(in config: [UInt8]) {
        original = config
        let secrets = (try? JSONText(config))?.root["signing"]?.unlessNull?["secrets"]
        list = secrets.map { $0.elements.map { Array($0.raw) } }
    }

    /// The secret that a file holds, as the JSON text of a configuration.
    static func secret(in contents: [UInt8]) throws(InletError) -> [UInt8] {
        var bytes = contents[...]
        if bytes.last == 0x0A { bytes.removeLast() }
        if bytes.last == 0x0D { bytes.removeLast() }
        let isText =
            UTF8Sequence.isValid(Array(bytes)) && !bytes.contains { $0 < 0x20 || $0 == 0x7F }
        guard isText, 1...maximumLength ~= bytes.count else {
            throw .malformed(
                "the secret", expected: "1 to \(maximumLength) bytes of text in one line")
        }
        var writer = JSONWriter()
        writer.string(String(decoding: bytes, as: UTF8.self))
        return writer.bytes
    }

    /// The configuration with this list.
    var config: [UInt8] {
        guard let list, let root = (try? JSONText(original))?.root else { return original }
        var writer = JSONWriter(reserving: original.count + 64)
        writer.replacing("signing", in: root) { signing, writer in
            writer.replacing("secrets", in: signing) { _, writer in
                writer.array { array in for secret in list { array.raw(secret[...]) } }
            }
        }
        return writer.bytes
    }
}

extension JSONWriter {
    /// Writes an object in which one member has another value.
    fileprivate mutating func replacing(
        _ name: String, in object: JSONValue, _ write: (JSONValue, inout JSONWriter) -> Void
    ) {
        beginObject()
        for member in object.members {
            self.name(raw: member.name.raw)
            if member.name.equals(name) {
                write(member.value, &self)
            } else {
                raw(member.value.raw)
            }
        }
        endObject()
    }
}
