/// Why a warehouse did not do what it was asked.
package struct WarehouseError: Error, Equatable {
    /// What helps.
    package enum Kind: Sendable, Equatable {
        /// Something in a row: the other rows of the chunk can be stored without it.
        case data
        /// The chunk is larger than the warehouse takes at once.
        case tooLarge
        /// Another writer was in the way: the same chunk may be stored at once.
        case conflict
        /// This chunk cannot be stored now; others can.
        case busy
        /// Nothing can be stored now.
        case unavailable
        /// Nothing can be stored before an operator has done something.
        case denied
        /// The time is up.
        case outOfTime
    }

    package let kind: Kind
    /// The database's own code, such as an SQLSTATE; nil if it gave none.
    package let code: String?
    /// A phrase for a log line; it holds no value, no address and no secret.
    package let reason: String

    package init(_ kind: Kind, code: String? = nil, _ reason: String) {
        self.kind = kind
        self.code = code
        self.reason = reason
    }

    package static let outOfTime = WarehouseError(.outOfTime, "no answer in time")
    static let notMigrated = WarehouseError(
        .denied,
        "its tables are not set up, or older than this program; run inlet warehouse migrate"
    )
    package static let migratedFurther = WarehouseError(
        .denied, "its tables are newer than this program; use a newer one")
}
