package import AWS
package import LambdaRuntime
package import Platform
package import Store
internal import Warehouse
package import WarehouseStore

/// Tables that a deployment brings up to date.
package protocol Migration {
    /// Brings them up to date. `slot` is told of each wait before it begins.
    func migrate(
        within budget: TimeBudget, _ slot: EventSlot
    ) throws(MigrationError) -> MigrationResult
}

/// How tables were found or left.
package enum MigrationResult: Sendable, Equatable {
    case applied(version: Int)
    case upToDate(version: Int)
    /// A deployment that is rolled back must not fail: older code goes on with newer tables.
    case newer(than: Int)

    /// The version that this program has.
    var version: Int {
        switch self {
        case .applied(let version), .upToDate(let version), .newer(let version): version
        }
    }

    /// A sentence for people who look at the stack's events.
    var sentence: String {
        switch self {
        case .applied(let version): "The tables are at version \(version) now."
        case .upToDate(let version): "The tables are at version \(version) already."
        case .newer(let version): "The tables are newer than version \(version)."
        }
    }
}

/// Why tables could not be set up; `reason` holds no secret.
package struct MigrationError: Error, Equatable {
    package let reason: String

    package init(reason: String) { self.reason = reason }
}

/// The tables of the partners.
package struct PartnerMigration: Migration {
    private let source: PartnerSource
    private let client: AWSClient

    package init(_ source: PartnerSource, _ client: AWSClient) {
        self.source = source
        self.client = client
    }

    package func migrate(
        within budget: TimeBudget, _ slot: EventSlot
    ) throws(MigrationError) -> MigrationResult {
        do throws(StoreError) {
            slot.wait = .databaseURI
            let store = try source.store(client, within: budget)
            slot.wait = .database
            do throws(StoreError) {
                let applied = try store.migrate(within: budget)
                return applied.isEmpty
                    ? .upToDate(version: store.schemaVersion)
                    : .applied(version: store.schemaVersion)
            } catch .migratedFurther {
                return .newer(than: store.schemaVersion)
            }
        } catch {
            throw MigrationError(reason: error.reason)
        }
    }
}

/// The tables of a warehouse.
package struct WarehouseMigration: Migration {
    private let warehouse: any WarehouseSession

    package init(_ warehouse: any WarehouseSession) { self.warehouse = warehouse }

    package func migrate(
        within budget: TimeBudget, _ slot: EventSlot
    ) throws(MigrationError) -> MigrationResult {
        slot.wait = .warehouse
        let version = warehouse.dialect.migrations.count
        do throws(WarehouseError) {
            let applied = try warehouse.migrate(within: budget)
            return applied.isEmpty ? .upToDate(version: version) : .applied(version: version)
        } catch {
            guard error != .migratedFurther else { return .newer(than: version) }
            throw MigrationError(reason: error.reason)
        }
    }
}
