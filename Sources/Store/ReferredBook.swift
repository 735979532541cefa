internal import AWS
package import Partners
internal import Secrets

/// Partners of what a reference names: a list in JSON, or the URI of the database that has them.
package final class ReferredBook: PartnerBook {
    /// The database of a URI, which changes when its password is replaced.
    private struct Stored {
        let uri: String
        let book: StoredBook
        /// What the book counted when it was last looked at.
        var unanswered = 0
    }

    private let reference: Reference
    private let client: AWSClient
    private let reader: ReferenceReader
    private let finds: LookupCache
    private var content = Refreshed<PartnerContent, StoreError>(.standard)
    private var stored: Stored?

    /// Reads nothing yet; `lifetime` is how old a database's answer may become.
    init(_ reference: Reference, _ client: AWSClient, lifetime: LookupLifetime) {
        self.reference = reference
        self.client = client
        reader = ReferenceReader(client)
        finds = LookupCache(lifetime: lifetime.duration)
    }

    package func partner(
        _ key: PartnerKey, in context: LookupContext
    ) throws(LookupFailure) -> Partner? {
        let book = try book(in: context)
        defer { distrustURI() }
        return try book.partner(key, in: context)
    }

    package func signers(
        by scheme: SigningRule.Scheme, in context: LookupContext
    ) throws(LookupFailure) -> [Partner] {
        let book = try book(in: context)
        defer { distrustURI() }
        return try book.signers(by: scheme, in: context)
    }

    package func inquire(in context: LookupContext) throws(LookupFailure) {
        try book(in: context).inquire(in: context)
    }

    /// Reads the reference, or uses what was read before; fails only when nothing is known.
    func read(
        in context: LookupContext
    ) throws(StoreError) -> Refreshed<PartnerContent, StoreError>.Reading {
        try content.value(within: context.time) { time throws(StoreError) in
            try context.events.waiting(for: .partners) { () throws(StoreError) in
                try PartnerContent(of: reference, reader, within: time)
            }
        }
    }

    private func book(in context: LookupContext) throws(LookupFailure) -> any PartnerBook {
        do throws(StoreError) {
            let reading = try read(in: context)
            if let failure = reading.failure { context.events.bridge(LookupFailure(failure)) }
            return book(of: reading.value)
        } catch {
            let failure = LookupFailure(error)
            context.events.fail(failure)
            throw failure
        }
    }

    private func book(of content: PartnerContent) -> any PartnerBook {
        switch content {
        case .registry(let registry): return registry
        case .database(let uri):
            if let stored, stored.uri == uri { return stored.book }
            let book = StoredBook(PartnerDatabase.postgreSQL(uri: uri).store(client), finds)
            stored = Stored(uri: uri, book: book)
            return book
        }
    }

    /// Has the reference read again after the database left a question unanswered: the URI may hold
    /// a password that is no longer good.
    private func distrustURI() {
        guard let stored, stored.unanswered != stored.book.unanswered else { return }
        self.stored?.unanswered = stored.book.unanswered
        content.expire()
    }
}
