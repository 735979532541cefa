package import Secrets

extension WarehouseSetting {
    /// The warehouse, which connects with its first call.
    package func session(schema: SchemaName, secrets: SecretCache) -> any WarehouseSession {
        switch self {
        case .sqlite(let path, let journal): SQLiteWarehouse(path: path, journal: journal)
        case .postgreSQL(let uri):
            PostgreSQLWarehouse(SettingSecret(uri, secrets), schema: schema.text)
        case .databricks(let setting):
            DatabricksWarehouse(setting, schema: schema.text, secrets: secrets)
        case .teradata(let setting):
            TeradataWarehouse(setting, database: schema.text, secrets: secrets)
        }
    }
}
