import Formats
import Partners
import Platform
import SQLite
import TestSupport
import Testing
import Transport

import class Foundation.FileManager
@testable import Store

@Suite("The cache of look-ups in a database")
struct LookupCacheTests {
    private let database: SQLiteTestDatabase
    private let register: PartnerRegister

    init() throws {
        database = try SQLiteTestDatabase()
        register = try database.migrated()
    }

    private func lookups(_ lifetime: LookupLifetime = .standard) throws -> Lookups {
        try Lookups(database.source, database.client(), lifetime: lifetime)
    }

    private func partner(
        _ lookups: Lookups, _ token: String = "t", at seconds: Int64
    ) throws -> Partner? {
        try lookups.lookup(at: seconds).partner(token: Array(token.utf8), for: .segmentAPI).partner
    }

    /// Takes the database away, and puts it back.
    private func hide(_ isHidden: Bool) throws {
        let hidden = database.path + ".away"
        let (from, to) = isHidden ? (database.path, hidden) : (hidden, database.path)
        try FileManager.default.moveItem(atPath: from, toPath: to)
    }

    @Test("an answer is kept for a minute, and a change is seen after it", arguments: [60, 5, 0])
    func lifetime(seconds: Int64) throws {
        let lookups = try lookups(try #require(LookupLifetime("\(seconds)")))
        _ = try register.add(name: "a", token: TokenHash("t"))
        #expect(try partner(lookups, at: 0)?.standing == .active)
        #expect(lookups.waits == [.partners, nil])
        _ = try register.update(name: "a") { $0.status = .suspended }
        if seconds > 0 {
            #expect(try partner(lookups, at: seconds - 1)?.standing == .active)
            #expect(lookups.waits.count == 2)
        }
        #expect(try partner(lookups, at: seconds)?.standing == .suspended)
        #expect(lookups.waits.count == 4)
        _ = try register.remove(name: "a")
        #expect(try partner(lookups, at: 2 * seconds)?.standing == .deleted)
    }

    @Test("a miss is kept as well")
    func unknown() throws {
        let lookups = try lookups()
        #expect(try partner(lookups, at: 0) == nil)
        _ = try register.add(name: "a", token: TokenHash("t"))
        #expect(try partner(lookups, at: 59) == nil)
        #expect(try partner(lookups, at: 60)?.name == "a")
    }

    @Test("ids and schemes are looked up as tokens are")
    func otherKeys() throws {
        let config =
            #"{"senders":["customerio"],"signing":{"scheme":"customerio","secrets":["s"]}}"#
        let added = try register.add(
            name: "a", token: TokenHash("t"), config: Array(config.utf8))
        let lookups = try lookups()
        func look(_ seconds: Int64) throws -> (Partner?, [Partner]) {
            let lookup = lookups.lookup(at: seconds)
            return (
                try lookup.partner(id: added.id, for: .customerIO).partner,
                try lookup.signers(by: .customerio, for: .customerIO).partners
            )
        }
        #expect(try look(0).0?.name == "a")
        _ = try register.remove(name: "a")
        #expect(try look(59).1.map(\.name) == ["a"])
        #expect(try look(60).0?.standing == .deleted)
        #expect(try look(60).1.isEmpty)
    }

    @Test("a replaced token is known until its grace ends, to the moment")
    func grace() throws {
        _ = try register.add(name: "a", token: TokenHash("one"))
        _ = try register.rotate(name: "a", to: TokenHash("two"), grace: .seconds(30))
        let lookups = try lookups()
        for token in ["one", "two"] {
            #expect(try partner(lookups, token, at: 29)?.name == "a")
            #expect((try partner(lookups, token, at: 30) != nil) == (token == "two"))
        }
    }

    @Test(
        "hits are served stale for ten minutes while the database is away, and no longer after it is back"
    )
    func bridged() throws {
        _ = try register.add(name: "a", token: TokenHash("t"))
        let lookups = try lookups()
        #expect(try partner(lookups, at: 0)?.name == "a")
        try hide(true)
        #expect(try partner(lookups, at: 60)?.name == "a")
        #expect(lookups.trouble?.isBridged == true)
        let attempts = lookups.waits.count
        // Not every event tries again.
        #expect(try partner(lookups, at: 64)?.name == "a")
        #expect(lookups.trouble == nil)
        #expect(lookups.waits.count == attempts)
        #expect(try partner(lookups, at: 65)?.name == "a")
        #expect(lookups.trouble?.isBridged == true)
        #expect(try partner(lookups, at: 599)?.name == "a")
        #expect(throws: LookupFailure.self) { try partner(lookups, at: 600) }
        #expect(lookups.trouble?.isBridged == false)
        // Nobody is called unknown who may have been added meanwhile.
        #expect(throws: LookupFailure.self) { try partner(lookups, "unheard-of", at: 601) }
        try hide(false)
        #expect(throws: LookupFailure.self) { try partner(lookups, at: 603) }
        #expect(try partner(lookups, at: 604)?.name == "a")
        #expect(try partner(lookups, "unheard-of", at: 604) == nil)
    }

    @Test("a stale miss is not served")
    func unknownIsNotBridged() throws {
        let lookups = try lookups()
        #expect(try partner(lookups, at: 0) == nil)
        try hide(true)
        #expect(try partner(lookups, at: 59) == nil)
        #expect(throws: LookupFailure.self) { try partner(lookups, at: 60) }
    }

    @Test("a broken record stops no other partner")
    func brokenRecord() throws {
        let broken = try register.add(name: "broken", token: TokenHash("broken"))
        _ = try register.add(name: "a", token: TokenHash("t"))
        let lookups = try lookups()
        #expect(try partner(lookups, "broken", at: 0)?.name == "broken")
        var connection = try SQLiteConnection(path: database.path, access: .write)
        _ = try connection.rows(
            "UPDATE webhook_partners SET validation_config = '{\"x\":1}' WHERE id = $1",
            [broken.id])
        #expect(try partner(lookups, "broken", at: 60)?.name == "broken")
        #expect(lookups.trouble?.failure.reason.contains("unknown key \"x\"") == true)
        #expect(try partner(lookups, "t", at: 60)?.name == "a")
        #expect(throws: LookupFailure.self) { try partner(lookups, "broken", at: 600) }
        #expect(try partner(lookups, "t", at: 600)?.name == "a")
    }

    @Test(
        "the signers of a scheme are found without a broken record, and that is reported",
        arguments: [
            "validation_config = json_set(validation_config, '$.x', 1)", "created_at = 'yesterday'",
        ])
    func brokenSigner(damage: String) throws {
        let config = Array(
            #"{"senders":["customerio"],"signing":{"scheme":"customerio","secrets":["s"]}}"#.utf8)
        let broken = try register.add(name: "broken", token: TokenHash("broken"), config: config)
        for name in ["a", "b"] {
            _ = try register.add(name: name, token: TokenHash(name), config: config)
        }
        let lookups = try lookups()
        func names(at seconds: Int64) throws -> Set<String> {
            let lookup = lookups.lookup(at: seconds)
            return Set(
                try lookup.signers(by: .customerio, for: .customerIO).partners.filter {
                    $0.standing == .active
                }
                .map(\.name))
        }
        #expect(try names(at: 0) == ["a", "b", "broken"])
        #expect(lookups.trouble == nil)
        var connection = try SQLiteConnection(path: database.path, access: .write)
        _ = try connection.rows(
            "UPDATE webhook_partners SET \(damage) WHERE id = $1", [broken.id])
        _ = try register.update(name: "b") { $0.status = .suspended }
        #expect(try names(at: 60) == ["a"])
        let trouble = try #require(lookups.trouble)
        #expect(trouble.isBridged && trouble.failure.isOfRecord)
        #expect(trouble.failure.reason.contains(broken.id))
    }

    @Test("the error of a broken record is kept as long as an answer", arguments: [true, false])
    func brokenIsKept(wasKnown: Bool) throws {
        let broken = try register.add(name: "broken", token: TokenHash("t"))
        let lookups = try lookups()
        if wasKnown { #expect(try partner(lookups, at: -60)?.name == "broken") }
        let asked = lookups.waits.count
        var connection = try SQLiteConnection(path: database.path, access: .write)
        func write(_ config: String) throws {
            _ = try connection.rows(
                "UPDATE webhook_partners SET validation_config = $1 WHERE id = $2",
                [config, broken.id])
        }
        try write(#"{"x":1}"#)
        for seconds: Int64 in [0, 0, 59] {
            if wasKnown {
                #expect(try partner(lookups, at: seconds)?.name == "broken")
            } else {
                #expect(throws: LookupFailure.self) { try partner(lookups, at: seconds) }
            }
        }
        #expect(lookups.waits.count == asked + 2)
        try write("{}")
        #expect(try partner(lookups, at: 60)?.name == "broken")
        #expect(lookups.waits.count == asked + 4)
    }

    @Test("the cache is bounded, and what is used stays longest")
    func bounded() throws {
        let cache = LookupCache(lifetime: .seconds(60))
        let partner = try #require(
            try Registry(json: Array(#"[{"name":"a","webhook_token":"t"}]"#.utf8)).partners.first)
        var asked = 0
        func look(_ key: PartnerQuestion, _ found: [Partner]) throws {
            let time = TimeBudget(now: .start, deadline: .now + .seconds(600))
            _ = try cache.partners(key, within: time) { _ throws(StoreError) in
                asked += 1
                return found
            }
        }
        try look(.partner(.id("used")), [partner])
        try look(.partner(.id("idle")), [partner])
        for number in 0..<(2 * LookupCache.capacity) {
            try look(.partner(.id("filling-\(number)")), [partner])
            if number % 1000 == 0 { try look(.partner(.id("used")), [partner]) }
        }
        asked = 0
        try look(.partner(.id("used")), [partner])
        #expect(asked == 0)
        try look(.partner(.id("idle")), [partner])
        #expect(asked == 1)
        // Made-up tokens push no partner out.
        for number in 0..<(2 * LookupCache.capacity) {
            try look(.partner(.id("unknown-\(number)")), [])
        }
        asked = 0
        try look(.partner(.id("used")), [partner])
        #expect(asked == 0)
        #expect(cache.count <= 2 * LookupCache.capacity)
    }

    @Test("an entry that was moved to the newer half does not come back from the older one")
    func moved() throws {
        let cache = LookupCache(lifetime: .seconds(60))
        let partner = try #require(
            try Registry(json: Array(#"[{"name":"a","webhook_token":"t"}]"#.utf8)).partners.first)
        func look(_ key: PartnerQuestion, _ found: [Partner], at seconds: Int64) throws -> [Partner]
        {
            let time = TimeBudget(now: .start.after(seconds), deadline: .now + .seconds(10))
            return try cache.partners(key, within: time) { _ throws(StoreError) in found }.partners
        }
        let key = PartnerQuestion.partner(.token(TokenHash("t")))
        #expect(try look(key, [partner], at: 0).count == 1)
        for number in 0..<(LookupCache.capacity / 2) {
            _ = try look(.partner(.id("filling-\(number)")), [partner], at: 0)
        }
        // Found in the older half, and used from there.
        #expect(try look(key, [], at: 1).count == 1)
        // Revoked: the database finds nobody.
        for seconds in [60, 61, 119] as [Int64] {
            #expect(try look(key, [], at: seconds).isEmpty, "at \(seconds) s")
        }
    }

    @Test("a look-up waits no longer than its budget for DynamoDB that does not answer")
    func silentDynamoDB() throws {
        let gate = SocketServer.Gate()
        let server = try SocketServer { _ in .hold(gate, then: .close) }
        let lookups = try dynamoDB(server)
        let watch = Stopwatch()
        #expect(throws: LookupFailure.self) { try partner(lookups, at: 0) }
        #expect(watch.waited < LookupCache.lookupTime + .seconds(1))
        // The next events do not wait at all.
        let next = Stopwatch()
        for second in 1..<5 as Range<Int64> {
            #expect(throws: LookupFailure.self) { try partner(lookups, at: second) }
        }
        #expect(next.waited < .milliseconds(500))
    }

    @Test(
        "DynamoDB's error is named, and nothing that it was asked",
        arguments: [
            (400, "ResourceNotFoundException", "its tables are not set up"),
            (400, "AccessDeniedException", "AccessDeniedException (HTTP 400)"),
            (400, "ValidationException", "ValidationException (HTTP 400)"),
        ])
    func refusedByDynamoDB(status: Int, code: String, expected: String) throws {
        let server = try SocketServer { _ in
            .text(status, #"{"__type":"com.amazonaws.dynamodb.v20120810#\#(code)"}"#)
        }
        let lookups = try dynamoDB(server)
        #expect {
            try partner(lookups, "hunter2", at: 0)
        } throws: {
            let reason = ($0 as? LookupFailure)?.reason ?? ""
            return reason.contains(expected) && !reason.contains("hunter2")
        }
        let request = try #require(server.requests.first)
        #expect(request["content-type"] == "application/x-amz-json-1.0")
        #expect(request["x-amz-target"] == "DynamoDB_20120810.GetItem")
        #expect(!request.text.contains("hunter2"))
        #expect(request.text.contains(TokenHash("hunter2").recorded))
    }

    private func dynamoDB(_ server: SocketServer) throws -> Lookups {
        try Lookups("dynamodb:partners", .of(server))
    }
}
