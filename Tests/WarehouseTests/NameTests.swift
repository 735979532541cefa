import Testing
@testable import Warehouse

@Suite("Names of events, tables and columns")
struct NameTests {
    @Test(
        "are those of the vectors",
        arguments: [
            ("Order Completed", "order_completed", "order_completed", "order_completed"),
            ("orderCompleted", "order_completed", "order_completed", "order_completed"),
            ("HTTPServer", "httpserver", "httpserver", "httpserver"),
            ("iOS Version", "i_os_version", "i_os_version", "i_os_version"),
            ("Price (USD)", "price_usd", "price_usd", "price_usd"),
            ("2FA Enabled", "2fa_enabled", "_2fa_enabled", "_2fa_enabled"),
            ("café au lait", "caf_au_lait", "caf_au_lait", "caf_au_lait"),
            ("日本", "x_cf2abf0c", "x_cf2abf0c", "x_cf2abf0c"),
            ("🎉", "x_6146299c", "x_6146299c", "x_6146299c"),
            ("", "x_e3b0c442", "x_e3b0c442", "x_e3b0c442"),
            ("order", "order", "_order", "_order"), ("user", "user", "_user", "_user"),
            ("end", "end", "_end", "_end"), ("select", "select", "_select", "_select"),
            ("Tracks", "tracks", "_tracks", "tracks"), ("Users", "users", "_users", "users"),
            ("id", "id", "id", "_id"), ("_id", "id", "id", "_id"),
            ("userID", "user_id", "user_id", "_user_id"),
            ("timestamp", "timestamp", "timestamp", "_timestamp"),
            ("sentAt", "sent_at", "sent_at", "_sent_at"),
            ("loadedAt", "loaded_at", "loaded_at", "_loaded_at"), ("name", "name", "name", "_name"),
            ("contextIp", "context_ip", "context_ip", "_context_ip"),
            ("context ip", "context_ip", "context_ip", "_context_ip"),
            ("$browser", "browser", "browser", "browser"), ("a.b", "a_b", "a_b", "a_b"),
            ("_lead", "lead", "lead", "lead"), ("_leading", "leading", "_leading", "_leading"),
            (
                "customerio:email_delivered", "customerio_email_delivered",
                "customerio_email_delivered", "customerio_email_delivered"
            ),
            ("SQLite Master", "sqlite_master", "_sqlite_master", "sqlite_master"),
            ("ctid", "ctid", "ctid", "_ctid"), ("A1b2C3", "a1b2_c3", "a1b2_c3", "a1b2_c3"),
            ("a1B", "a1_b", "a1_b", "a1_b"),
        ])
    func vectors(name: String, event: String, table: String, column: String) {
        #expect(Name.event(name) == event)
        #expect(Name.table(ofEvent: name) == table)
        #expect(Name.column([name]) == column)
    }

    @Test("of paths join the names on the way")
    func paths() {
        #expect(Name.column(["address", "postalCode"]) == "address_postal_code")
        #expect(Name.column(["a", "b_c"]) == "a_b_c")
        #expect(Name.column(["a_b", "c"]) == "a_b_c")
        #expect(Name.column(["product", "日本"]) == "product")
        #expect(Name.column(["日本", "本"]) == "x_6975dec6")
    }

    @Test("that are too long end in a hash of what they were made of")
    func long() {
        func x(_ count: Int) -> String { String(repeating: "x", count: count) }
        #expect(Name.event(x(70)) == x(70))
        #expect(Name.table(ofEvent: x(70)) == x(54) + "_c71bd109")
        #expect(Name.column([x(69) + "y"]) == x(54) + "_a00d1b70")
        let z = String(repeating: "Z", count: 64)
        #expect(Name.table(ofEvent: z) == String(repeating: "z", count: 54) + "_cc7321cc")
        let a = String(repeating: "a", count: 40)
        let b = String(repeating: "b", count: 40)
        #expect(Name.column([a, b]) == a + "_" + b.prefix(13) + "_9824946b")
    }

    @Test("are short and of plain characters whatever they were made of")
    func property() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let scalars = (0..<Int.random(in: 0...90, using: &generator)).compactMap { _ in
                Unicode.Scalar(
                    UInt32.random(in: 0...[0x7F, 0xFF, 0x2FFF].randomElement()!, using: &generator))
            }
            let name = String(String.UnicodeScalarView(scalars))
            for made in [Name.table(ofEvent: name), Name.column([name])] {
                #expect((1...63).contains(made.utf8.count))
                #expect(made.wholeMatch(of: /_?[a-z0-9_]+/) != nil)
            }
        }
    }
}
