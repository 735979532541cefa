import AWS
import Formats
import Store
import TestSupport
import Testing
import Transport

@Suite("One event's look-ups")
struct PartnerLookupTests {
    private static let start = Timestamp(milliseconds: 1_773_480_413_000)

    private func cache(
        _ source: String, waits: @escaping (Bool) -> Void = { _ in }
    ) throws -> RegistryCache {
        let settings = AWSSettings(Surroundings(environment: { _ in nil }))
        let client = AWSClient(settings, credentials: CredentialChain(settings))
        return RegistryCache(
            try PartnerSource(source), reader: ReferenceReader(client), waits: waits)
    }

    private func lookup(_ cache: RegistryCache, at seconds: Int64 = 0) -> PartnerLookup {
        cache.lookup(
            at: Timestamp(milliseconds: Self.start.milliseconds + seconds * 1000),
            until: .now + .seconds(20))
    }

    @Test("find a partner by token and by id, and nothing else")
    func finds() throws {
        let partners = lookup(
            try cache(#"[{"id":"p-1","name":"a","webhook_token":"t","status":"SUSPENDED"}]"#))
        #expect(try partners.partner(token: "t".utf8)?.name == "a")
        #expect(try partners.partner(id: "p-1")?.standing == .suspended)
        #expect(try partners.partner(token: "p-1".utf8) == nil)
        #expect(try partners.partner(id: "a") == nil)
    }

    @Test("find the partners of a signing scheme in the record's order, the active ones first")
    func schemes() throws {
        func record(_ name: String, _ scheme: String, _ more: String = "") -> String {
            #"{"name":"\#(name)","webhook_token":"\#(name)"\#(more),"validation_config":"#
                + #"{"signing":{"scheme":"\#(scheme)","secrets":["s"]}}}"#
        }
        let records = [
            record("d", "customerio", #","status":"INACTIVE""#),
            record("b", "customerio"), record("a", "customerio"), record("c", "segment"),
            record("e", "customerio", #","deleted_at":"2026-01-05T10:00:00Z""#),
            #"{"name":"f","webhook_token":"f"}"#,
        ]
        let partners = lookup(try cache("[\(records.joined(separator: ","))]"))
        #expect(try partners.signers(by: .customerio).partners.map(\.name) == ["b", "a", "d"])
        #expect(try partners.signers(by: .segment).partners.map(\.name) == ["c"])
    }

    @Test("of a signing scheme are bounded, and tell so")
    func bounded() throws {
        let records = (0...PartnerLookup.maximumSigners).map {
            #"{"name":"p\#($0)","webhook_token":"t\#($0)","validation_config":"#
                + #"{"signing":{"scheme":"customerio","secrets":["s"]}}}"#
        }
        for (records, isComplete) in [(records, false), (Array(records.dropLast()), true)] {
            let partners = lookup(try cache("[\(records.joined(separator: ","))]"))
            let signers = try partners.signers(by: .customerio)
            #expect(signers.partners.count == PartnerLookup.maximumSigners)
            #expect(signers.isComplete == isComplete)
        }
    }

    @Test("throw while nothing is known, and tell the trouble once")
    func unreachable() throws {
        let cache = try cache("file:/nowhere/partners.json")
        let error = StoreError.file(path: "/nowhere/partners.json", .missing)
        #expect(throws: error) { try lookup(cache).partner(token: "t".utf8) }
        #expect(throws: error) { try lookup(cache).partner(id: "t") }
        #expect(throws: error) { try lookup(cache).signers(by: .segment) }
        let failure = try #require(cache.takeFailure())
        #expect(failure.error == error)
        #expect(!failure.isBridged)
        #expect(cache.takeFailure() == nil)
    }

    @Test("go on with what was known when it cannot be had anew, and tell that once")
    func bridged() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("partners.json", #"[{"name":"a","webhook_token":"t"}]"#)
        let waits = Recorder<Bool>()
        let cache = try cache("file:\(path)") { waits.append($0) }
        #expect(try lookup(cache).partner(token: "t".utf8)?.name == "a")
        #expect(waits.all == [true, false])
        #expect(cache.takeFailure() == nil)
        _ = try directory.write("partners.json", "[")
        #expect(try lookup(cache, at: 300).partner(token: "t".utf8)?.name == "a")
        #expect(waits.all == [true, false, true, false])
        #expect(cache.takeFailure()?.isBridged == true)
        #expect(try lookup(cache, at: 301).partner(token: "t".utf8)?.name == "a")
        #expect(waits.all.count == 4)
        #expect(cache.takeFailure() == nil)
    }
}
