import Secrets
import Store
import Testing

@Suite("INLET_PARTNERS")
struct PartnerSourceTests {
    @Test("names a database's file")
    func sqlite() throws {
        for (text, expected) in [("sqlite:a.db", "a.db"), ("sqlite:/a/b c?d#e", "/a/b c?d#e")] {
            guard case .database(.sqlite(let path)) = try PartnerSource(text) else {
                Issue.record("not a database")
                continue
            }
            #expect(path == expected)
        }
    }

    @Test("has four forms of JSON")
    func forms() throws {
        guard case .inline(let bytes) = try PartnerSource(" \n[]") else {
            Issue.record("not inline")
            return
        }
        #expect(bytes == Array(" \n[]".utf8))
        for (text, expected) in [
            ("file:/a/b", Reference.file(path: "/a/b")),
            ("secretsmanager:prod/x", .secretsManager(id: "prod/x")),
            (
                "secretsmanager:arn:aws:secretsmanager:eu-west-1:1:secret:x",
                .secretsManager(id: "arn:aws:secretsmanager:eu-west-1:1:secret:x")
            ),
            ("ssm:/prod/x", .parameter(name: "/prod/x")),
        ] {
            guard case .kept(let reference) = try PartnerSource(text) else {
                Issue.record("not a reference")
                continue
            }
            #expect(reference == expected)
        }
    }

    @Test(
        "anything else is an error that names the forms",
        arguments: [
            "", "{}", "file:", "ssm:", "secretsmanager:", "SQLite:x", "dynamodb:",
            "dynamodb:a b", "/path", "FILE:/a",
        ])
    func malformed(text: String) {
        #expect(throws: StoreError.malformedSource) { try PartnerSource(text) }
        #expect(StoreError.malformedSource.reason.contains("file:<path>"))
    }

    @Test(
        "SQLite without a file is refused",
        arguments: ["sqlite::memory:", "sqlite:", "sqlite: ", "sqlite:\n"])
    func withoutFile(source: String) {
        #expect(throws: StoreError.sqliteWithoutFile) { try PartnerSource(source) }
    }

    @Test(
        "sslmode has six words",
        arguments: [
            ("disable", true), ("allow", true), ("prefer", true), ("require", true),
            ("verify-ca", true), ("verify-full", true), ("", false), ("verify_full", false),
            ("Require", false), ("true", false),
        ])
    func sslMode(mode: String, isKnown: Bool) {
        let source = try? PartnerSource("postgresql://u:p@db.example.com/x?sslmode=\(mode)")
        #expect((source != nil) == isKnown)
    }
}
