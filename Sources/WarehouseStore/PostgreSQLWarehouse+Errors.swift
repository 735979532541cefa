internal import PostgreSQL

extension PostgreSQLWarehouse {
    static func error(_ error: PostgreSQLError) -> WarehouseError {
        switch error {
        case .malformedURI:
            WarehouseError(
                .denied,
                "the URI is malformed, or holds characters that must be percent-encoded")
        case .sslModeMissing:
            WarehouseError(
                .denied,
                "the URI has no sslmode: add ?sslmode=verify-full, or sslmode=disable where the "
                    + "password may be sent in the clear")
        case .cannotConnect(let reason): WarehouseError(.unavailable, reason)
        case .timedOut: .outOfTime
        case .connectionLost: WarehouseError(.unavailable, "the connection was lost")
        case .refused(let refusal): Self.error(refusal)
        }
    }

    /// Source: PostgreSQL documentation, "PostgreSQL Error Codes".
    private static func error(_ refusal: PostgreSQLError.Refusal) -> WarehouseError {
        let state = refusal.state
        let kind: WarehouseError.Kind
        switch state {
        case "42P01", "42703": return .notMigrated
        case "40P01", "40001": kind = .conflict
        // A lock was not to be had, or the time for a statement was up.
        case "55P03", "57014": kind = .busy
        case "3D000", "3F000", "42501": kind = .denied
        default:
            switch state.prefix(2) {
            // P0 and 44: an operator's trigger or view refuses it.
            case "22", "23", "44", "54", "P0": kind = .data
            case "28": kind = .denied
            default: kind = .unavailable
            }
        }
        // What the server says of a value may repeat it.
        let said = kind == .data ? nil : refusal.message
        return WarehouseError(
            kind, code: state,
            said ?? (kind == .data ? "a value was refused" : "a trigger refused a row"))
    }
}
