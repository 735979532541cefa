import Formats
import Foundation
import TestSupport
import Transport

/// AWS's own emulator of Lambda, running ``Tools/packagedBootstrap``.
final class RuntimeInterfaceEmulator {
    let program: Program
    private let url: String

    /// Starts it with these variables; `bootstrap` starts with the first event.
    init(environment: [String: String]) throws {
        let ports = try LocalPorts.free(2)
        let address = "127.0.0.1:\(ports[0])"
        url = "http://\(address)/2015-03-31/functions/function/invocations"
        program = try Program(
            try Tools.runtimeInterfaceEmulator(),
            [
                "--log-level", "info", "--runtime-interface-emulator-address", address,
                "--runtime-api-address", "127.0.0.1:\(ports[1])", Tools.packagedBootstrap,
            ], environment: environment)
        do {
            try LocalPorts.awaitListener(on: ports[0], of: program)
        } catch {
            program.stop()
            throw error
        }
    }

    func stop() { program.stop() }

    /// The function's reply, which is also how the emulator hands on an error.
    func invoke(_ event: [UInt8]) throws -> HTTPResponse {
        try http(
            "POST", url, headers: [HTTPField("Content-Type", "application/json")], body: event)
    }
}
