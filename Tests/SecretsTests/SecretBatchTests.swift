import AWS
import Formats
import Platform
import TestSupport
import Testing

@testable import Secrets

@Suite("Secrets that are kept elsewhere, several at once")
struct SecretBatchTests {
    private func reader(_ vault: SecretVault) -> ReferenceReader {
        ReferenceReader(AWSClient.unthrottled(vault.server.url))
    }

    /// What each reference holds, or the reason why it cannot be had.
    private func read(_ reader: ReferenceReader, _ references: [String]) -> [String] {
        let results = reader.read(
            references.compactMap { Reference($0) }, within: System().budget(of: .seconds(20)))
        return results.map { result in
            switch result {
            case .success(let value): String(decoding: value, as: UTF8.self)
            case .failure(let error): error.reason
            }
        }
    }

    @Test("ten parameters take one call, and twenty secrets")
    func together() throws {
        let parameters = (0..<25).map { "/p\($0)" }
        let secrets = (0..<21).map { "s\($0)" }
        let vault = try SecretVault(
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
        let vault = try SecretVault(["/a": "a", "/b": "b\\n", "/c": "\\n", "s": "x", "t": "y"]) {
            target in
            target.hasSuffix("GetParameter")
                ? .text(400, #"{"__type":"ParameterNotFound","message":"m"}"#)
                : target.hasSuffix("GetSecretValue") && !target.hasSuffix("BatchGetSecretValue")
                    ? SecretVault.denied : nil
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
        let vault = try SecretVault([:]) { target in
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
        let vault = try SecretVault(["/a": "a", "/b": "b", "s": "x", "t": "y"]) { target in
            isDenied.all.isEmpty && target.hasSuffix("GetParameters") ? SecretVault.denied : nil
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
        reader.refusals[0].moment = .now + (.zero - ReferenceReader.pauseAfterRefusal)
        for _ in 0..<2 { #expect(read(reader, ["ssm:/a", "ssm:/b"]) == ["a", "b"]) }
        #expect(vault.calls.suffix(2) == ["GetParameters 2", "GetParameters 2"])
    }

    @Test("a call for several that gets no answer is not followed by one for each")
    func failing() throws {
        let vault = try SecretVault([:]) { _ in .text(500, #"{"__type":"InternalFailure"}"#) }
        #expect(
            read(reader(vault), ["ssm:/a", "ssm:/b"])
                == ["ssm:/a: InternalFailure (HTTP 500)", "ssm:/b: InternalFailure (HTTP 500)"])
        #expect(Set(vault.calls) == ["GetParameters 2"])
    }

    @Test("moto's Parameter Store and Secrets Manager give several at once")
    func moto() throws {
        let moto = try MotoServer.shared.get()
        let client = AWSClient.unthrottled(moto.url)
        let run = "\(UInt64.random(in: 0 ... .max))"
        // A busy moto is sent it twice, and refuses it then: what counts is what can be read.
        func put(_ service: AWSService, _ target: String, _ body: String) {
            _ = try? client.call(
                service, target: target, body: Array(body.utf8),
                within: System().budget(of: .seconds(60)))
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
