package import AWS
package import Transport

/// What `INLET_PARTNERS` says.
package enum PartnerSource: Sendable {
    case inline([UInt8])
    case kept(Reference)
    case sqlite(path: String)

    package init(_ text: String) throws(StoreError) {
        if text.utf8.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) == UInt8(ascii: "[") {
            self = .inline(Array(text.utf8))
        } else if let reference = Reference(text) {
            self = .kept(reference)
        } else if text.hasPrefix("sqlite:"), text.utf8.count > 7, !text.utf8.contains(0) {
            self = .sqlite(path: String(text.dropFirst(7)))
        } else {
            throw .malformedSource
        }
    }

    /// True where the partners are JSON that can be read without a call to AWS.
    package var isLocal: Bool {
        switch self {
        case .inline: true
        case .kept(let reference): reference.isFile
        case .sqlite: false
        }
    }

    /// The database that an operator works on; nothing is opened before its first call.
    ///
    /// - Throws: ``StoreError/readOnly`` where the partners are JSON.
    package func store(
        _ client: AWSClient, until deadline: Instant
    ) throws(StoreError) -> any PartnerStore {
        switch self {
        case .inline, .kept: throw .readOnly
        case .sqlite(let path): SQLPartners(SQLiteSession(path: path))
        }
    }
}
