import Formats
import Foundation
import Samples
import TestSupport
import Testing

@Suite("Samples, sent by inlet to the emulator", .timeLimit(.minutes(60)))
final class SendTests {
    private let inlet: LocalInlet

    init() throws { inlet = try LocalInlet(partners: SignedPartners.registry) }

    deinit { inlet.stop() }

    /// Runs `inlet` with the partners that the emulator has.
    private func run(_ arguments: [String]) throws -> (status: Bool, output: String, errors: String)
    {
        let program = try Program(
            Tools.inlet, arguments,
            environment: [
                "PATH": "/usr/bin:/bin", "NO_PROXY": "*", "INLET_PARTNERS": SignedPartners.registry,
                "INLET_EMULATOR_URL": inlet.url,
            ])
        let status = try program.end()
        return (status == .status(0), program.output, program.errors)
    }

    @Test(
        "a sample of each scheme is accepted, and found by each of its ids",
        arguments: SignedPartners.cases)
    func accepted(scheme: SignedPartners.Case) throws {
        let family = scheme.family == .svix ? ["--svix"] : []
        let sent = try run(["send", scheme.name, "--json"] + family)
        #expect(sent.status, "\(sent.output)\(sent.errors)")
        let reply = try parse(sent.output)
        #expect(reply["status"]?.int == 200 && reply["accepted"]?.bool == true)
        let requestID = try #require(reply["requestId"]?.string)
        let messageID = try #require(reply["reply"]?["messageId"]?.string)
        for (option, id) in [("--request-id", requestID), ("--message-id", messageID)] {
            let found = try run(["find", option, id, "--json"])
            #expect(found.status, "\(found.errors)")
            let ids = try parse(found.output).elements.map { $0["id"]?.string }
            #expect(ids == [requestID])
        }
        let published = try inlet.published().first {
            $0.attributes["requestId"] == requestID
        }
        #expect(published?.attributes["messageId"] == messageID)
        #expect(published?.attributes["auth"] == "signed")
    }

    @Test("the command of a dry run sends the same", arguments: SignedPartners.cases)
    func dryRun(scheme: SignedPartners.Case) throws {
        let shown = try run(["send", scheme.name, "--dry-run"])
        #expect(shown.status, "\(shown.errors)")
        #expect(!(shown.output + shown.errors).contains(scheme.secret))
        #expect(shown.errors.contains("lets others send in the partner's name"))
        let shell = try Program(
            "/bin/sh", ["-c", shown.output],
            environment: ["PATH": "/usr/bin:/bin", "NO_PROXY": "*"])
        #expect(try shell.end() == .status(0), "\(shell.errors)")
        #expect(try parse(shell.output)["success"]?.bool == true, "\(shell.output)")
    }

    @Test("what is refused, or not all accepted, has exit code 1 and its reason")
    func refused() throws {
        let directory = try TemporaryDirectory()
        let token = try directory.write("token", "token-of-nobody\n")
        let unknown = try run(["send", "github", "--token-file", token])
        #expect(!unknown.status)
        #expect(unknown.output.contains("404") && unknown.output.contains("unknown_token"))
        let file = try directory.write("body", #"{"object_type":"email","metric":"sent"}"#)
        // Customer.io is answered 200 for what is rejected.
        let rejected = try run(["send", "customerio", "--file", file])
        #expect(!rejected.status)
        #expect(rejected.output.contains("200") && rejected.output.contains("event_id_missing"))
    }
}
