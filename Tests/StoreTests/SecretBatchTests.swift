import AWS
import Formats
import Platform
import TestSupport
import Testing
import Transport
@testable import Partners
@testable import Secrets
@testable import Store

/// Parameter Store and Secrets Manager on a socket, with these values.
private final class Vault: Sendable {
    /// What becomes of a call by its target; nil is success.
    typealias Fault = @Sendable (_ target: String) -> SocketServer.Reply?

    let server: SocketServer

    init(
        _ values: [String: String], fault: @escaping Fault = { _ in nil }
    ) throws {
        server = try SocketServer { request in
            let target = request["x-amz-target"] ?? ""
            if let reply = fault(target) { return reply }
            guard let body = try? JSONText(request.body).root else { return .close }
            return .text(200, Self.reply(to: target, body, values))
        }
    }

    static let denied = SocketServer.Reply.text(
        400, #"{"__type":"AccessDeniedException","message":"u may not"}"#)

    /// The operations that were called, and how many names each call had.
    var calls: [String] {
        server.requests.map { request in
            let body = try? JSONText(request.body).root
            let names = body?["Names"] ?? body?["SecretIdList"]
            let operation = request["x-amz-target"]?.split(separator: ".").last ?? ""
            return names.map { "\(operation) \(Array($0.elements).count)" } ?? String(operation)
        }
    }

    private static func reply(
        to target: String, _ body: JSONValue, _ values: [String: String]
    ) -> String {
        func names(_ member: String) -> [String] {
            body[member]?.elements.compactMap(\.string) ?? []
        }
        func list(_ texts: [String]) -> String { "[\(texts.joined(separator: ","))]" }
        switch target {
        case "AmazonSSM.GetParameter":
            let value = body["Name"]?.string.flatMap { values[$0] }
            return value.map { #"{"Parameter":{"Value":"\#($0)"}}"# } ?? "{}"
        case "AmazonSSM.GetParameters":
            // Not in the order in which they were asked for.
            let found = names("Names").reversed().compactMap { name in
                values[name].map { #"{"Name":"\#(name)","Value":"\#($0)"}"# }
            }
            let missing = names("Names").filter { values[$0] == nil }.map { "\"\($0)\"" }
            return #"{"Parameters":\#(list(found)),"InvalidParameters":\#(list(missing))}"#
        case "secretsmanager.GetSecretValue":
            let value = body["SecretId"]?.string.flatMap { values[$0] }
            return value.map { #"{"SecretString":"\#($0)"}"# } ?? "{}"
        default:
            let found = names("SecretIdList").reversed().compactMap { name in
                values[name].map {
                    #"{"ARN":"arn:aws:secretsmanager:eu-west-1:1:secret:\#(name)-AbCdEf","Name":"\#(name)","SecretString":"\#($0)"}"#
                }
            }
            let errors = names("SecretIdList").filter { values[$0] == nil }.map {
                #"{"SecretId":"\#($0)","ErrorCode":"ResourceNotFoundException"}"#
            }
            return #"{"SecretValues":\#(list(found)),"Errors":\#(list(errors))}"#
        }
    }
}

@Suite("Secrets that are kept elsewhere, several at once")
struct SecretBatchTests {
    private static func client(_ url: String) -> AWSClient {
        let environment = [
            "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "s",
            "AWS_ENDPOINT_URL": url,
        ]
        let settings = AWSSettings(
            System(environment: { environment[$0] }, random: { 0 }, sleep: { _ in }))
        return AWSClient(settings, credentials: CredentialChain(settings))
    }

    private func reader(_ vault: Vault) -> ReferenceReader {
        ReferenceReader(Self.client(vault.server.url))
    }

    /// What each reference holds, or the reason why it cannot be had.
    private func read(_ reader: ReferenceReader, _ references: [String]) -> [String] {
        let results = reader.read(
            references.compactMap { Reference($0) }, until: .now + .seconds(20))
        return results.map { result in
            switch result {
            case .success(let value): String(decoding: value, as: UTF8.self)
            case .failure(let error): error.reason
            }
        }
    }

    private func search(
        _ cache: RegistryCache, _ secrets: [String], at seconds: Int64 = 0, signer: String? = nil
    ) throws -> (tried: [String], finding: SignerSearch.Finding, problems: [String]) {
        let rules = try secrets.map { secret in
            let registry = try Registry(
                json: Array(
                    (#"[{"name":"a","webhook_token":"t","validation_config":{"senders":["customerio"],"#
                        + #""signing":{"scheme":"customerio","secrets":["\#(secret)"]}}}]"#).utf8))
            return try #require(registry.partners[0].signing)
        }
        var tried: [String] = []
        let problems = Recorder<String>()
        let search = SignerSearch(
            cache, at: .start.after(seconds), until: .now + .seconds(20),
            report: { problems.append($0.reason) })
        let finding = search.signer(among: rules) { _, key in
            tried.append(String(decoding: key, as: UTF8.self))
            return tried.last == signer
        }
        return (tried, finding, problems.all)
    }

    @Test("ten parameters take one call, and twenty secrets")
    func together() throws {
        let parameters = (0..<25).map { "/p\($0)" }
        let secrets = (0..<21).map { "s\($0)" }
        let vault = try Vault(
            Dictionary(uniqueKeysWithValues: (parameters + secrets).map { ($0, "of \($0)") }))
        let references = parameters.map { "ssm:\($0)" } + secrets.map { "secretsmanager:\($0)" }
        // Each is asked for once, however often it is named.
        let found = read(reader(vault), references + [references[0]])
        #expect(found == (parameters + secrets + [parameters[0]]).map { "of \($0)" })
        #expect(
            vault.calls == [
                "GetParameters 10", "GetParameters 10", "GetParameters 5",
                "BatchGetSecretValue 20", "GetSecretValue",
            ])
        let first = try #require(vault.server.requests.first)
        #expect(first.text.hasPrefix(#"{"WithDecryption":true,"Names":["/p0","/p1","#))
        #expect(first["authorization"]?.contains("/ssm/aws4_request") == true)
    }

    @Test("one that is not there is that one's failure, with a reason of its own")
    func partial() throws {
        let vault = try Vault(["/a": "a", "/b": "b\\n", "/c": "\\n", "s": "x", "t": "y"]) {
            target in
            target.hasSuffix("GetParameter")
                ? .text(400, #"{"__type":"ParameterNotFound","message":"m"}"#)
                : target.hasSuffix("GetSecretValue") && !target.hasSuffix("BatchGetSecretValue")
                    ? Vault.denied : nil
        }
        #expect(
            read(
                reader(vault),
                [
                    "ssm:/a", "ssm:/none", "ssm:/b", "ssm:/c", "secretsmanager:s",
                    "secretsmanager:none", "secretsmanager:t",
                ]) == [
                    "a", "ssm:/none: ParameterNotFound (HTTP 400)", "b",
                    "ssm:/c: the answer holds no value", "x",
                    "secretsmanager:none: AccessDeniedException (HTTP 400): u may not", "y",
                ])
    }

    @Test(
        "a name, a whole ARN and one without its end name the same secret; regions have own calls")
    func names() throws {
        let arn = "arn:aws:secretsmanager:eu-west-1:1:secret:a"
        let full = "\(arn)-AbCdEf"
        let parameter = "arn:aws:ssm:us-west-2:1:parameter"
        let vault = try Vault([:]) { target in
            target.hasSuffix("BatchGetSecretValue")
                ? .text(
                    200,
                    #"{"SecretValues":[{"ARN":"\#(full)","Name":"a","SecretString":"1"},"#
                        + #"{"ARN":"\#(arn)-x-AbCdEf","Name":"a-x","SecretBinary":"Mg=="}]}"#)
                : target.hasSuffix("GetParameters")
                    ? .text(
                        200,
                        #"{"Parameters":[{"Name":"/p","Selector":":3","Value":"old"},"#
                            + #"{"Name":"/p","Value":"new"},"#
                            + #"{"Name":"/q","ARN":"\#(parameter)/q","Value":"q"},"#
                            + #"{"Name":"\#(parameter)/r","Value":"r"}]}"#)
                    : nil
        }
        let reader = reader(vault)
        #expect(
            read(reader, [full, arn, "a", "a-x", "\(arn)-x"].map { "secretsmanager:\($0)" })
                == ["1", "1", "1", "2", "2"])
        let parameters = ["/p:3", "/p", "\(parameter)/q", "\(parameter)/r"]
        #expect(read(reader, parameters.map { "ssm:\($0)" }) == ["old", "new", "q", "r"])
        #expect(
            vault.calls == [
                "BatchGetSecretValue 3", "BatchGetSecretValue 2", "GetParameters 2",
                "GetParameters 2",
            ])
        #expect(
            vault.server.requests.map { $0["authorization"]?.contains("/us-west-2/ssm/") }
                == [false, false, false, true])
    }

    @Test(
        "where a policy allows no call for several they are asked for one by one, for five minutes")
    func denied() throws {
        let isDenied = Recorder<Bool>()
        let vault = try Vault(["/a": "a", "/b": "b", "s": "x", "t": "y"]) { target in
            isDenied.all.isEmpty && target.hasSuffix("GetParameters") ? Vault.denied : nil
        }
        let reader = reader(vault)
        for _ in 0..<2 {
            #expect(read(reader, ["ssm:/a", "ssm:/b"]) == ["a", "b"])
            // The other service has a policy of its own.
            #expect(read(reader, ["secretsmanager:s", "secretsmanager:t"]) == ["x", "y"])
        }
        let one = ["GetParameter", "GetParameter", "BatchGetSecretValue 2"]
        #expect(vault.calls == ["GetParameters 2"] + one + one)
        isDenied.append(false)
        reader.refusals[0].at = .now + (.zero - ReferenceReader.pauseAfterRefusal)
        for _ in 0..<2 { #expect(read(reader, ["ssm:/a", "ssm:/b"]) == ["a", "b"]) }
        #expect(vault.calls.suffix(2) == ["GetParameters 2", "GetParameters 2"])
    }

    @Test("a call for several that gets no answer is not followed by one for each")
    func failing() throws {
        let vault = try Vault([:]) { _ in .text(500, #"{"__type":"InternalFailure"}"#) }
        #expect(
            read(reader(vault), ["ssm:/a", "ssm:/b"])
                == ["ssm:/a: InternalFailure (HTTP 500)", "ssm:/b: InternalFailure (HTTP 500)"])
        #expect(Set(vault.calls) == ["GetParameters 2"])
    }

    @Test(
        "a search fetches as few as it takes, keeps them, and fetches them again after five minutes"
    )
    func search() throws {
        let names = (0..<50).map { "/p\($0)" }
        let secrets = names.map { "ssm:\($0)" }
        let vault = try Vault(Dictionary(uniqueKeysWithValues: names.map { ($0, "of \($0)") }))
        let cache = RegistryCache(.inline([]), reader: reader(vault))
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
        let vault = try Vault(["/a": "a", "/c": "c"])
        let cache = RegistryCache(.inline([]), reader: reader(vault))
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
        let vault = try Vault(["/a": "a", "/b": "b", "/c": "c"])
        let registry = try Registry(
            json: Array(
                (#"[{"name":"a","webhook_token":"t","validation_config":{"senders":["customerio"],"#
                    + #""signing":{"scheme":"customerio","#
                    + #""secrets":["ssm:/a","ssm:/b","ssm:/c","plain"]}}}]"#).utf8))
        let rule = try #require(registry.partners[0].signing)
        for (secrets, expected) in [
            (0, []), (1, ["plain"]), (3, ["plain", "a", "b"]), (4, ["plain", "a", "b", "c"]),
        ] {
            // Anew each time, so that nothing but the plain one is at hand.
            let cache = RegistryCache(.inline([]), reader: reader(vault))
            var allowance = SignerSearch.Allowance(body: 872, maximum: 1000 * secrets + 999)
            var tried: [String] = []
            let search = SignerSearch(cache, at: .start, until: .now + .seconds(20))
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

    @Test("moto's Parameter Store and Secrets Manager give several at once")
    func moto() throws {
        let moto = try MotoServer.shared.get()
        let client = Self.client(moto.url)
        let run = "\(UInt64.random(in: 0 ... .max))"
        // A busy moto is sent it twice, and refuses it then: what counts is what can be read.
        func put(_ service: AWSService, _ target: String, _ body: String) {
            _ = try? client.call(
                service, target: target, body: Array(body.utf8), until: .now + .seconds(60))
        }
        for number in 0..<11 {
            put(
                .ssm, "AmazonSSM.PutParameter",
                #"{"Name":"/\#(run)/\#(number)","Type":"SecureString","Overwrite":true,"Value":"p\#(number)"}"#
            )
        }
        for number in 0..<3 {
            put(
                .secretsManager, "secretsmanager.CreateSecret",
                #"{"Name":"\#(run)-\#(number)","SecretString":"s\#(number)","ClientRequestToken":"\#(run)-\#(number)-0123456789012345"}"#
            )
        }
        let references =
            (0..<11).map { "ssm:/\(run)/\($0)" } + ["ssm:/\(run)/none"]
            + (0..<3).map { "secretsmanager:\(run)-\($0)" } + ["secretsmanager:\(run)-none"]
        #expect(
            read(ReferenceReader(client), references)
                == (0..<11).map { "p\($0)" } + ["ssm:/\(run)/none: ParameterNotFound (HTTP 400)"]
                + (0..<3).map { "s\($0)" }
                + ["secretsmanager:\(run)-none: ResourceNotFoundException (HTTP 404)"])
    }
}
