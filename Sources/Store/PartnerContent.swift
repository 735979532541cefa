internal import Partners
internal import Platform
internal import Secrets

/// What a reference holds: the partners, or the URI of the database that they are in.
enum PartnerContent: Sendable {
    case registry(Registry)
    case database(uri: String)

    init(
        of reference: Reference, _ reader: ReferenceReader, within budget: TimeBudget
    ) throws(StoreError) {
        let bytes: [UInt8]
        do throws(SecretError) {
            bytes = try reader.read(reference, within: budget)
        } catch {
            throw .secret(error)
        }
        try self.init(bytes)
    }

    init(_ bytes: [UInt8]) throws(StoreError) {
        let text = String(decoding: bytes.trimmed, as: UTF8.self)
        guard PartnerDatabase.isPostgreSQL(text) else {
            self = .registry(try .read(bytes))
            return
        }
        self = .database(uri: text)
    }
}

extension Registry {
    static func read(_ bytes: [UInt8]) throws(StoreError) -> Registry {
        do throws(PartnerError) {
            return try Registry(json: bytes)
        } catch {
            throw .partner(error)
        }
    }
}

extension [UInt8] {
    /// Without the white space around it: secrets are often pasted with a line's end.
    fileprivate var trimmed: ArraySlice<UInt8> {
        let isSpace = { (byte: UInt8) in [0x20, 0x09, 0x0A, 0x0D].contains(byte) }
        var rest = drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return rest
    }
}
