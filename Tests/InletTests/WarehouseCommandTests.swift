import Formats
import TestSupport
import Testing

@testable import inlet

@Suite("Warehouse commands")
struct WarehouseCommandTests {
    private let person: Operator
    private var warehouse: String { "sqlite:\(person.directory.path)/warehouse.sqlite" }

    init() throws { person = try Operator() }

    @Test("the tables are set up once, and their newest rows are shown")
    func migrates() throws {
        let missing = person.run("warehouse", "status", "--warehouse", warehouse)
        #expect(missing.code == 1)
        #expect(missing.errors.contains("inlet warehouse migrate"))
        let first = person.run("warehouse", "migrate", "--warehouse", warehouse)
        #expect(first.code == 0 && first.output == "The tables are at version 1 now.\n")
        let json = try person.run("warehouse", "migrate", "--warehouse", warehouse, "--json").json()
        #expect(json["schemaVersion"]?.int == 1)
        #expect(json["applied"]?.elements.isEmpty == true)
        let empty = person.run("warehouse", "status", "--warehouse", warehouse)
        #expect(empty.code == 0)
        #expect(empty.output.contains("sqlite: reachable, schema version 1"))
        let probed = try person.run(
            "warehouse", "status", "--probe", "--warehouse", warehouse, "--json"
        ).json()
        #expect(probed["probe"]?.bool == true)
        let tracks = probed["tracks"] ?? probed["tables"]?.elements.first
        #expect(tracks?["name"]?.string == "tracks")
        #expect(tracks?["newest"]?.string != nil)
        #expect(tracks?["lagSeconds"]?.int == 0)
    }

    @Test("messages are shown as rows, with the type of each database")
    func checks() throws {
        let message =
            #"{"type":"track","messageId":"m","event":"Order Completed","timestamp":"then","properties":{"n":1.10}}"#
        let shown = person.run(["warehouse", "check", "-"], input: Array(message.utf8))
        #expect(shown.code == 0)
        #expect(shown.output.contains("order_completed"))
        #expect(shown.output.contains("jsonb"))
        #expect(shown.output.contains("not_a_time"))
        let lines = Array("\(message)\n\n{\n".utf8)
        let json = person.run(
            ["warehouse", "check", "-", "--json", "--partner", "web-app"], input: lines)
        #expect(json.code == 1)
        let rows = try json.output.split(separator: "\n").map { try parse(String($0)) }
        #expect(rows.map { $0["table"]?.string } == ["tracks", "discards", "rejected"])
        #expect(rows[0]["row"]?["partner"]?.string == "web-app")
        #expect(rows[0]["row"]?["properties"]?.written == #"{"n":1.10}"#)
        #expect(rows[2]["row"]?["id"]?.string == "line-2")
    }

    @Test("what is wrong with the settings is said, and no password is")
    func settings() throws {
        #expect(person.run("warehouse", "status").code == 2)
        for (uri, words) in [
            ("mysql://h/d", "expected sqlite:"), ("sqlite:", "sqlite:<path of a file>"),
            ("postgresql://u:planted-password@db.example/d", "sslmode"),
        ] {
            let result = person.run("warehouse", "migrate", "--warehouse", uri)
            #expect(result.code == 1)
            #expect(result.errors.contains(words), "\(result.errors)")
            #expect(!result.errors.contains("planted"))
        }
        let schema = person.run(
            "warehouse", "status", "--warehouse", warehouse, "--schema", "a\"b")
        #expect(schema.code == 2)
        let role = person.run("warehouse", "migrate", "--warehouse", warehouse, "--grant", "r")
        #expect(role.code == 1 && role.errors.contains("sqlite has no roles"))
    }
}
