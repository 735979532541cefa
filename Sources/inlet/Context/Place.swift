import Platform

/// Where the service runs that a command asks: in an emulator on this machine, or in AWS.
enum Place: Equatable {
    case emulator(EmulatorAddress)
    case aws

    static let option = Option(
        name: "url", value: "URL",
        help: "an emulator's URL; any other means AWS (default: \(EmulatorAddress.variable))")
}

/// Where an emulator listens.
struct EmulatorAddress: Equatable {
    static let variable = "INLET_EMULATOR_URL"
    private static let form = "an emulator's URL, such as http://127.0.0.1:3000"

    /// `http://127.0.0.1:3000`, without a slash at its end.
    let url: String

    /// Nil for everything but `http`, a host that is this machine, and a port if there is one.
    ///
    /// An emulator answers to no other host.
    init?(_ text: String) {
        let text = text.utf8.last == UInt8(ascii: "/") ? String(text.dropLast()) : text
        guard text.hasPrefix("http://") else { return nil }
        let authority = text.dropFirst(7)
        let hosts = ["127.0.0.1", "localhost", "[::1]"]
        guard let host = hosts.first(where: { authority.hasPrefix($0) }) else { return nil }
        let port = authority.dropFirst(host.count)
        let isPort =
            port.first == ":" && UInt16(port.dropFirst()) != nil
            && port.dropFirst().utf8.allSatisfy { 0x30...0x39 ~= $0 }
        guard port.isEmpty || isPort else { return nil }
        url = text
    }

    /// What it has of SQS's and SNS's API, as `AWS_ENDPOINT_URL` takes it.
    var awsEndpoint: String { url + "/_aws" }

    /// The emulator that a text names; nil for another URL.
    ///
    /// `source` is what the text was given by.
    static func required(_ text: String, from source: String) throws(InletError) -> EmulatorAddress
    {
        guard let address = EmulatorAddress(text) else {
            throw .malformed(source, expected: form)
        }
        return address
    }
}

extension Session {
    /// What `--url` says, else `INLET_EMULATOR_URL`, else the context; AWS without any of them.
    ///
    /// A `--url` of another machine is AWS's, whatever the variable says.
    func place() throws(InletError) -> Place {
        if let url = arguments.value(Place.option) {
            return EmulatorAddress(url).map { .emulator($0) } ?? .aws
        }
        guard let url = system[EmulatorAddress.variable] else { return .aws }
        return .emulator(try .required(url, from: EmulatorAddress.variable))
    }
}
