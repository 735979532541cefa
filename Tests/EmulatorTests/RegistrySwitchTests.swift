import Formats
import Testing

@testable import emulator

@Suite("A registry that is away")
struct RegistrySwitchTests {
    private func settings(_ partners: String?) -> (FunctionSettings, Template.Function) {
        let function = Template.Function(
            name: "Ingest", arn: "arn", handler: "ingest", timeout: 10, memory: 128, codeURI: nil,
            environment: partners.map { [NamedValue("INLET_PARTNERS", $0)] } ?? [],
            logFormat: nil, logLevel: nil)
        return (
            FunctionSettings(
                region: "us-east-1",
                credentials: FunctionSettings.Credentials(
                    accessKeyID: "AKIA", secretAccessKey: "s", sessionToken: nil),
                snsEndpoint: "http://127.0.0.1:1", extra: [], bootstrap: nil,
                templateDirectory: "."), function
        )
    }

    @Test(
        "each kind of registry is led nowhere, as far as it can be",
        arguments: [
            ("sqlite:/x.sqlite", "INLET_PARTNERS=sqlite:/dev/null/registry-is-away"),
            ("dynamodb:partners", "AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:1"),
            ("secretsmanager:id", "AWS_ENDPOINT_URL_SECRETS_MANAGER=http://127.0.0.1:1"),
            ("ssm:/name", "AWS_ENDPOINT_URL_SSM=http://127.0.0.1:1"),
            ("[]", "INLET_PARTNERS=postgresql://inlet@127.0.0.1:1/registry-is-away"),
        ])
    func kinds(source: String, expected: String) {
        let (settings, function) = settings(source)
        func environment() -> [String] {
            settings.environment(of: function, runtimeAPI: "", taskRoot: "")
        }
        #expect(!environment().contains { $0.hasPrefix(expected) })
        settings.registry.isAway = true
        #expect(environment().contains { $0.hasPrefix(expected) })
        let names = environment().map { $0.prefix { $0 != "=" } }
        #expect(Set(names).count == names.count)
    }

    @Test("a function without a registry stays as it is")
    func none() {
        let (settings, function) = settings(nil)
        // The name of the log's stream is another each time.
        func environment() -> [String] {
            settings.environment(of: function, runtimeAPI: "", taskRoot: "")
                .filter { !$0.contains("LOG_STREAM") }
        }
        let before = environment()
        settings.registry.isAway = true
        #expect(environment() == before)
        #expect(settings.registry(of: function) == nil)
    }
}
