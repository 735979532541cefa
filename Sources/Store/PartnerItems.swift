internal import Formats
internal import Partners

/// The items that a partner is in a table of DynamoDB, and how they change.
///
/// `partner#<id>`, one `token#sha256:…` for each of its tokens, so that a look-up is one consistent
/// read, and `name#<name>` while it is not removed. Partner and token items hold the whole record, in
/// attributes that are named as a table's columns.
enum PartnerItems {
    /// The attribute of partner items by which an index has them: the scheme that they sign by.
    static let scheme = "signing_scheme"
    /// What the keys of partner items begin with.
    static let prefix = "partner#"

    static func key(id: String) -> String { prefix + id }
    static func key(name: String) -> String { "name#\(name)" }
    static func key(_ token: TokenHash) -> String { "token#\(token.recorded)" }

    /// The index's value for a scheme's partners that may not send.
    static func inactive(_ scheme: String) -> String { "inactive#\(scheme)" }

    /// A part of a transaction, and what is wrong when its condition does not hold.
    struct Change {
        let write: DynamoDBTable.Write
        var problem = StoreError.changedMeanwhile

        static func delete(_ key: String) -> Change { Change(write: .delete(key: key)) }
    }

    /// What puts a partner's items in place of those of `old`.
    static func changes(from old: PartnerRecord?, to record: PartnerRecord) -> [Change] {
        [partner(record, over: old)]
            + record.tokens.map { token($0, of: record) }
            + names(from: old?.liveName, to: record)
            + (old?.tokens ?? []).filter { !record.tokens.contains($0) }.map { .delete(key($0)) }
    }

    private static func partner(_ record: PartnerRecord, over old: PartnerRecord?) -> Change {
        var item = columns(of: record)
        item[DynamoDBTable.key] = key(id: record.id)
        item[scheme] = record.indexedScheme
        let unchanged = old.map {
            DynamoDBTable.Precondition(
                attribute: "modified_at", value: $0.version, orAbsent: false)
        }
        return Change(write: .put(item, over: unchanged))
    }

    private static func token(_ token: TokenHash, of record: PartnerRecord) -> Change {
        var item = columns(of: record)
        item[DynamoDBTable.key] = key(token)
        let own = DynamoDBTable.Precondition(attribute: "id", value: record.id, orAbsent: true)
        return Change(write: .put(item, over: own), problem: .tokenTaken)
    }

    private static func names(from old: String?, to record: PartnerRecord) -> [Change] {
        let new = record.liveName
        // Swift calls two spellings of a character equal, and DynamoDB does not.
        guard old.map({ Array($0.utf8) }) != new.map({ Array($0.utf8) }) else { return [] }
        let given = new.map { name in
            let item = [DynamoDBTable.key: key(name: name), "id": record.id]
            return Change(write: .put(item, over: nil), problem: .nameTaken)
        }
        return [given, old.map { .delete(key(name: $0)) }].compactMap(\.self)
    }

    private static func columns(of record: PartnerRecord) -> DynamoDBTable.Item {
        var columns: DynamoDBTable.Item = [:]
        for (column, value) in zip(PartnerRecord.columns, record.values) { columns[column] = value }
        return columns
    }
}

extension PartnerRecord {
    fileprivate var tokens: [TokenHash] { [token] + (previousToken.map { [$0.hash] } ?? []) }

    /// Nil for a removed partner, whose name is free.
    fileprivate var liveName: String? { deletedAt == nil ? name : nil }

    /// The scheme that the partner signs by, as the index has it.
    fileprivate var indexedScheme: String? {
        guard deletedAt == nil,
            let scheme = (try? JSONText(validationConfig))?.root["signing"]?["scheme"]?.string
        else { return nil }
        return status == .active ? scheme : PartnerItems.inactive(scheme)
    }
}
