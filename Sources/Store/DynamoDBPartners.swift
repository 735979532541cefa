internal import AWS
internal import Formats
package import Partners
package import Platform
package import Secrets
internal import Transport

/// Partners in a table of DynamoDB.
///
/// A partner is several items, which change together or not at all: `partner#<id>`, one
/// `token#sha256:…` for each of its tokens, so that a look-up is one consistent read, and
/// `name#<name>` while it is not removed. Partner and token items hold the whole record, in
/// attributes that are named as a table's columns.
package final class DynamoDBPartners: PartnerStore {
    /// The index by the scheme that partners sign by; partners without one are not in it.
    private static let schemes = "signing_scheme"
    /// Its key, an attribute of partner items.
    private static let scheme = "signing_scheme"
    private static let schema = "schema"
    private static let version = 1
    private static let pageSize = 100
    /// Bytes of a key are limited, and of a name: longer ones are nobody's.
    private static let maximumName = 256

    private let table: DynamoDBTable

    init(_ table: DynamoDBTable) { self.table = table }

    package var source: String { table.source }
    package var schemaVersion: Int { Self.version }

    package func partner(
        token: TokenHash, until deadline: Instant
    ) throws(StoreError) -> PartnerRecord? {
        try record(Self.key(token), until: deadline)
    }

    package func partner(
        id: String, until deadline: Instant
    ) throws(StoreError) -> PartnerRecord? {
        guard UUID(id) != nil else { return nil }
        return try record("partner#\(id)", until: deadline)
    }

    package func partners(
        signingScheme: String, limit: Int, until deadline: Instant
    ) throws(StoreError) -> [RecordReading] {
        guard !signingScheme.isEmpty else { return [] }
        var records: [RecordReading] = []
        for value in [signingScheme, Self.ofInactive(signingScheme)] {
            var mark: String?
            repeat {
                guard records.count < limit else { return records }
                let page = try table.query(
                    index: Self.schemes, attribute: Self.scheme, value: value,
                    limit: min(limit - records.count, Self.pageSize), after: mark, until: deadline)
                records += page.items.map(reading)
                mark = page.mark
            } while mark != nil
        }
        return records
    }

    /// The index's value for a scheme's partners that may not send.
    fileprivate static func ofInactive(_ scheme: String) -> String { "inactive#\(scheme)" }

    package func partner(
        name: String, until deadline: Instant
    ) throws(StoreError) -> PartnerRecord? {
        guard 1...Self.maximumName ~= name.utf8.count,
            let item = try table.item("name#\(name)", until: deadline), let id = item["id"],
            let record = try record("partner#\(id)", until: deadline),
            // It may have been changed between the two reads.
            record.deletedAt == nil, record.name.utf8.elementsEqual(name.utf8)
        else { return nil }
        return record
    }

    package func page(
        after mark: String?, until deadline: Instant
    ) throws(StoreError) -> (records: [RecordReading], mark: String?) {
        let page = try table.scan(prefix: "partner#", after: mark, until: deadline)
        return (page.items.map(reading), page.mark)
    }

    package func insert(_ record: PartnerRecord, until deadline: Instant) throws(StoreError) {
        try write(nil, record, until: deadline)
    }

    package func replace(
        _ old: PartnerRecord, with record: PartnerRecord, until deadline: Instant
    ) throws(StoreError) {
        try write(old, record, until: deadline)
    }

    package func migrate(until deadline: Instant) throws(StoreError) -> [Int] {
        try table.createIfMissing(
            index: Self.schemes, attribute: Self.scheme, until: deadline)
        let item = [DynamoDBTable.key: Self.schema, "version": String(Self.version)]
        switch try table.write([.put(item, over: nil)], until: deadline) {
        case .done: return [Self.version]
        case .conditionsFailed:
            let found = try table.item(Self.schema, until: deadline)?["version"].flatMap { Int($0) }
            guard let found, found <= Self.version else { throw .migratedFurther(source: source) }
            return []
        }
    }

    // MARK: - Items

    private func record(
        _ key: String, until deadline: Instant
    ) throws(StoreError) -> PartnerRecord? {
        guard let item = try table.item(key, until: deadline) else { return nil }
        return try reading(item).get()
    }

    private func reading(_ item: DynamoDBTable.Item) -> RecordReading {
        RecordReading { () throws(StoreError) in try PartnerRecord(item, at: source) }
    }

    /// Writes a partner's items in place of those of `old`.
    private func write(
        _ old: PartnerRecord?, _ record: PartnerRecord, until deadline: Instant
    ) throws(StoreError) {
        var columns: DynamoDBTable.Item = [:]
        for (column, value) in zip(PartnerRecord.columns, record.values) { columns[column] = value }
        var writes: [DynamoDBTable.Write] = []
        // Which error it is when the condition of the write at that place does not hold.
        var problems: [StoreError] = []
        func put(
            _ key: String, _ item: DynamoDBTable.Item, over: DynamoDBTable.Precondition? = nil,
            orElse problem: StoreError
        ) {
            var item = item
            item[DynamoDBTable.key] = key
            writes.append(.put(item, over: over))
            problems.append(problem)
        }
        var partner = columns
        partner[Self.scheme] = record.indexedScheme
        put(
            "partner#\(record.id)", partner,
            over: old.map {
                .init(attribute: "modified_at", value: $0.version, orAbsent: false)
            }, orElse: .changedMeanwhile)
        let tokens = Self.tokens(of: record)
        for token in tokens {
            put(
                Self.key(token), columns,
                over: .init(attribute: "id", value: record.id, orAbsent: true),
                orElse: .tokenTaken)
        }
        // Swift takes two spellings of a character for the same, and DynamoDB does not.
        let isSameName =
            old?.liveName.map { Array($0.utf8) } == record.liveName.map { Array($0.utf8) }
        if let name = record.liveName, !isSameName {
            put("name#\(name)", ["id": record.id], orElse: .nameTaken)
        }
        if let name = old?.liveName, !isSameName { writes.append(.delete(key: "name#\(name)")) }
        for token in old.map(Self.tokens) ?? [] where !tokens.contains(token) {
            writes.append(.delete(key: Self.key(token)))
        }
        if case .conditionsFailed(let places) = try table.write(writes, until: deadline) {
            throw places.first.map { problems[$0] } ?? .changedMeanwhile
        }
    }

    private static func key(_ token: TokenHash) -> String { "token#\(token.recorded)" }

    private static func tokens(of record: PartnerRecord) -> [TokenHash] {
        [record.token] + (record.previousToken.map { [$0.hash] } ?? [])
    }
}

extension PartnerRecord {
    /// Nil for a removed partner, whose name is free.
    fileprivate var liveName: String? { deletedAt == nil ? name : nil }

    /// The scheme that the partner signs by, as the index has it.
    fileprivate var indexedScheme: String? {
        guard deletedAt == nil,
            let scheme = (try? JSONText(validationConfig))?.root["signing"]?["scheme"]?.string
        else { return nil }
        return status == .active ? scheme : DynamoDBPartners.ofInactive(scheme)
    }
}
