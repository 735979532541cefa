import AWS
import Formats
import Platform
import Secrets
import TestSupport
import Testing

@Suite("The cache of secrets")
struct SecretCacheTests {
    private func cache(_ vault: SecretVault, capacity: Int = 100) -> SecretCache {
        SecretCache(
            ReferenceReader(AWSClient.unthrottled(vault.server.url)), capacity: capacity)
    }

    private func time(_ seconds: Int64 = 0) -> TimeBudget {
        TimeBudget(now: .start.after(seconds), deadline: .now + .seconds(600))
    }

    /// What the references name, or why that cannot be had.
    private func texts(
        _ cache: SecretCache, _ names: [String], at seconds: Int64 = 0
    ) -> [String] {
        cache.values(names.map { .parameter(name: $0) }, within: time(seconds)).map { result in
            switch result {
            case .success(let reading): String(decoding: reading.value, as: UTF8.self)
            case .failure(let error): error.reason
            }
        }
    }

    @Test("fetches what is missing or stale, together, and nothing else")
    func together() throws {
        let vault = try SecretVault(["/a": "a", "/b": "b", "/c": "c"])
        let cache = cache(vault)
        #expect(cache.known(.parameter(name: "/a"), at: .start) == nil)
        #expect(texts(cache, ["/a"]) == ["a"])
        #expect(texts(cache, ["/a", "/b", "/c"], at: 1) == ["a", "b", "c"])
        #expect(vault.calls == ["GetParameter", "GetParameters 2"])
        #expect(cache.known(.parameter(name: "/a"), at: .start.after(299))?.isStale == false)
        #expect(cache.known(.parameter(name: "/a"), at: .start.after(300))?.isStale == true)
        #expect(texts(cache, ["/a", "/b"], at: 300) == ["a", "b"])
        #expect(vault.calls.suffix(1) == ["GetParameter"])
    }

    @Test("asks for one that cannot be had again after ten seconds, whoever asks")
    func missing() throws {
        let vault = try SecretVault([:])
        let cache = cache(vault)
        for (seconds, calls) in [(Int64(0), 1), (9, 1), (10, 2)] {
            #expect(
                texts(cache, ["/a"], at: seconds) == ["ssm:/a: the answer holds no value"])
            #expect(throws: SecretError.empty(reference: "ssm:/a")) {
                try cache.value(.parameter(name: "/a"), within: time(seconds))
            }
            #expect(vault.calls.count == calls)
        }
    }

    @Test("starts anew when it is full, and still gives all that it was asked for")
    func full() throws {
        let names = (0..<5).map { "/p\($0)" }
        let vault = try SecretVault(Dictionary(uniqueKeysWithValues: names.map { ($0, $0) }))
        let cache = cache(vault, capacity: 2)
        #expect(texts(cache, [names[0]]) == [names[0]])
        #expect(texts(cache, names) == names)
        let kept = names.filter { cache.known(.parameter(name: $0), at: .start) != nil }
        #expect(kept.count <= 2)
        #expect(kept.last == names.last)
    }

    @Test("gives a setting its secret, which stands there or is fetched once")
    func setting() throws {
        let vault = try SecretVault(["/key": "stored"])
        let cache = cache(vault)
        for (text, expected) in [("plain", "plain"), ("ssm:/key", "stored")] {
            let secret = SettingSecret(try Secret(text), cache)
            for _ in 0..<2 {
                let reading = try secret.value(within: time())
                #expect(String(decoding: reading.value, as: UTF8.self) == expected)
                #expect(reading.failure == nil)
            }
        }
        #expect(vault.calls == ["GetParameter"])
    }
}

extension AWSClient {
    /// A client of a server on this machine that does not wait between two attempts.
    static func unthrottled(_ url: String) -> AWSClient {
        let environment = [
            "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "s",
            "AWS_ENDPOINT_URL": url,
        ]
        let settings = AWSSettings(
            System(environment: { environment[$0] }, random: { 0 }, sleep: { _ in }))
        return AWSClient(settings, credentials: CredentialChain(settings))
    }
}
