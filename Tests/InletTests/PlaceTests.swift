import AWS
import Platform
import TestSupport
import Testing

@testable import inlet

@Suite("Emulator or AWS")
struct PlaceTests {
    @Test(
        "an emulator's URL is http, this machine and a port",
        arguments: [
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
            ("http://localhost:3000/", "http://localhost:3000"),
            ("http://[::1]:80", "http://[::1]:80"), ("http://127.0.0.1", "http://127.0.0.1"),
        ])
    func isEmulator(text: String, url: String) {
        #expect(EmulatorAddress(text)?.url == url)
        #expect(EmulatorAddress(text)?.awsEndpoint == "\(url)/_aws")
    }

    @Test(
        "everything else is none",
        arguments: [
            "https://127.0.0.1:3000", "http://127.0.0.1.example.com", "http://example.com:3000",
            "http://127.0.0.1:3000/prod", "http://127.0.0.1:", "http://127.0.0.1:99999",
            "http://127.0.0.1:+1", "http://localhost@h", "127.0.0.1:3000", "", "http://",
        ])
    func isNone(text: String) { #expect(EmulatorAddress(text) == nil) }

    private func session(
        _ arguments: [String], _ environment: [String: String]
    ) throws -> Session {
        let arguments = try Arguments(["rejected", "list"] + arguments, commands: Command.all)
        let system = System(environment: { environment[$0] })
        return try Session(arguments, system, .standard)
    }

    @Test("--url comes before INLET_EMULATOR_URL, and AWS is what is left")
    func order() throws {
        let variable = ["INLET_EMULATOR_URL": "http://127.0.0.1:1"]
        let local = ["--url", "http://127.0.0.1:2"]
        let remote = ["--url", "https://in.example.com/prod"]
        func place(_ arguments: [String], _ environment: [String: String]) throws -> Place {
            try session(arguments, environment).place()
        }
        #expect(try place(local, variable) == EmulatorAddress(local[1]).map { .emulator($0) })
        #expect(try place(remote, variable) == .aws)
        #expect(
            try place([], variable) == EmulatorAddress("http://127.0.0.1:1").map { .emulator($0) })
        #expect(try place([], [:]) == .aws)
        #expect(throws: InletError.self) {
            try place([], ["INLET_EMULATOR_URL": "http://example.com:1"])
        }
    }

    @Test("with an emulator SQS and SNS are called there, and other services are not")
    func endpoints() throws {
        let environment = ["AWS_ENDPOINT_URL": "http://h:1", "AWS_USE_FIPS_ENDPOINT": "true"]
        let local = try session(["--url", "http://127.0.0.1:2"], environment).messaging()
        for service in [AWSService.sqs, .sns] {
            let endpoint = try local.endpoint(of: service)
            #expect(endpoint.url == "http://127.0.0.1:2/_aws")
            #expect(endpoint.region == "us-east-1")
        }
        let region = ["AWS_DEFAULT_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "http://h:1"]
        let settings = try session(["--url", "http://127.0.0.1:2"], region)
        #expect(try settings.messaging().endpoint(of: .sqs).region == "eu-west-1")
        #expect(try settings.aws.endpoint(of: .dynamoDB).url == "http://h:1/")
        #expect(try session([], region).messaging().endpoint(of: .sqs).url == "http://h:1/")
    }

    @Test("a webhook's URL is the emulator's, unless the API's is given")
    func address() throws {
        let variable = ["INLET_EMULATOR_URL": "http://127.0.0.1:1"]
        #expect(try WebhookAddress(session([], variable)).base == "http://127.0.0.1:1")
        #expect(
            try WebhookAddress(
                session([], variable.merging(["INLET_PUBLIC_URL": "https://h/prod"]) { $1 })
            ).base == "https://h/prod")
    }
}
