import Formats
import Partners
import Store

/// The part of a partner's record that a person may edit, as a text.
///
/// A signing secret of the record itself is masked with its number; left as it is, it stays.
struct Draft {
    private static let members = ["name", "description", "status", "validation_config"]

    private let record: PartnerRecord
    /// What the editor shows first.
    let text: [UInt8]

    init(of record: PartnerRecord) {
        self.record = record
        var writer = JSONWriter()
        writer.object { object in
            object.member("name", record.name)
            object.name("description")
            if let description = record.description {
                object.string(description)
            } else {
                object.null()
            }
            object.member("status", record.status.rawValue)
            object.member("validation_config", raw: Self.masked(record.validationConfig)[...])
        }
        text = Array(IndentedJSON.text(of: writer.bytes).utf8)
    }

    /// Changes a record to what an edited text says.
    ///
    /// - Throws: for a text that is not what the editor was given, in another content.
    func apply(_ edited: [UInt8], to record: inout PartnerRecord) throws(InletError) {
        guard let root = (try? JSONText(edited))?.root, root.kind == .object else {
            throw .notEdited("it is not a JSON object")
        }
        for member in root.members where !Self.members.contains(where: member.name.equals) {
            throw .notEdited(
                "it has the member \(printable(member.name.string ?? "")), and may have "
                    + Self.members.joined(separator: ", "))
        }
        guard let name = root["name"]?.string else { throw .notEdited("name must be a string") }
        guard let status = (root["status"]?.string).flatMap(Partner.Status.init) else {
            let all = Partner.Status.allCases.map(\.rawValue).joined(separator: ", ")
            throw .notEdited("status must be one of \(all)")
        }
        let description = root["description"]?.unlessNull
        guard description == nil || description?.kind == .string else {
            throw .notEdited("description must be a string or null")
        }
        let config = root["validation_config"]?.unlessNull.map { Array($0.raw) } ?? Array("{}".utf8)
        record.name = name
        record.status = status
        record.description = description?.string.flatMap { $0.isEmpty ? nil : $0 }
        record.validationConfig = try unmasked(config)
    }

    private static func mask(_ number: Int) -> String { "\(SecretMask.text) \(number)" }

    private static func masked(_ config: [UInt8]) -> [UInt8] {
        var secrets = SigningSecrets(in: config)
        secrets.list = secrets.list?.enumerated().map { number, secret in
            guard let value = (try? JSONText(secret))?.root, !SecretMask.isPlace(value) else {
                return secret
            }
            return Array("\"\(mask(number))\"".utf8)
        }
        return secrets.config
    }

    /// A configuration with the record's secrets in place of their masks.
    private func unmasked(_ config: [UInt8]) throws(InletError) -> [UInt8] {
        let known = SigningSecrets(in: record.validationConfig).list ?? []
        var secrets = SigningSecrets(in: config)
        var list: [[UInt8]] = []
        for (place, secret) in (secrets.list ?? []).enumerated() {
            let text = (try? JSONText(secret))?.root.string ?? ""
            guard text.hasPrefix(SecretMask.text) else {
                list.append(secret)
                continue
            }
            guard let number = known.indices.first(where: { Self.mask($0) == text }) else {
                throw .masked(place: "validation_config.signing.secrets[\(place)]")
            }
            list.append(known[number])
        }
        if secrets.list != nil { secrets.list = list }
        return secrets.config
    }
}
