package import AWS
package import Formats
package import Partners
package import Platform
package import Secrets

/// What `INLET_PARTNERS` says.
package enum PartnerSource: Sendable {
    case inline([UInt8])
    case kept(Reference)
    case database(PartnerDatabase)

    package init(_ text: String) throws(StoreError) {
        if text.utf8.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) == UInt8(ascii: "[") {
            self = .inline(Array(text.utf8))
        } else if let reference = Reference(text) {
            self = .kept(reference)
        } else if let database = try PartnerDatabase(text) {
            self = .database(database)
        } else {
            throw .malformedSource
        }
    }

    /// The database that an operator works on; nothing is opened before its first call.
    ///
    /// A reference is read, because it may hold a database's URI.
    ///
    /// - Throws: ``StoreError/readOnly`` when the partners are JSON.
    package func store(
        _ client: AWSClient, within budget: TimeBudget
    ) throws(StoreError) -> any PartnerStore {
        switch self {
        case .inline: throw .readOnly
        case .kept(let reference):
            let content = try PartnerContent(
                of: reference, ReferenceReader(client), within: budget)
            guard case .database(let uri) = content else { throw .readOnly }
            return PartnerDatabase.postgreSQL(uri: uri).store(client)
        case .database(let database): return database.store(client)
        }
    }

    /// The partners as a handler looks them up.
    ///
    /// What is on this machine is read now, so that a mistake in it shows at the start. Anything else
    /// takes a call, which waits for the first event. `now` is the wall clock's time.
    package func book(
        _ client: AWSClient, lifetime: LookupLifetime = .standard, at now: Timestamp
    ) throws(StoreError) -> any PartnerBook {
        switch self {
        case .inline(let bytes): return try Registry.read(bytes)
        case .kept(let reference):
            let book = ReferredBook(reference, client, lifetime: lifetime)
            if reference.isFile {
                let time = TimeBudget(now: now, deadline: .now + .seconds(1))
                _ = try book.read(in: LookupContext(time: time))
            }
            return book
        case .database(let database):
            return StoredBook(database.store(client), LookupCache(lifetime: lifetime.duration))
        }
    }
}
