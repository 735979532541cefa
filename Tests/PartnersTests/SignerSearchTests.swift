import AWS
import Formats
import Platform
import Secrets
import TestSupport
import Testing

@testable import Partners

@Suite("The search for a signer")
struct SignerSearchTests {
    private func cache(_ server: SocketServer) -> SecretCache {
        let environment = [
            "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "s",
            "AWS_ENDPOINT_URL": server.url,
        ]
        let settings = AWSSettings(
            System(environment: { environment[$0] }, random: { 0 }, sleep: { _ in }))
        return SecretCache(
            ReferenceReader(AWSClient(settings, credentials: CredentialChain(settings))))
    }

    /// A rule with these secrets, which are their keys themselves.
    private static func rule(_ secrets: [String]) throws -> SigningRule {
        let list = secrets.map(JSONString.quoted).joined(separator: ",")
        let config =
            #"{"senders":["partner"],"signing":{"scheme":"segment","secrets":[\#(list)]}}"#
        return try #require(try ValidationConfig(json: Array(config.utf8), at: "config").signing)
    }

    private struct Outcome {
        let tried: [String]
        let finding: SignerSearch.Finding
        let problems: [String]
    }

    /// Searches for a signer whose key is this; nil for one that has none of them.
    private func search(
        _ cache: SecretCache, _ rules: [SigningRule], at seconds: Int64 = 0, signer: String? = nil
    ) -> Outcome {
        let events = LookupEvents()
        let time = TimeBudget(now: .start.after(seconds), deadline: .now + .seconds(20))
        let search = SignerSearch(cache, LookupContext(time: time, events: events))
        var tried: [String] = []
        let finding = search.signer(among: rules) { _, key in
            tried.append(String(decoding: key, as: UTF8.self))
            return tried.last == signer
        }
        return Outcome(tried: tried, finding: finding, problems: events.secretProblems)
    }

    /// The search among partners that have a secret each.
    private func search(
        _ cache: SecretCache, _ secrets: [String], at seconds: Int64 = 0, signer: String? = nil
    ) throws -> Outcome {
        search(cache, try secrets.map { try Self.rule([$0]) }, at: seconds, signer: signer)
    }

    /// The search among the secrets of one partner.
    private func secrets(
        _ cache: SecretCache, _ texts: [String], at seconds: Int64 = 0, signer: String? = nil
    ) throws -> Outcome {
        search(cache, [try Self.rule(texts)], at: seconds, signer: signer)
    }

    @Test("signing secrets are fetched once where they are kept elsewhere")
    func signingSecrets() throws {
        let server = try SocketServer { request in
            request["x-amz-target"]?.hasPrefix("AmazonSSM") == true
                ? .text(200, #"{"Parameter":{"Value":"from-ssm"}}"#) : .secret("from-sm")
        }
        let cache = cache(server)
        for _ in 0..<2 {
            let found = try secrets(cache, ["plain", "secretsmanager:x", "ssm:/y"])
            #expect(found.tried == ["plain", "from-sm", "from-ssm"])
            #expect(found.finding == .unsigned)
            #expect(found.problems.isEmpty)
        }
        #expect(server.requests.count == 2)
    }

    @Test("a secret that cannot be had is told beside those that can")
    func missingSecret() throws {
        let server = try SocketServer { _ in
            .text(400, #"{"__type":"AccessDeniedException","Message":"u may not"}"#)
        }
        let cache = cache(server)
        let found = try secrets(cache, ["plain", "ssm:/y"])
        #expect(found.tried == ["plain"])
        #expect(found.finding == .undecided)
        #expect(found.problems == ["ssm:/y: AccessDeniedException (HTTP 400): u may not"])
        // It is not asked again by everybody, and told by all of them.
        #expect(try secrets(cache, ["ssm:/y"], at: 8).problems == found.problems)
        #expect(server.requests.count == 1)
        _ = try secrets(cache, ["ssm:/y"], at: 10)
        #expect(server.requests.count == 2)
        // Whoever signs with another one waits for nothing.
        let other = try secrets(cache, ["ssm:/z", "plain"], signer: "plain")
        #expect(other.finding == .signed(0))
        #expect(other.problems.isEmpty)
        #expect(server.requests.count == 2)
    }

    @Test(
        "one line break at a value's end is no part of it",
        arguments: [
            ("key\n", "key"), ("key\r\n", "key"), ("key\n\n", "key\n"), ("key", "key"),
            ("key\r", "key\r"), ("\nkey ", "\nkey "), ("\n", nil), ("\r\n", nil),
        ] as [(String, String?)])
    func lineBreak(stored: String, key: String?) throws {
        let server = try SocketServer { request in
            request["x-amz-target"]?.hasPrefix("AmazonSSM") == true
                ? .text(200, #"{"Parameter":{"Value":\#(JSONString.quoted(stored))}}"#)
                : .secret(stored)
        }
        for reference in ["ssm:/y", "secretsmanager:x"] {
            let found = try secrets(cache(server), [reference])
            #expect(found.tried == (key.map { [$0] } ?? []))
            #expect(found.finding == (key == nil ? .undecided : .unsigned))
        }
    }

    @Test("a secret outlives a refresh that fails")
    func secretRefreshFails() throws {
        let count = Recorder<Int>()
        let server = try SocketServer { _ in
            count.append(1)
            return count.all.count == 1
                ? .secret("old") : .text(400, #"{"__type":"DecryptionFailure"}"#)
        }
        let cache = cache(server)
        _ = try secrets(cache, ["secretsmanager:x"])
        let found = try secrets(cache, ["secretsmanager:x"], at: 300)
        #expect(found.tried.first == "old")
        #expect(found.finding == .unsigned)
        #expect(found.problems == ["secretsmanager:x: DecryptionFailure (HTTP 400)"])
        let later = try secrets(cache, ["secretsmanager:x"], at: 310, signer: "old")
        #expect(later.finding == .signed(0))
        #expect(later.problems.isEmpty)
        #expect(server.requests.count == 2)
    }

    @Test("an old secret that has been changed where it is kept no longer counts")
    func rotated() throws {
        let count = Recorder<Int>()
        let server = try SocketServer { _ in
            count.append(1)
            return .secret(count.all.count == 1 ? "old" : "new")
        }
        let cache = cache(server)
        #expect(try secrets(cache, ["secretsmanager:x"], signer: "old").finding == .signed(0))
        let found = try secrets(cache, ["secretsmanager:x"], at: 301, signer: "old")
        #expect(found.finding == .unsigned)
        #expect(found.tried == ["old", "new"])
    }

    @Test(
        "a search fetches as few as it takes, keeps them, and fetches them again after five minutes"
    )
    func search() throws {
        let names = (0..<50).map { "/p\($0)" }
        let secrets = names.map { "ssm:\($0)" }
        let vault = try SecretVault(
            Dictionary(uniqueKeysWithValues: names.map { ($0, "of \($0)") }))
        let cache = cache(vault.server)
        let first = try search(cache, secrets, signer: "of /p12")
        #expect(first.finding == .signed(12))
        #expect(first.tried == (0...12).map { "of /p\($0)" })
        #expect(vault.calls == ["GetParameters 10", "GetParameters 10"])
        // What is at hand comes first, and the rest is fetched once.
        for _ in 0..<2 {
            let all = try search(cache, secrets)
            #expect(all.tried == names.map { "of \($0)" })
            #expect(all.finding == .unsigned)
            #expect(vault.calls.count == 5)
        }
        for _ in 0..<2 {
            #expect(try search(cache, secrets, at: 300).finding == .unsigned)
            #expect(vault.calls.count == 10)
        }
    }

    @Test(
        "one of several that cannot be had is not asked for again at once, and the others are known"
    )
    func pause() throws {
        let vault = try SecretVault(["/a": "a", "/c": "c"])
        let cache = cache(vault.server)
        let secrets = ["ssm:/a", "ssm:/b", "ssm:/c"]
        for (seconds, calls) in [(Int64(0), 2), (9, 2), (10, 3), (19, 3)] {
            let found = try search(cache, secrets, at: seconds)
            #expect(found.tried == ["a", "c"])
            #expect(found.finding == .undecided)
            #expect(found.problems == ["ssm:/b: the answer holds no value"])
            #expect(vault.calls.count == calls)
        }
    }

    @Test("secrets are tried for as long as the allowance lasts, those at hand first")
    func allowance() throws {
        let vault = try SecretVault(["/a": "a", "/b": "b", "/c": "c"])
        let rule = try Self.rule(["ssm:/a", "ssm:/b", "ssm:/c", "plain"])
        for (secrets, expected) in [
            (0, []), (1, ["plain"]), (3, ["plain", "a", "b"]), (4, ["plain", "a", "b", "c"]),
        ] {
            // Anew each time, so that nothing but the plain one is at hand.
            let cache = cache(vault.server)
            var allowance = HashAllowance(body: 872, maximum: 1000 * secrets + 999)
            var tried: [String] = []
            let search = SignerSearch(
                cache, LookupContext(time: TimeBudget(now: .start, deadline: .now + .seconds(20))))
            let finding = search.signer(among: [rule], within: &allowance) { _, key in
                tried.append(String(decoding: key, as: UTF8.self))
                return false
            }
            #expect(tried == expected)
            #expect(finding == (secrets < 4 ? .tooCostly : .unsigned))
            // Nothing is left for whoever comes next in the same request.
            #expect(search.signer(among: [rule], within: &allowance) { _, _ in true } == .tooCostly)
        }
    }

    @Test("says that it waits while secrets are fetched, and not for those at hand")
    func waits() throws {
        let vault = try SecretVault(["/a": "a"])
        let cache = cache(vault.server)
        let waits = Recorder<LookupEvents.Wait?>()
        for _ in 0..<2 {
            let context = LookupContext(
                time: TimeBudget(now: .start, deadline: .now + .seconds(20)),
                events: LookupEvents { waits.append($0) })
            let search = SignerSearch(cache, context)
            #expect(
                search.signer(among: [try Self.rule(["plain", "ssm:/a"])]) { _, _ in false }
                    == .unsigned)
            #expect(waits.all == [.secrets, nil])
        }
    }
}
