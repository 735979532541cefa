internal import Platform
internal import Secrets

/// A Teradata system behind Query Service, and as whom it is used.
package struct TeradataSetting: Sendable {
    static let prefix = "teradata:"
    static let form = "teradata:https://<host>:1443/<prefix>/systems/<system>"

    let address: ServiceAddress
    /// Where queries are posted.
    let url: String
    let user: Secret
    let password: Secret
    /// The authorities that TLS trusts; nil for the system's.
    let authorities: [UInt8]?
    let system: System

    /// Reads the address, and the rest from the environment.
    ///
    /// What comes before `systems` in the path depends on the version of Query Service.
    init(_ text: Substring, _ system: System) throws(WarehouseError) {
        guard let address = ServiceAddress(String(text)), address.query == nil,
            address.path.count >= 2, address.path[address.path.count - 2] == "systems",
            address.path.allSatisfy({ $0.isName(with: "._-") })
        else { throw WarehouseError(.denied, "expected \(Self.form)") }
        self.address = address
        self.system = system
        url = "\(address.origin)/\(address.path.joined(separator: "/"))/queries"
        let settings = ServiceSettings(system: system)
        user = try settings.required("INLET_WAREHOUSE_USER")
        password = try settings.required("INLET_WAREHOUSE_PASSWORD")
        authorities = try settings.authorities()
    }
}
