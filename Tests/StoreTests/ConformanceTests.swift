import Formats
import Partners
import Platform
import Secrets
import Store
import Synchronization
import TestSupport
import Testing
import Transport

import class Foundation.DispatchQueue

/// What every database must do.
@Suite("A partner database")
struct ConformanceTests {
    private static func soon() -> TimeBudget { System().budget(of: .seconds(600)) }

    // MARK: - Tables

    @Test("is migrated once, however often that is run", arguments: Backend.allCases)
    func migratesOnce(backend: Backend) throws {
        let database = try backend.database()
        #expect(try database.register().migrate() == [1])
        #expect(try database.register().migrate() == [])
        let register = try database.register()
        _ = try register.add(name: "a", token: TokenHash("t"))
        #expect(try register.migrate() == [])
        #expect(try register.partners().map(\.name) == ["a"])
    }

    @Test("is migrated by exactly one of several at once", arguments: Backend.allCases)
    func migratesAtOnce(backend: Backend) throws {
        let database = try backend.database()
        let applied = try atOnce(4) { _ in try database.register().migrate() }
        #expect(applied.flatMap(\.self) == [1])
        _ = try database.register().add(name: "a", token: TokenHash("t"))
    }

    @Test("says what to do while its tables are not there", arguments: Backend.allCases)
    func notMigrated(backend: Backend) throws {
        let database = try backend.database()
        let store = try database.store()
        #expect {
            try store.partner(token: TokenHash("t"), within: Self.soon())
        } throws: {
            ($0 as? StoreError)?.reason.contains("inlet migrate") == true
        }
        #expect {
            try database.register().add(name: "a", token: TokenHash("t"))
        } throws: {
            ($0 as? StoreError)?.reason.contains("inlet migrate") == true
        }
        // The same connection goes on when they are.
        _ = try database.register().migrate()
        #expect(try store.partner(token: TokenHash("t"), within: Self.soon()) == nil)
    }

    // MARK: - Records

    @Test("gives back what was put in, to any connection", arguments: Backend.allCases)
    func keeps(backend: Backend) throws {
        let database = try backend.database()
        let register = try database.migrated()
        let config =
            #"{"allowed_ips":["203.0.113.0/24"],"senders":["segment-destination"],"#
            + #""signing":{"scheme":"segment","secrets":["s"]}}"#
        let added = try register.add(
            name: "web-app", description: "Marketing site", token: TokenHash("wk_1"),
            status: .inactive, config: Array(config.utf8))
        #expect(UUID(added.id) != nil)
        let store = try database.store()
        for record in [
            try store.partner(token: TokenHash("wk_1"), within: Self.soon()),
            try store.partner(id: added.id, within: Self.soon()),
            try store.partner(name: "web-app", within: Self.soon()),
            try register.partners().first,
        ] {
            let record = try #require(record)
            #expect(record.id == added.id)
            #expect(record.name == "web-app")
            #expect(record.description == "Marketing site")
            #expect(record.token == TokenHash("wk_1"))
            #expect(record.previousToken == nil)
            #expect(record.status == .inactive)
            #expect(record.createdAt == .start)
            #expect(record.modifiedAt == .start)
            #expect(record.deletedAt == nil)
            let partner = try record.partner(at: "partner")
            #expect(partner.validation.allowedIPs?.count == 1)
            #expect(partner.signing?.scheme == .segment)
        }
    }

    @Test("finds nothing else", arguments: Backend.allCases)
    func findsNothing(backend: Backend) throws {
        let database = try backend.database()
        let added = try database.migrated().add(name: "a", token: TokenHash("t"))
        let store = try database.store()
        for token in ["", "T", "t ", TokenHash("t").recorded] {
            #expect(try store.partner(token: TokenHash(token), within: Self.soon()) == nil)
        }
        for id in ["", "a", "web-app", added.id + " ", "0b8f4f0e-6f0a-4a55-8a6e-0d4be1c1f0aa"] {
            #expect(try store.partner(id: id, within: Self.soon()) == nil)
        }
        for name in ["", "A", "a ", "b"] {
            #expect(try store.partner(name: name, within: Self.soon()) == nil)
        }
    }

    @Test(
        "finds the partners of a signing scheme, the active ones first",
        arguments: Backend.allCases)
    func signingSchemes(backend: Backend) throws {
        let database = try backend.database()
        let register = try database.migrated()
        func config(_ scheme: String) -> [UInt8] {
            Array(
                #"{"senders":["partner"],"signing":{"scheme":"\#(scheme)","secrets":["s"]}}"#.utf8)
        }
        for (name, scheme) in [
            ("a", "customerio"), ("b", "segment"), ("c", "customerio"), ("d", "customerio"),
            ("e", #"custom\u0065rio"#),
        ] {
            _ = try register.add(name: name, token: TokenHash(name), config: config(scheme))
        }
        _ = try register.add(name: "plain", token: TokenHash("plain"))
        _ = try register.update(name: "c") { $0.status = .suspended }
        _ = try register.remove(name: "d")
        let store = try database.store()
        let found = try store.partners(
            signingScheme: "customerio", limit: 10, within: Self.soon())
        func names(_ found: some Sequence<RecordReading>) throws -> [String] {
            try found.map { try $0.get().name }
        }
        #expect(Set(try names(found.prefix(2))) == ["a", "e"])
        #expect(try names(found.dropFirst(2)) == ["c"])
        let two = try store.partners(signingScheme: "customerio", limit: 2, within: Self.soon())
        #expect(Set(try names(two)) == ["a", "e"])
    }

    @Test("lists all partners by name, over several pages", arguments: Backend.allCases)
    func lists(backend: Backend) throws {
        let register = try backend.database().migrated()
        // DynamoDB's pages end by size.
        let (count, length) = backend == .dynamoDB ? (45, 13_000) : (1003, 1)
        let secret = String(repeating: "s", count: length)
        let config = Array(
            #"{"senders":["partner"],"signing":{"scheme":"segment","secrets":["\#(secret)"]}}"#.utf8
        )
        let names = (0..<count).map { "partner-\(10_000 + $0)" }
        for name in names.shuffled() {
            _ = try register.add(name: name, token: TokenHash(name), config: config)
        }
        _ = try register.remove(name: names[7])
        #expect(try register.partners().map(\.name) == names.filter { $0 != names[7] })
        #expect(try register.partners(includingRemoved: true).map(\.name) == names)
    }

    // MARK: - Changes

    @Test("changes one partner and no other", arguments: Backend.allCases)
    func updates(backend: Backend) throws {
        let database = try backend.database()
        let register = try database.migrated()
        _ = try register.add(name: "a", token: TokenHash("ta"))
        _ = try register.add(name: "b", token: TokenHash("tb"))
        let later = try database.register(at: .start.after(60))
        let changed = try later.update(name: "a") {
            $0.name = "c"
            $0.description = "new"
            $0.status = .suspended
            $0.validationConfig = Array(#"{"allowed_ips":["::1"]}"#.utf8)
        }
        #expect(changed.modifiedAt == .start.after(60))
        let found = try #require(
            try database.store().partner(token: TokenHash("ta"), within: Self.soon()))
        #expect(found.name == "c")
        #expect(found.description == "new")
        #expect(found.status == .suspended)
        #expect(found.createdAt == .start)
        #expect(found.modifiedAt == .start.after(60))
        #expect(try found.partner(at: "p").validation.allowedIPs?.count == 1)
        #expect(throws: StoreError.noSuchPartner) { try register.partner(name: "a") }
        #expect(try register.partner(name: "b").modifiedAt == .start)
        // The name that it had is free.
        _ = try register.add(name: "a", token: TokenHash("new"))
    }

    @Test(
        "tells every version from the next, within a millisecond too", arguments: Backend.allCases)
    func versions(backend: Backend) throws {
        let register = try backend.database().migrated()
        _ = try register.add(name: "a", token: TokenHash("t"))
        let times = try (0..<5).map { index in
            try register.update(name: "a") { $0.description = "\(index)" }.modifiedAt
        }
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test("refuses a change of what somebody else has changed", arguments: Backend.allCases)
    func optimistic(backend: Backend) throws {
        let database = try backend.database()
        let register = try database.migrated()
        _ = try register.add(name: "a", token: TokenHash("t"))
        let store = try database.store()
        let old = try register.partner(name: "a")
        _ = try register.update(name: "a") { $0.description = "first" }
        var mine = old
        mine.description = "second"
        #expect(throws: StoreError.changedMeanwhile) {
            try store.replace(old, with: mine, within: Self.soon())
        }
        #expect(try register.partner(name: "a").description == "first")
    }

    @Test("refuses a name and a token that are taken", arguments: Backend.allCases)
    func duplicates(backend: Backend) throws {
        let register = try backend.database().migrated()
        _ = try register.add(name: "a", token: TokenHash("ta"))
        _ = try register.add(name: "b", token: TokenHash("tb"))
        #expect(throws: StoreError.nameTaken) {
            try register.add(name: "a", token: TokenHash("x"))
        }
        #expect(throws: StoreError.tokenTaken) {
            try register.add(name: "x", token: TokenHash("ta"))
        }
        #expect(throws: StoreError.nameTaken) { try register.update(name: "b") { $0.name = "a" } }
        #expect(throws: StoreError.tokenTaken) {
            try register.rotate(name: "b", to: TokenHash("ta"), grace: .zero)
        }
        #expect(throws: StoreError.noSuchPartner) {
            try register.update(name: "c") { $0.status = .suspended }
        }
        #expect(try register.partners().map(\.name) == ["a", "b"])
        // What was refused has left nothing behind.
        _ = try register.add(name: "x", token: TokenHash("x"))
    }

    @Test("says that a token is taken without the register's help", arguments: Backend.allCases)
    func duplicateToken(backend: Backend) throws {
        let database = try backend.database()
        let register = try database.migrated()
        _ = try register.add(name: "a", token: TokenHash("t"))
        var generator = SystemRandomNumberGenerator()
        let record = PartnerRecord(
            id: UUID(random: &generator), name: "b", token: TokenHash("t"), at: .start)
        #expect(throws: StoreError.tokenTaken) {
            try database.store().insert(record, within: Self.soon())
        }
        #expect(throws: StoreError.noSuchPartner) { try register.partner(name: "b") }
    }

    @Test(
        "keeps the token before a rotation for its grace, and no longer",
        arguments: Backend.allCases)
    func rotates(backend: Backend) throws {
        let database = try backend.database()
        let register = try database.migrated()
        _ = try register.add(name: "a", token: TokenHash("one"))
        let rotated = try register.rotate(
            name: "a", to: TokenHash("two"), grace: .seconds(86400))
        #expect(
            rotated.previousToken
                == PartnerToken(hash: TokenHash("one"), expiresAt: .start.after(86400)))
        let store = try database.store()
        for token in ["one", "two"] {
            let record = try #require(
                try store.partner(token: TokenHash(token), within: Self.soon()))
            let partner = try record.partner(at: "p")
            #expect(partner.owns(TokenHash(token), at: .start.after(86399)))
            #expect(partner.owns(TokenHash(token), at: .start.after(86400)) == (token == "two"))
        }
        #expect(throws: StoreError.tokenTaken) {
            try register.add(name: "b", token: TokenHash("one"))
        }
        // While the one before is valid, it is ended on purpose only.
        #expect(throws: StoreError.previousTokenValid(until: .start.after(86400))) {
            try register.rotate(name: "a", to: TokenHash("three"), grace: .seconds(60))
        }
        #expect(try store.partner(token: TokenHash("three"), within: Self.soon()) == nil)
        #expect(try store.partner(token: TokenHash("one"), within: Self.soon())?.name == "a")
        _ = try register.rotate(
            name: "a", to: TokenHash("three"), grace: .seconds(60), endingPrevious: true)
        #expect(try store.partner(token: TokenHash("one"), within: Self.soon()) == nil)
        #expect(try store.partner(token: TokenHash("two"), within: Self.soon())?.name == "a")
        let later = try database.register(at: .start.after(60))
        _ = try later.rotate(name: "a", to: TokenHash("four"), grace: .zero)
        for (token, isKnown) in [("two", false), ("three", false), ("four", true)] {
            let found = try store.partner(token: TokenHash(token), within: Self.soon())
            #expect((found != nil) == isKnown, "\(token)")
        }
        // A token that is no longer known may be given again.
        _ = try register.rotate(name: "a", to: TokenHash("one"), grace: .zero)
        #expect(try store.partner(token: TokenHash("one"), within: Self.soon())?.name == "a")
    }

    @Test("knows the tokens of a removed partner, and frees its name", arguments: Backend.allCases)
    func removes(backend: Backend) throws {
        let database = try backend.database()
        let register = try database.migrated()
        _ = try register.add(name: "a", token: TokenHash("one"))
        _ = try register.rotate(name: "a", to: TokenHash("two"), grace: .seconds(60))
        let removed = try register.remove(name: "a")
        #expect(removed.deletedAt == .start)
        let store = try database.store()
        for token in ["one", "two"] {
            let record = try #require(
                try store.partner(token: TokenHash(token), within: Self.soon()))
            #expect(try record.partner(at: "p").standing == .deleted)
        }
        #expect(try store.partner(id: removed.id, within: Self.soon())?.deletedAt == .start)
        #expect(throws: StoreError.noSuchPartner) { try register.partner(name: "a") }
        #expect(throws: StoreError.noSuchPartner) { try register.remove(name: "a") }
        #expect(throws: StoreError.tokenTaken) {
            try register.add(name: "a", token: TokenHash("two"))
        }
        let second = try register.add(name: "a", token: TokenHash("three"))
        #expect(try register.partner(name: "a").id == second.id)
        _ = try register.remove(name: "a")
        #expect(try register.partners().isEmpty)
        #expect(try register.partners(includingRemoved: true).map(\.name) == ["a", "a"])
    }

    // MARK: - Races

    @Test("gives a name to one of several that add it at once", arguments: Backend.allCases)
    func addsAtOnce(backend: Backend) throws {
        let database = try backend.database()
        _ = try database.migrated()
        let results = try atOnce(6) { index in
            do {
                _ = try database.register().add(name: "a", token: TokenHash("t\(index)"))
                return "added"
            } catch StoreError.nameTaken {
                return "taken"
            }
        }
        #expect(results.filter { $0 == "added" }.count == 1)
        #expect(results.filter { $0 == "taken" }.count == 5)
        let partner = try database.register().partner(name: "a")
        let owners = try (0..<6).compactMap {
            try database.store().partner(token: TokenHash("t\($0)"), within: Self.soon())
        }
        #expect(owners.map(\.id) == [partner.id])
    }

    @Test("loses no change when several are made at once", arguments: Backend.allCases)
    func updatesAtOnce(backend: Backend) throws {
        let database = try backend.database()
        _ = try database.migrated().add(name: "a", description: "", token: TokenHash("t"))
        let letters = ["a", "b", "c", "d"]
        let won = try atOnce(4) { index in
            do {
                _ = try database.register().update(name: "a") {
                    $0.description = ($0.description ?? "") + letters[index]
                }
                return [letters[index]]
            } catch StoreError.changedMeanwhile {
                return []
            }
        }.flatMap(\.self)
        let description = try #require(try database.register().partner(name: "a").description)
        #expect(description.map(String.init).sorted() == won.sorted())
        #expect(!won.isEmpty)
    }

    @Test("waits between attempts that lose a race, ever longer and never alike")
    func pauses() throws {
        let database = try Backend.sqlite.database()
        let other = try database.migrated()
        _ = try other.add(name: "a", token: TokenHash("t"))
        var races = 3
        let waits = Mutex<[Duration]>([])
        let slow = PartnerRegister(
            try database.store(),
            system: System(
                now: { .start }, sleep: { wait in waits.withLock { $0.append(wait) } }),
            randomID: {
                var generator = SystemRandomNumberGenerator()
                return UUID(random: &generator)
            })
        let updated = try slow.update(name: "a") { record throws(StoreError) in
            if races > 0 {
                races -= 1
                _ = try other.update(name: "a") { $0.status = .suspended }
            }
            record.description = "mine"
        }
        #expect(updated.status == .suspended && updated.description == "mine")
        let pauses = waits.withLock { $0 }
        #expect(pauses.count == 3 && Set(pauses).count == 3)
        for (index, wait) in pauses.enumerated() {
            #expect(.zero...PartnerRegister.maximumPause * (index + 1) ~= wait)
        }
    }

    @Test("knows a token of the partner at every moment of a rotation", arguments: Backend.allCases)
    func rotatesDuringLookUps(backend: Backend) throws {
        let database = try backend.database()
        _ = try database.migrated().add(name: "a", token: TokenHash("t0"))
        let valid = Mutex((token: 0, isDone: false))
        let lost = try atOnce(2) { index in
            if index == 0 {
                defer { valid.withLock { $0.isDone = true } }
                let register = try database.register()
                for number in 1...15 {
                    _ = try register.rotate(
                        name: "a", to: TokenHash("t\(number)"), grace: .seconds(3600),
                        endingPrevious: true)
                    valid.withLock { $0.token = number }
                }
                return 0
            }
            let store = try database.store()
            var lost = 0
            while true {
                let (token, isDone) = valid.withLock { $0 }
                let found = try store.partner(token: TokenHash("t\(token)"), within: Self.soon())
                // Two rotations may have passed by, and ended the token for good.
                if found == nil, valid.withLock({ $0.token }) == token { lost += 1 }
                if isDone { return lost }
            }
        }
        #expect(lost == [0, 0])
    }

    @Test(
        "a token's owner comes before who had it once, where somebody wrote both rows",
        arguments: [Backend.sqlite, .postgreSQL], [true, false])
    func owner(backend: Backend, isLast: Bool) throws {
        let database = try backend.database()
        _ = try database.migrated()
        let store = try database.store()
        let (first, last) = (
            try #require(UUID("00000000-0000-4000-8000-000000000000")),
            try #require(UUID("ffffffff-0000-4000-8000-000000000000"))
        )
        let owner = PartnerRecord(
            id: isLast ? last : first, name: "owner", token: TokenHash("x"), at: .start)
        var former = PartnerRecord(
            id: isLast ? first : last, name: "former", token: TokenHash("y"), at: .start)
        former.previousToken = PartnerToken(
            hash: TokenHash("x"), expiresAt: .start.after(3600))
        for record in [former, owner] { try store.insert(record, within: Self.soon()) }
        #expect(try store.partner(token: TokenHash("x"), within: Self.soon())?.name == "owner")
        #expect(try store.partner(token: TokenHash("y"), within: Self.soon())?.name == "former")
    }

    // MARK: - Texts

    static let texts = [
        "'; DROP TABLE webhook_partners; --", #"" OR "1"="1"#, "\\'; SELECT 1; --", "$1", "?1",
        "%s%n", "${jndi:ldap://x}", "{\"S\":\"x\"}", ":name", "#status", "a\nb\tc\r\u{1}\u{7F}",
        "naïve 🦜 Ω 漢字 \u{202E}rtl", "e\u{301}", "\u{E9}", "\u{10FFFF}\u{FFFD}", " ", "--", "/*",
        "name#a", "token#x", "NULL", "null", "true", "1e400", "\\u0041", "\u{FEFF}bom",
    ]

    @Test("takes any text for what it is", arguments: Backend.allCases)
    func anyText(backend: Backend) throws {
        let database = try backend.database()
        let register = try database.migrated()
        let store = try database.store()
        _ = try register.add(name: "bystander", token: TokenHash("bystander"))
        for text in Self.texts {
            var config = JSONWriter()
            config.object {
                $0.name("senders")
                $0.array { $0.string("partner") }
                $0.name("signing")
                $0.object { signing in
                    signing.member("scheme", "segment")
                    signing.name("secrets")
                    signing.array { $0.string(text) }
                }
            }
            // A name has none of the characters that an attribute cannot carry or nobody sees, and
            // begins and ends with something else than a hyphen or a blank.
            var characters = "n".unicodeScalars + text.unicodeScalars + "n".unicodeScalars
            characters.removeAll {
                $0.value > 0xFFFD || $0.properties.generalCategory == .control
                    || $0.properties.generalCategory == .format
            }
            let name = String(String.UnicodeScalarView(characters))
            let added = try register.add(
                name: name, description: text, token: TokenHash(text), config: config.bytes)
            let found = try #require(
                try store.partner(token: TokenHash(text), within: Self.soon()))
            #expect(found.name.unicodeScalars.elementsEqual(characters))
            #expect(found.description == text)
            #expect(try store.partner(name: name, within: Self.soon())?.id == added.id)
            #expect(try store.partner(id: text, within: Self.soon()) == nil)
            #expect(
                try store.partners(signingScheme: text, limit: 5, within: Self.soon()).isEmpty)
            guard case .plain(let secret) = try found.partner(at: "p").signing?.secrets.first else {
                Issue.record("no secret")
                continue
            }
            #expect(secret == Array(text.utf8))
        }
        #expect(try register.partner(name: "bystander").token == TokenHash("bystander"))
        #expect(try register.partners().count == Self.texts.count + 1)
    }

    @Test("refuses a name that a list or a shell would spoil", arguments: Backend.allCases)
    func names(backend: Backend) throws {
        let register = try backend.database().migrated()
        _ = try register.add(name: "a", token: TokenHash("t"))
        for name in ["-x", " x", "x ", "a\tb", "a\nb", "a\u{202E}b"] {
            #expect {
                try register.add(name: name, token: TokenHash(name))
            } throws: {
                ($0 as? StoreError)?.mistakes.map(\.place) == ["partner.name"]
            }
            #expect {
                try register.update(name: "a") { $0.name = name }
            } throws: {
                ($0 as? StoreError)?.mistakes.map(\.place) == ["partner.name"]
            }
        }
        #expect(try register.partners().map(\.name) == ["a"])
    }

    @Test("tells all that is wrong with a record at once", arguments: Backend.allCases)
    func allMistakes(backend: Backend) throws {
        let register = try backend.database().migrated()
        #expect {
            try register.add(
                name: "-x", description: "\0", token: TokenHash("t"),
                config: Array(#"{"max_bytes":0,"ips":[]}"#.utf8))
        } throws: { error in
            let config = "partner.validation_config"
            return (error as? StoreError)?.mistakes.map(\.place) == [
                "partner.name", "partner.description", config, "\(config).max_bytes", config,
            ]
        }
    }

    @Test(
        "suspends, rotates and removes a partner that would be refused today, and changes nothing else",
        arguments: Backend.allCases)
    func formerRules(backend: Backend) throws {
        let database = try backend.database()
        let register = try database.migrated()
        // As an older program wrote it.
        var record = PartnerRecord(
            id: try #require(UUID("00000000-0000-4000-8000-000000000000")), name: "-a\tb",
            token: TokenHash("one"), at: .start)
        record.validationConfig = Array(#"{"max_bytes": 10}"#.utf8)
        try database.store().insert(record, within: Self.soon())
        #expect(try register.update(name: record.name) { $0.status = .suspended }.id == record.id)
        _ = try register.rotate(name: record.name, to: TokenHash("two"), grace: .zero)
        #expect {
            try register.update(name: record.name) { $0.validationConfig = Array("[]".utf8) }
        } throws: {
            ($0 as? StoreError)?.isOfRecord == true
        }
        let found = try register.partner(name: record.name)
        #expect(found.status == .suspended && found.token == TokenHash("two"))
        let config = try JSONText(found.validationConfig).root
        #expect(config["max_bytes"]?.int == 10)
        #expect(try register.remove(name: record.name).deletedAt != nil)
    }

    @Test(
        "a token belongs to who has it now, and not to who had it before",
        arguments: Backend.allCases)
    func ownerFirst(backend: Backend) throws {
        let database = try backend.database()
        let register = try database.migrated()
        let added = try register.add(name: "b", token: TokenHash("other"))
        // The one who had it comes first in the order of the table.
        var former = PartnerRecord(
            id: try #require(UUID("00000000-0000-4000-8000-000000000000")), name: "former",
            token: TokenHash("new"), at: .start)
        #expect(former.id < added.id)
        former.previousToken = PartnerToken(
            hash: TokenHash("x"), expiresAt: Timestamp.start.after(1_000_000_000))
        let store = try database.store()
        try store.insert(former, within: Self.soon())
        var owner = try register.partner(name: "b")
        let old = owner
        owner.token = TokenHash("x")
        guard backend != .dynamoDB else {
            // There a token is an item, which one partner alone can have.
            #expect(throws: StoreError.tokenTaken) {
                try store.replace(old, with: owner, within: Self.soon())
            }
            return
        }
        try store.replace(old, with: owner, within: Self.soon())
        #expect(try store.partner(token: TokenHash("x"), within: Self.soon())?.name == "b")
    }

    @Test("takes the longest texts, and refuses longer ones", arguments: Backend.allCases)
    func longTexts(backend: Backend) throws {
        let database = try backend.database()
        let register = try database.migrated()
        let name = String(repeating: "é", count: 128)
        let description = String(repeating: "x", count: PartnerRecord.maximumDescription)
        func config(_ count: Int) -> [UInt8] {
            let start = #"{"senders":["partner"],"signing":{"scheme":"segment","secrets":[""#
            let end = #""]}}"#
            let filling = String(repeating: "s", count: count - start.utf8.count - end.utf8.count)
            return Array((start + filling + end).utf8)
        }
        let maximum = PartnerRecord.maximumConfig
        _ = try register.add(
            name: name, description: description, token: TokenHash("t"), config: config(maximum))
        let found = try #require(
            try database.store().partner(token: TokenHash("t"), within: Self.soon()))
        #expect(found.name == name)
        #expect(found.description == description)
        _ = try register.rotate(name: name, to: TokenHash("u"), grace: .seconds(60))
        for (name, description, config) in [
            (name + "x", "", [UInt8]("{}".utf8)), ("b", description + "x", Array("{}".utf8)),
            ("b", "", config(maximum + 1)),
        ] {
            #expect {
                try register.add(
                    name: name, description: description, token: TokenHash("v"), config: config)
            } throws: {
                guard case .partner(.invalid) = $0 as? StoreError else { return false }
                return true
            }
        }
    }

    @Test(
        "refuses what is no partner, with the place and the reason", arguments: Backend.allCases)
    func invalid(backend: Backend) throws {
        let register = try backend.database().migrated()
        for (name, description, config, reason) in [
            ("", "", "{}", "partner.name: empty"),
            ("a\0b", "", "{}", "partner.name: holds a NUL character"),
            ("a", "\0", "{}", "partner.description: holds a NUL character"),
            ("a", "", "", "partner.validation_config: not JSON: it is empty"),
            ("a", "", "[]", "partner.validation_config: not an object"),
            (
                "a", "", #"{},"status":"ACTIVE""#,
                "partner.validation_config: not JSON: something follows the value, at byte 2"
            ),
            (
                "a", "", #"{"allowed_ips":["x"]}"#,
                "partner.validation_config.allowed_ips[0]: not a network such as 203.0.113.0/24"
            ),
            (
                "a", "",
                #"{"senders":["partner"],"signing":{"scheme":"segment","secrets":["\u0000"]}}"#,
                "partner.validation_config: holds a NUL character"
            ),
        ] {
            #expect {
                try register.add(
                    name: name, description: description, token: TokenHash("t"),
                    config: Array(config.utf8))
            } throws: {
                ($0 as? StoreError)?.reason == reason
            }
        }
        #expect(try register.partners().isEmpty)
    }

    @Test("holds no token", arguments: Backend.allCases)
    func noTokens(backend: Backend) throws {
        let database = try backend.database()
        let register = try database.migrated()
        _ = try register.add(name: "marker-name", token: TokenHash("hunter2-token"))
        _ = try register.rotate(
            name: "marker-name", to: TokenHash("hunter3-token"), grace: .seconds(60))
        let contents = String(decoding: try database.contents(), as: UTF8.self)
        #expect(contents.contains("marker-name"))
        #expect(contents.contains(TokenHash("hunter3-token").recorded))
        #expect(!contents.contains("hunter2"))
        #expect(!contents.contains("hunter3"))
    }
}

/// Runs something on several threads at once and gathers what they return, in their order.
func atOnce<Result: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (Int) throws -> Result
) throws -> [Result] {
    let results = Mutex([Int: Swift.Result<Result, any Error>]())
    DispatchQueue.concurrentPerform(iterations: count) { index in
        let result = Swift.Result { try body(index) }
        results.withLock { $0[index] = result }
    }
    let gathered = results.withLock { $0 }
    return try (0..<count).compactMap { try gathered[$0]?.get() }
}
