package import Partners
package import Platform

/// A database that partners are looked up in.
///
/// No call takes longer than its budget. Removed partners are found too. Errors name no value.
package protocol PartnerDirectory: AnyObject {
    /// What error messages call it; it holds no password.
    var source: String { get }

    /// The partner that has this token, or had it before its last rotation.
    func partner(token: TokenHash, within budget: TimeBudget) throws(StoreError) -> PartnerRecord?

    func partner(id: String, within budget: TimeBudget) throws(StoreError) -> PartnerRecord?

    /// The partners whose `validation_config.signing.scheme` is this, `limit` at most: the active
    /// ones come before those that may not send. Removed ones are not among them.
    func partners(
        signingScheme: String, limit: Int, within budget: TimeBudget
    ) throws(StoreError) -> [RecordReading]
}

/// One of several records; a failure is of that record alone, and says which it is.
package typealias RecordReading = Result<PartnerRecord, PartnerError>

extension RecordReading {
    func record() throws(StoreError) -> PartnerRecord {
        do throws(PartnerError) {
            return try get()
        } catch {
            throw .partner(error)
        }
    }
}

/// Some of a database's records.
package struct RecordPage {
    package let records: [RecordReading]
    /// What the next page is asked for by; nil after the last one.
    package let mark: String?
}

/// A database that partners are kept in: what ``PartnerRegister`` works on.
package protocol PartnerStore: PartnerDirectory {
    /// The version of the tables that this program makes.
    var schemaVersion: Int { get }

    /// Brings the tables to what this program needs; safe to repeat, and to run twice at once.
    ///
    /// - Returns: the versions that it has applied, none when all was done.
    func migrate(within budget: TimeBudget) throws(StoreError) -> [Int]

    /// The partner of this name that is not removed.
    func partner(name: String, within budget: TimeBudget) throws(StoreError) -> PartnerRecord?

    /// Some partners, removed ones too, in an order of the database's own.
    ///
    /// `mark` is that of the page before; nil gives the first page.
    func page(after mark: String?, within budget: TimeBudget) throws(StoreError) -> RecordPage

    /// Adds a partner, or throws ``StoreError/nameTaken`` or ``StoreError/tokenTaken``.
    func insert(_ record: PartnerRecord, within budget: TimeBudget) throws(StoreError)

    /// Adds several partners, all of them or none.
    ///
    /// - Throws: what ``insert(_:within:)`` throws for one of them, and
    ///   ``StoreError/notAtOnce(source:problem:)`` if the database cannot take so many.
    func insert(_ records: [PartnerRecord], within budget: TimeBudget) throws(StoreError)

    /// Writes a changed record over the one that was read, `old`.
    ///
    /// - Throws: ``StoreError/changedMeanwhile`` when that is no longer there as it was read, and
    ///   what ``insert(_:within:)`` throws.
    func replace(
        _ old: PartnerRecord, with record: PartnerRecord, within budget: TimeBudget
    ) throws(StoreError)
}
