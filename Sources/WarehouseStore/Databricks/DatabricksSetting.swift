internal import Platform
internal import Secrets

/// A Databricks SQL warehouse, and as whom it is used.
package struct DatabricksSetting: Sendable {
    /// As whom statements are run.
    enum Credentials: Sendable {
        /// A personal access token.
        case token(Secret)
        /// A service principal, which gets tokens for an hour each.
        case principal(id: Secret, secret: Secret)
    }

    static let prefix = "databricks:"
    static let form = "databricks:https://<host>/sql/1.0/warehouses/<id>?catalog=<catalog>"

    let address: ServiceAddress
    let warehouseID: String
    let catalog: String
    let credentials: Credentials
    /// The authorities that TLS trusts; nil for the system's.
    let authorities: [UInt8]?
    let system: System

    /// Reads the address, and the rest from the environment.
    init(_ text: Substring, _ system: System) throws(WarehouseError) {
        let catalogMark = "catalog="
        guard let address = ServiceAddress(String(text)), address.path.count == 4,
            address.path[0..<3] == ["sql", "1.0", "warehouses"],
            address.path[3].isName(with: ""), let query = address.query,
            query.hasPrefix(catalogMark)
        else { throw WarehouseError(.denied, "expected \(Self.form)") }
        let catalog = String(query.dropFirst(catalogMark.count))
        guard catalog.isName(with: "_-") else {
            throw WarehouseError(.denied, "expected \(Self.form)")
        }
        self.address = address
        self.catalog = catalog
        self.system = system
        warehouseID = address.path[3]
        let settings = ServiceSettings(system: system)
        credentials = try Self.credentials(settings)
        authorities = try settings.authorities()
    }

    private static func credentials(
        _ settings: ServiceSettings
    ) throws(WarehouseError) -> Credentials {
        let (tokenName, idName) = ("INLET_WAREHOUSE_TOKEN", "INLET_WAREHOUSE_CLIENT_ID")
        let token = try settings.secret(tokenName)
        let id = try settings.secret(idName)
        switch (token, id) {
        case (let token?, nil): return .token(token)
        case (nil, let id?):
            return .principal(
                id: id, secret: try settings.required("INLET_WAREHOUSE_CLIENT_SECRET"))
        default:
            throw WarehouseError(
                .denied, "either \(tokenName) or \(idName) must be set too, and not both")
        }
    }
}
