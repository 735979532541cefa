/// The databases that a warehouse can be in.
package enum WarehouseDialects {
    /// Each of them, with the usual schema.
    package static let all: [any Dialect] = [
        SQLiteDialect(), PostgreSQLDialect(schema: "inlet"), DatabricksDialect(schema: "inlet"),
        TeradataDialect(database: "inlet"),
    ]
}
