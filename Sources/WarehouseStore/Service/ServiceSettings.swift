internal import Platform
internal import Secrets
internal import Transport

/// What the environment says about a warehouse that is reached over HTTP.
struct ServiceSettings {
    let system: System

    /// A setting that is a secret, or says where it is kept; nil if it is not set.
    func secret(_ variable: String) throws(WarehouseError) -> Secret? {
        guard let text = system[variable] else { return nil }
        do throws(SecretError) {
            return try Secret(text)
        } catch {
            throw WarehouseError(.denied, "\(variable) \(error.reason)")
        }
    }

    func required(_ variable: String) throws(WarehouseError) -> Secret {
        guard let secret = try secret(variable) else {
            throw WarehouseError(.denied, "\(variable) must be set too")
        }
        return secret
    }

    /// The authorities that TLS trusts, as a PEM text; nil for the system's alone.
    func authorities() throws(WarehouseError) -> [UInt8]? {
        let variable = "INLET_WAREHOUSE_CA_FILE"
        guard let path = system[variable] else { return nil }
        do throws(FileError) {
            return try TrustStore.including(path)
        } catch {
            throw WarehouseError(.denied, "\(variable): \(error.reason)")
        }
    }
}
