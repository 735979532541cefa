internal import Formats
package import Partners
package import Platform

/// Partners in a table of DynamoDB.
///
/// A partner is several items, ``PartnerItems``, which change together or not at all.
package final class DynamoDBPartners: PartnerStore {
    /// The index by the scheme that partners sign by; partners without one are not in it.
    private static let schemes = "signing_scheme"
    private static let schema = "schema"
    private static let version = 1
    private static let pageSize = 100
    /// Bytes of a name: longer ones are refused, so that no partner has one.
    private static let maximumName = 256

    private let table: DynamoDBTable

    init(_ table: DynamoDBTable) { self.table = table }

    package var source: String { table.source }
    package var schemaVersion: Int { Self.version }

    package func partner(
        token: TokenHash, within budget: TimeBudget
    ) throws(StoreError) -> PartnerRecord? {
        try record(PartnerItems.key(token), within: budget)
    }

    package func partner(
        id: String, within budget: TimeBudget
    ) throws(StoreError) -> PartnerRecord? {
        guard UUID(id) != nil else { return nil }
        return try record(PartnerItems.key(id: id), within: budget)
    }

    package func partners(
        signingScheme: String, limit: Int, within budget: TimeBudget
    ) throws(StoreError) -> [RecordReading] {
        guard !signingScheme.isEmpty else { return [] }
        var records: [RecordReading] = []
        for value in [signingScheme, PartnerItems.inactive(signingScheme)] {
            var mark: String?
            repeat {
                guard records.count < limit else { return records }
                let page = try table.query(
                    index: Self.schemes, attribute: PartnerItems.scheme, value: value,
                    limit: min(limit - records.count, Self.pageSize), after: mark, within: budget)
                records += page.items.map(reading)
                mark = page.mark
            } while mark != nil
        }
        return records
    }

    package func partner(
        name: String, within budget: TimeBudget
    ) throws(StoreError) -> PartnerRecord? {
        guard 1...Self.maximumName ~= name.utf8.count,
            let item = try table.item(PartnerItems.key(name: name), within: budget),
            let id = item["id"],
            let record = try record(PartnerItems.key(id: id), within: budget),
            // The partner may have been changed between the two reads.
            record.deletedAt == nil, record.name.utf8.elementsEqual(name.utf8)
        else { return nil }
        return record
    }

    package func page(
        after mark: String?, within budget: TimeBudget
    ) throws(StoreError) -> RecordPage {
        let page = try table.scan(prefix: PartnerItems.prefix, after: mark, within: budget)
        return RecordPage(records: page.items.map(reading), mark: page.mark)
    }

    package func insert(_ record: PartnerRecord, within budget: TimeBudget) throws(StoreError) {
        try write(nil, record, within: budget)
    }

    /// One transaction, which DynamoDB bounds.
    package func insert(
        _ records: [PartnerRecord], within budget: TimeBudget
    ) throws(StoreError) {
        let changes = records.flatMap { PartnerItems.changes(from: nil, to: $0) }
        guard changes.count <= DynamoDBTable.maximumWrites else {
            throw .notAtOnce(
                source: source,
                problem: "a transaction has up to \(DynamoDBTable.maximumWrites) items, and these "
                    + "\(records.count) partners are \(changes.count)")
        }
        try write(changes, within: budget)
    }

    package func replace(
        _ old: PartnerRecord, with record: PartnerRecord, within budget: TimeBudget
    ) throws(StoreError) {
        try write(old, record, within: budget)
    }

    package func migrate(within budget: TimeBudget) throws(StoreError) -> [Int] {
        try table.createIfMissing(
            index: Self.schemes, attribute: PartnerItems.scheme, within: budget)
        let item = [DynamoDBTable.key: Self.schema, "version": String(Self.version)]
        switch try table.write([.put(item, over: nil)], within: budget) {
        case .done: return [Self.version]
        case .conditionsFailed:
            let found = try table.item(Self.schema, within: budget)?["version"].flatMap { Int($0) }
            guard let found, found <= Self.version else { throw .migratedFurther(source: source) }
            return []
        }
    }

    // MARK: - Items

    private func record(
        _ key: String, within budget: TimeBudget
    ) throws(StoreError) -> PartnerRecord? {
        guard let item = try table.item(key, within: budget) else { return nil }
        return try reading(item).record()
    }

    private func reading(_ item: DynamoDBTable.Item) -> RecordReading {
        RecordReading { () throws(PartnerError) in try PartnerRecord(item, at: source) }
    }

    /// Writes a partner's items in place of those of `old`, all of them or none.
    private func write(
        _ old: PartnerRecord?, _ record: PartnerRecord, within budget: TimeBudget
    ) throws(StoreError) {
        try write(PartnerItems.changes(from: old, to: record), within: budget)
    }

    private func write(
        _ changes: [PartnerItems.Change], within budget: TimeBudget
    ) throws(StoreError) {
        let result = try table.write(changes.map(\.write), within: budget)
        guard case .conditionsFailed(let places) = result else { return }
        throw places.first.map { changes[$0].problem } ?? .changedMeanwhile
    }
}
