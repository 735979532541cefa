package import Secrets
package import Warehouse

extension WarehouseSetting {
    /// The warehouse, which connects with its first call.
    package func session(
        schema: SchemaName, layout: Layout = .documents, secrets: SecretCache
    ) throws(WarehouseError) -> any WarehouseSession {
        switch self {
        case .sqlite(let path, let journal):
            return SQLiteWarehouse(path: path, journal: journal, layout: layout)
        case .postgreSQL(let uri):
            return PostgreSQLWarehouse(
                SettingSecret(uri, secrets), schema: schema.text, layout: layout)
        case .databricks(let setting):
            guard layout == .documents else { throw Self.noColumns }
            return DatabricksWarehouse(setting, schema: schema.text, secrets: secrets)
        case .teradata(let setting):
            guard layout == .documents else { throw Self.noColumns }
            return TeradataWarehouse(setting, database: schema.text, secrets: secrets)
        }
    }

    private static let noColumns = WarehouseError(
        .denied, "INLET_WAREHOUSE_LAYOUT: columns is for SQLite and PostgreSQL")
}
