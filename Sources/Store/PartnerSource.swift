package import AWS
internal import Partners
package import Platform
package import Secrets
internal import Transport

/// What `INLET_PARTNERS` says.
package enum PartnerSource: Sendable {
    case inline([UInt8])
    case kept(Reference)
    case sqlite(path: String)
    case postgreSQL(uri: String)
    case dynamoDB(table: String)

    package init(_ text: String) throws(StoreError) {
        if text.utf8.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) == UInt8(ascii: "[") {
            self = .inline(Array(text.utf8))
        } else if let reference = Reference(text) {
            self = .kept(reference)
        } else if text.hasPrefix("sqlite:"), !text.utf8.contains(0) {
            let path = String(text.dropFirst(7))
            guard path.utf8.contains(where: { $0 > 0x20 }), path != ":memory:" else {
                throw .sqliteWithoutFile
            }
            self = .sqlite(path: path)
        } else if Self.isPostgreSQL(text) {
            try PostgreSQLSession.check(uri: text)
            self = .postgreSQL(uri: text)
        } else if text.hasPrefix("dynamodb:"), DynamoDBTable.isName(text.dropFirst(9)) {
            self = .dynamoDB(table: String(text.dropFirst(9)))
        } else {
            throw .malformedSource
        }
    }

    /// True where the partners are JSON that can be read without a call to AWS.
    package var isLocal: Bool {
        switch self {
        case .inline: true
        case .kept(let reference): reference.isFile
        case .sqlite, .postgreSQL, .dynamoDB: false
        }
    }

    static func isPostgreSQL(_ text: String) -> Bool {
        text.hasPrefix("postgresql://") || text.hasPrefix("postgres://")
    }

    /// The database that an operator works on; nothing is opened before its first call.
    ///
    /// A reference is read, because it may hold a database's URI.
    ///
    /// - Throws: ``StoreError/readOnly`` where the partners are JSON.
    package func store(
        _ client: AWSClient, until deadline: Instant
    ) throws(StoreError) -> any PartnerStore {
        if case .kept(let reference) = self {
            let bytes = try ReferenceReader(client).read(reference, until: deadline)
            guard case .database(let uri) = try PartnerContent(bytes) else { throw .readOnly }
            return SQLPartners(PostgreSQLSession(uri: uri))
        }
        guard let store = database(client) else { throw .readOnly }
        return store
    }

    /// The database that the source itself names.
    func database(_ client: AWSClient) -> (any PartnerStore)? {
        switch self {
        case .inline, .kept: nil
        case .sqlite(let path): SQLPartners(SQLiteSession(path: path))
        case .postgreSQL(let uri): SQLPartners(PostgreSQLSession(uri: uri))
        case .dynamoDB(let table): DynamoDBPartners(DynamoDBTable(table, client: client))
        }
    }
}

/// What a reference holds: the partners, or the URI of the database that they are in.
enum PartnerContent: Sendable {
    case registry(Registry)
    case database(uri: String)

    init(_ bytes: [UInt8]) throws(StoreError) {
        let text = String(decoding: bytes.trimmed, as: UTF8.self)
        self =
            PartnerSource.isPostgreSQL(text)
            ? .database(uri: text) : .registry(try Registry(json: bytes))
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
