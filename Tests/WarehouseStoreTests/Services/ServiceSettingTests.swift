import Platform
import Testing
@testable import WarehouseStore

@Suite("Settings of warehouses over HTTP")
struct ServiceSettingTests {
    private static let all = [
        "INLET_WAREHOUSE_TOKEN": "dapi1", "INLET_WAREHOUSE_USER": "u",
        "INLET_WAREHOUSE_PASSWORD": "p",
    ]

    private static func setting(
        _ text: String, _ environment: [String: String] = all
    ) throws -> WarehouseSetting {
        try WarehouseSetting(text, System(environment: { environment[$0] }))
    }

    @Test(
        "addresses are taken apart",
        arguments: [
            "databricks:https://dbc-1.cloud.databricks.com/sql/1.0/warehouses/1a2b?catalog=main",
            "databricks:http://127.0.0.1:8080/sql/1.0/warehouses/1a2b?catalog=a-b_c",
            "teradata:https://td.example.org:1443/systems/prod",
            "teradata:https://td.example.org:1443/tdrest/systems/prod",
            "teradata:https://td.example.org:1443/api/query/tdrest/systems/prod",
            "teradata:https://td.example.org:1443/api/query/systems/prod",
            "teradata:http://[::1]:1080/systems/local",
        ])
    func good(text: String) throws {
        switch try Self.setting(text) {
        case .databricks(let setting): #expect(text.contains(setting.catalog))
        case .teradata(let setting): #expect(setting.url.hasSuffix("/queries"))
        case .sqlite, .postgreSQL: Issue.record("another warehouse")
        }
    }

    @Test(
        "anything else is refused, and not repeated",
        arguments: [
            "databricks:http://dbc-1.cloud.databricks.com/sql/1.0/warehouses/1a2b?catalog=main",
            "databricks:https://hidden:pw@host/sql/1.0/warehouses/1a2b?catalog=main",
            "databricks:https://host/sql/1.0/warehouses/1a2b",
            "databricks:https://host/sql/1.0/warehouses/1a%2Fb?catalog=main",
            "databricks:https://host/sql/1.0/warehouses/1a2b?catalog=hidden'",
            "databricks:https://host:99999/sql/1.0/warehouses/1a2b?catalog=main",
            "databricks:https:///sql/1.0/warehouses/1a2b?catalog=main", "databricks:",
            "teradata:http://10.0.0.1:1080/systems/local", "teradata:https://host/systems/",
            "teradata:https://host/systems/a?b", "teradata:https://host/system/local",
            "teradata:http://127.0.0.1.example.org/systems/local",
        ])
    func bad(text: String) {
        let error = #expect(throws: WarehouseError.self) { try Self.setting(text) }
        #expect(error?.kind == .denied)
        #expect(error?.reason.contains("hidden") == false)
    }

    @Test("credentials that are missing, doubled or malformed are named")
    func credentials() {
        let databricks = "databricks:https://host/sql/1.0/warehouses/1a2b?catalog=main"
        let teradata = "teradata:https://host/systems/local"
        for (text, environment, name) in [
            (databricks, [:], "INLET_WAREHOUSE_TOKEN"),
            (
                databricks, ["INLET_WAREHOUSE_TOKEN": "a", "INLET_WAREHOUSE_CLIENT_ID": "b"],
                "INLET_WAREHOUSE_CLIENT_ID"
            ),
            (
                databricks, ["INLET_WAREHOUSE_CLIENT_ID": "b"], "INLET_WAREHOUSE_CLIENT_SECRET"
            ),
            (databricks, ["INLET_WAREHOUSE_TOKEN": "ssm:"], "INLET_WAREHOUSE_TOKEN"),
            (teradata, ["INLET_WAREHOUSE_USER": "u"], "INLET_WAREHOUSE_PASSWORD"),
            (teradata, ["INLET_WAREHOUSE_PASSWORD": "p"], "INLET_WAREHOUSE_USER"),
            (
                teradata, Self.all.merging(["INLET_WAREHOUSE_CA_FILE": "/nowhere"]) { $1 },
                "INLET_WAREHOUSE_CA_FILE"
            ),
        ] as [(String, [String: String], String)] {
            let error = #expect(throws: WarehouseError.self) {
                try Self.setting(text, environment)
            }
            #expect(error?.reason.contains(name) == true)
        }
    }
}
