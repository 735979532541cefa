internal import Formats
internal import Signing

/// Names of events, tables and columns, made of what senders wrote.
///
/// Source: segmentio/go-snakecase for the words of a name; PostgreSQL for lengths and reserved words.
package enum Name {
    /// Bytes of a name in PostgreSQL; more would be cut off, and two names could become one.
    static let maximumLength = 63
    private static let keptOfLong = 54

    /// The name of an event in snake case: `Order Completed` becomes `order_completed`.
    package static func event(_ text: String) -> String {
        let slug = slug(text)
        return slug.isEmpty ? placeholder(text) : slug
    }

    /// The table of an event, apart from the tables that are always there.
    package static func table(ofEvent text: String) -> String {
        let name = event(text)
        let isOurs = ownTables.contains(name) || name.hasPrefix(sqliteTables)
        return bounded(isTaken(name) || isOurs ? "_" + name : name, source: text)
    }

    /// The column of a value at this path below `properties` or `traits`.
    package static func column(_ path: [String]) -> String {
        let source = path.joined(separator: ".")
        let slugs = path.map(slug).filter { !$0.isEmpty }
        let name = slugs.isEmpty ? placeholder(source) : slugs.joined(separator: "_")
        let isOurs =
            ownColumns.contains(name) || systemColumns.contains(name)
            || name.hasPrefix("context_")
        return bounded(isTaken(name) || isOurs ? "_" + name : name, source: source)
    }

    /// The words of a text in lower case with `_` between them: runs of ASCII capitals and digits,
    /// each with the small letters and digits after it.
    package static func slug(_ text: String) -> String {
        enum Run { case none, capitals, smalls }
        var run = Run.none
        var slug: [UInt8] = []
        for byte in text.utf8 {
            let next: Run
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): next = .capitals
            case UInt8(ascii: "a")...UInt8(ascii: "z"): next = .smalls
            case UInt8(ascii: "0")...UInt8(ascii: "9"): next = run == .none ? .capitals : run
            default:
                run = .none
                continue
            }
            let startsWord = run == .none || run == .smalls && next == .capitals
            if startsWord, !slug.isEmpty { slug.append(UInt8(ascii: "_")) }
            slug.append(byte | 0x20)
            run = next
        }
        return String(decoding: slug, as: UTF8.self)
    }

    /// True for a table or view that is always there.
    static func isOwnTable(_ name: String) -> Bool { ownTables.contains(name) }

    private static let ownTables = Set(
        Schema.all.map(\.name) + View.allCases.map(\.rawValue) + [
            BookkeepingTable.versions, BookkeepingTable.columns,
        ])

    /// Columns of messages that hold no property or trait.
    private static let ownColumns: Set = [
        "id", "partner", "sender", "received_at", "sent_at", "timestamp", "original_timestamp",
        "user_id", "anonymous_id", "event", "event_text", "name", "category", "group_id",
        "previous_id", "properties", "traits", "context", "extra", "loaded_at",
    ]

    /// Columns that every table of PostgreSQL has already.
    private static let systemColumns: Set = ["cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"]
    /// What the names of SQLite's own tables begin with.
    private static let sqliteTables = "sqlite_"

    /// True for a name that needs a `_` before it in some database.
    private static func isTaken(_ name: String) -> Bool {
        name.utf8.first.map { $0 &- UInt8(ascii: "0") < 10 } ?? true || reserved.contains(name)
    }

    /// A name for a text without ASCII letters and digits.
    private static func placeholder(_ text: String) -> String { "x_" + hash(text) }

    /// The name, its end replaced by a hash of what it was made of if it is too long.
    static func bounded(_ name: String, source: String) -> String {
        guard name.utf8.count > maximumLength else { return name }
        return String(name.prefix(keptOfLong)) + "_" + hash(source)
    }

    /// The name of an index, or of a key without `columns`.
    ///
    /// Tables and indexes share their names, and senders name tables: no table's name has a dot.
    static func index(of table: String, _ columns: [String]) -> String {
        let name = ([table] + (columns.isEmpty ? ["key"] : columns)).joined(separator: ".")
        guard name.utf8.count > maximumLength else { return name }
        return String(name.prefix(keptOfLong)) + "." + hash(name)
    }

    private static func hash(_ text: String) -> String {
        let digest = SHA256.digest(Array(text.utf8))
        return Hex.encode((0..<4).map { digest[$0] })
    }

    /// PostgreSQL 15's keywords of the categories R and T, by `pg_get_keywords()`.
    private static let reserved = Set(
        """
        all analyse analyze and any array as asc asymmetric authorization binary both case cast \
        check collate collation column concurrently constraint create cross current_catalog \
        current_date current_role current_schema current_time current_timestamp current_user \
        default deferrable desc distinct do else end except false fetch for foreign freeze from \
        full grant group having ilike in initially inner intersect into is isnull join lateral \
        leading left like limit localtime localtimestamp natural not notnull null offset on only \
        or order outer overlaps placing primary references returning right select session_user \
        similar some symmetric table tablesample then to trailing true union unique user using \
        variadic verbose when where window with
        """.split(separator: " ").map(String.init))
}
