import Formats
import Platform
import TestSupport
import Testing

@testable import Partners
@testable import Store

@Suite("An import of partners", .timeLimit(.minutes(60)))
struct ImportTests {
    private static func line(
        _ number: Int, _ name: String, token: String? = nil, more: String = ""
    ) -> PartnerLine {
        let hash = TokenHash(token ?? "token of \(name)").recorded
        return PartnerLine(
            number: number,
            json: Array(#"{"name":"\#(name)","webhook_token":"\#(hash)"\#(more)}"#.utf8))
    }

    @Test(
        "gives each database what another one had, with ids, tokens and times",
        arguments: Backend.allCases)
    func whole(backend: Backend) throws {
        let old = try SQLiteTestDatabase().migrated()
        _ = try old.add(
            name: "é", description: "a 'b' \\ \"c\"\n", token: TokenHash("one"),
            config: Array(#"{"senders":["partner"],"max_bytes":10}"#.utf8))
        _ = try old.add(name: "gone", token: TokenHash("two"))
        _ = try old.remove(name: "gone")
        _ = try old.add(name: "turned", token: TokenHash("three"))
        _ = try old.rotate(name: "turned", to: TokenHash("four"), grace: .seconds(60))
        let exported = try old.partners(includingRemoved: true)
        let lines = exported.enumerated().map { PartnerLine(number: $0 + 1, json: $1.json) }

        let database = try backend.database()
        let register = try database.migrated()
        try register.add(try register.read(lines))
        let found = try register.partners(includingRemoved: true)
        #expect(found.map(\.id) == exported.map(\.id))
        for (one, other) in zip(found, exported) {
            #expect(one.name == other.name && one.description == other.description)
            #expect(one.token == other.token && one.previousToken == other.previousToken)
            #expect(one.createdAt == other.createdAt && one.deletedAt == other.deletedAt)
            #expect(one.modifiedAt == other.modifiedAt && one.status == other.status)
            let partner = try one.partner(at: "")
            #expect(try other.partner(at: "").validation.senders == partner.validation.senders)
        }
        let store = try database.store()
        let budget = System().budget(of: .seconds(600))
        #expect(try store.partner(token: TokenHash("three"), within: budget)?.name == "turned")
        #expect(try store.partner(token: TokenHash("two"), within: budget)?.name == "gone")
        #expect(try store.partner(name: "gone", within: budget) == nil)
        // It can be changed as any other.
        _ = try register.update(name: "é") { $0.status = .suspended }
    }

    @Test("adds none if one of them is taken meanwhile", arguments: Backend.allCases)
    func none(backend: Backend) throws {
        let register = try backend.database().migrated()
        let lines = (1...20).map { Self.line($0, "p\($0)") }
        let records = try register.read(lines)
        _ = try register.add(name: "p17", token: TokenHash("other"))
        #expect(throws: StoreError.nameTaken) { try register.add(records) }
        #expect(try register.partners().map(\.name) == ["p17"])
        _ = try register.remove(name: "p17")
        _ = try register.add(name: "q", token: TokenHash("token of p20"))
        #expect(throws: StoreError.tokenTaken) { try register.add(records) }
        #expect(try register.partners().map(\.name) == ["q"])
    }

    @Test("names every mistake by its line", arguments: Backend.allCases)
    func mistakes(backend: Backend) throws {
        let register = try backend.database().migrated()
        let known = try register.add(name: "known", token: TokenHash("taken"))
        let lines = [
            Self.line(1, "a"), PartnerLine(number: 2, json: Array("{".utf8)),
            Self.line(4, "known"), Self.line(5, "b", token: "taken"), Self.line(6, "a", token: "x"),
            Self.line(7, "c", more: #","validation_config":{"max_bytes":0,"senders":["fax"]}"#),
            Self.line(8, "d", more: #","id":"7""#), Self.line(9, "e", more: #","unknown":1"#),
            Self.line(10, "f", more: #","id":"\#(known.id)""#), Self.line(11, "-f"),
        ]
        let error = try #require(throws: StoreError.self) { _ = try register.read(lines) }
        let places = error.mistakes.map(\.place)
        for place in [
            "line 2", "line 4.name", "line 5.webhook_token", "line 6.name",
            "line 7.validation_config.max_bytes", "line 8.id", "line 10.id", "line 11.name",
        ] { #expect(places.contains(place), "\(places)") }
        #expect(places.contains { $0.hasPrefix("line 7.validation_config.senders") })
        #expect(places.contains { $0.hasPrefix("line 9") })
        #expect(!places.contains { $0.hasPrefix("line 1.") })
        #expect(error.mistakes.first { $0.place == "line 6.name" }?.problem == "line 1 has it")
        #expect(try register.partners().count == 1)
    }

    @Test("of thousands is one change", arguments: [Backend.sqlite, .postgreSQL])
    func many(backend: Backend) throws {
        let register = try backend.database().migrated()
        let records = try register.read((1...3000).map { Self.line($0, "p\($0)") })
        try register.add(records)
        #expect(try register.partners().count == 3000)
        let more = (1...PartnerRegister.maximumImport + 1).map { Self.line($0, "q\($0)") }
        let error = try #require(throws: StoreError.self) { _ = try register.read(more) }
        #expect(error.mistakes.map(\.place) == ["line \(PartnerRegister.maximumImport + 1)"])
    }

    @Test("is refused by DynamoDB if it has more than a transaction takes, and nothing is written")
    func transaction() throws {
        let register = try Backend.dynamoDB.database().migrated()
        // A partner is three items.
        let fits = try register.read((1...33).map { Self.line($0, "p\($0)") })
        let tooMany = fits + (try register.read([Self.line(34, "p34")]))
        #expect {
            try register.add(tooMany)
        } throws: {
            if case .notAtOnce = $0 as? StoreError { true } else { false }
        }
        #expect(try register.partners().isEmpty)
        try register.add(fits)
        #expect(try register.partners().count == 33)
    }
}
