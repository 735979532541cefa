import AWS
import Formats
import Platform
import Secrets
import Warehouse
import WarehouseStore

/// Options of the commands that reach a warehouse.
enum WarehouseOptions {
    static let variable = "INLET_WAREHOUSE"
    static let schemaVariable = "INLET_WAREHOUSE_SCHEMA"
    static let warehouse = Option(
        name: "warehouse", value: "URI",
        help: "the warehouse (default: \(variable))")
    static let schema = Option(
        name: "schema", value: "NAME",
        help: "the schema of its tables (default: \(schemaVariable), else inlet)")
    static let all = [warehouse, schema]
}

extension Command {
    private static let grant = Option(
        name: "grant", value: "ROLE",
        help: "also let this role, which must exist, read and insert rows")
    private static let probe = Option(
        name: "probe", help: "also store a row of the program's own, and read it back")

    static let warehouseMigrate = Command(
        words: ["warehouse", "migrate"],
        summary: "Set up the warehouse's tables, or bring them up to date.",
        options: WarehouseOptions.all + [grant],
        details: """
            Migrations only go forward. It does no harm to run them again, or by two at once. The
            loader itself needs no right to change tables.
            """,
        examples: [
            Example("inlet warehouse migrate --warehouse sqlite:new.sqlite", "a new file")
        ]
    ) { session throws(InletError) in
        let warehouse = try session.warehouse()
        let role = session.arguments.value(grant)
        let applied: [Int]
        do throws(WarehouseError) {
            applied = try warehouse.migrate(within: session.warehouseBudget)
            if let role { try session.grant(role, on: warehouse) }
        } catch {
            throw .warehouse(error)
        }
        let version = warehouse.dialect.migrations.count
        guard !session.isJSON else {
            return try session.print(json: { writer in
                writer.object { object in
                    object.member("schemaVersion", version)
                    object.name("applied")
                    object.array { array in for version in applied { array.number(version) } }
                }
            })
        }
        try session.print(
            applied.isEmpty
                ? "The tables are at version \(version) already."
                : "The tables are at version \(version) now.")
    }

    static let warehouseStatus = Command(
        words: ["warehouse", "status"],
        summary: "Say whether the warehouse answers, and how new its rows are.",
        options: WarehouseOptions.all + [probe],
        details: """
            NEWEST is when the newest message was received, and LAG how long it was on its way into
            the table. With --probe, a row with the partner inlet-probe goes into the table tracks
            and stays there. The exit code is 1 if the tables are not those that this program needs.
            """,
        examples: [
            Example("inlet warehouse status", "how new the rows are"),
            Example("inlet warehouse status --probe", "whether a row can be stored"),
        ]
    ) { session throws(InletError) in
        let warehouse = try session.warehouse()
        let status: WarehouseStatus
        var isProbed: Bool?
        do throws(WarehouseError) {
            if session.arguments.has(probe) {
                isProbed = try warehouse.probe(
                    id: Session.randomID(), within: session.warehouseBudget)
            }
            status = try warehouse.status(within: session.warehouseBudget)
        } catch {
            throw .warehouse(error)
        }
        try session.print(status, of: warehouse.dialect.name, isProbed: isProbed)
        guard status.version == status.neededVersion, isProbed != false else { throw .negative }
    }
}

extension Session {
    /// The time for one call to the warehouse; migrations of large tables take longest.
    var warehouseBudget: TimeBudget {
        TimeBudget(now: system.now(), deadline: .now + Self.warehousePatience)
    }

    private static let warehousePatience = Duration.seconds(300)

    /// The warehouse that the options or the variables name.
    func warehouse() throws(InletError) -> any WarehouseSession {
        let uri = try required(WarehouseOptions.warehouse, WarehouseOptions.variable)
        let name =
            setting(WarehouseOptions.schema, WarehouseOptions.schemaVariable)
            ?? SchemaName.standard
        guard let schema = SchemaName(name) else {
            throw .malformed("the schema", expected: SchemaName.form)
        }
        do throws(WarehouseError) {
            let client = AWSClient(aws, credentials: credentials)
            return try WarehouseSetting(uri, system).session(
                schema: schema, secrets: SecretCache(ReferenceReader(client)))
        } catch {
            throw .warehouse(error)
        }
    }

    fileprivate func grant(
        _ role: String, on warehouse: any WarehouseSession
    ) throws(WarehouseError) {
        // Databricks knows users by their address, and service principals by a UUID.
        let signs = "_-.@".utf8
        let isName = role.utf8.allSatisfy { byte in
            let letter = (byte | 0x20) &- UInt8(ascii: "a")
            return letter < 26 || byte &- UInt8(ascii: "0") < 10 || signs.contains(byte)
        }
        guard isName, !role.isEmpty else {
            throw WarehouseError(.denied, "a role's name is of letters, digits, _, -, . and @")
        }
        let grants = warehouse.dialect.grants(to: role)
        guard !grants.isEmpty else {
            throw WarehouseError(.denied, "\(warehouse.dialect.name) has no roles")
        }
        for statement in grants {
            _ = try warehouse.rows(statement, within: warehouseBudget)
        }
    }

    fileprivate func print(
        _ status: WarehouseStatus, of warehouse: String, isProbed: Bool?
    ) throws(InletError) {
        if isJSON { return try print(json: { status.write(to: &$0, warehouse, isProbed) }) }
        let isCurrent = status.version == status.neededVersion
        try print(
            "\(warehouse): reachable, schema version \(status.version)"
                + (isCurrent ? "" : " (this program needs \(status.neededVersion))"))
        if let isProbed {
            try print(isProbed ? "probe: stored and read back" : "probe: stored, but not found")
        }
        var table = Table("TABLE", "NEWEST", "LAG")
        for one in status.tables {
            table.add(
                one.name, one.newest?.rfc3339 ?? "-",
                one.lag.map { "\($0) s" } ?? "-")
        }
        try print(table)
    }
}

extension WarehouseStatus {
    fileprivate func write(
        to writer: inout JSONWriter, _ warehouse: String, _ isProbed: Bool?
    ) {
        writer.object { object in
            object.member("warehouse", warehouse)
            object.member("schemaVersion", version)
            object.member("neededVersion", neededVersion)
            if let isProbed { object.member("probe", isProbed) }
            object.name("tables")
            object.array { array in
                for table in tables {
                    array.object { object in
                        object.member("name", table.name)
                        guard let newest = table.newest?.rfc3339 else { return }
                        object.member("newest", newest)
                        if let lag = table.lag { object.member("lagSeconds", lag) }
                    }
                }
            }
        }
    }
}

extension WarehouseStatus.TableStatus {
    /// Whole seconds from receiving the newest message to loading a row.
    fileprivate var lag: Int? {
        guard let newest, let loaded else { return nil }
        return max(0, Int((loaded.milliseconds - newest.milliseconds) / 1000))
    }
}
