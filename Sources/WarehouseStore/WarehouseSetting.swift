package import Platform
package import Secrets

/// What `INLET_WAREHOUSE` says: which warehouse, and where it is.
package enum WarehouseSetting: Sendable {
    case sqlite(path: String, SQLiteWarehouse.Journal)
    /// The database's URI, or where that is kept.
    case postgreSQL(Secret)
    case databricks(DatabricksSetting)
    case teradata(TeradataSetting)

    package static let form =
        "sqlite:<path>, postgresql://…, a reference that holds such a URI, "
        + "\(DatabricksSetting.form) or \(TeradataSetting.form)"

    /// Reads the text, and from the environment what some warehouses need besides: credentials, and
    /// further authorities.
    ///
    /// The text may hold a password: no error repeats it.
    package init(_ text: String, _ system: System = System()) throws(WarehouseError) {
        if text.hasPrefix(Self.sqlite) {
            self = try Self.file(text.dropFirst(Self.sqlite.count))
        } else if text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") {
            try PostgreSQLWarehouse.check(uri: text)
            self = .postgreSQL(.plain(Array(text.utf8)))
        } else if let secret = try? Secret(text), case .kept = secret {
            self = .postgreSQL(secret)
        } else if text.hasPrefix(DatabricksSetting.prefix) {
            self = .databricks(
                try DatabricksSetting(text.dropFirst(DatabricksSetting.prefix.count), system))
        } else if text.hasPrefix(TeradataSetting.prefix) {
            self = .teradata(
                try TeradataSetting(text.dropFirst(TeradataSetting.prefix.count), system))
        } else {
            throw WarehouseError(.denied, "expected \(Self.form)")
        }
    }

    private static let sqlite = "sqlite:"
    private static let journal = "?journal="

    /// `<path>`, or `<path>?journal=wal`.
    private static func file(_ text: Substring) throws(WarehouseError) -> WarehouseSetting {
        var path = String(text)
        var journal = SQLiteWarehouse.Journal.delete
        for mode in [SQLiteWarehouse.Journal.delete, .wal]
        where path.hasSuffix(
            Self.journal + mode.rawValue)
        {
            path.removeLast((Self.journal + mode.rawValue).count)
            journal = mode
        }
        guard !path.isEmpty, path != ":memory:", !path.utf8.contains(UInt8(ascii: "?")) else {
            throw WarehouseError(
                .denied, "expected sqlite:<path of a file> or sqlite:<path>?journal=wal")
        }
        return .sqlite(path: path, journal)
    }
}

/// The name of the schema, or of Teradata's database, that the tables are in.
package struct SchemaName: Sendable, Equatable {
    package static let standard = "inlet"
    package static let form = "a letter or _, then up to 62 letters, digits and _"
    package let text: String

    /// Nil for a name that some database would need quotes for, or would cut off.
    package init?(_ text: String) {
        let isName = text.utf8.enumerated().allSatisfy { place, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "_"):
                true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): place > 0
            default: false
            }
        }
        guard isName, 1...63 ~= text.utf8.count else { return nil }
        self.text = text
    }
}
