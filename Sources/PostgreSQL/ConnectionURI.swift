internal import Platform
internal import Transport

/// A `postgresql://` URI, checked before libpq repeats parts of it in a message.
struct ConnectionURI {
    let text: String
    /// Passwords, which are redacted from messages.
    let secrets: [String]
    private let hosts: [String]
    private let ports: [Int]
    private let hasAddress: Bool

    private static let defaultPort = 5432
    private static let sslModes: [String] = [
        "disable", "allow", "prefer", "require", "verify-ca", "verify-full",
    ]
    /// Hosts that one URI may name.
    private static let maximumHosts = 16

    /// `defaults` is what libpq takes for options that the URI does not give; nil for what this
    /// process's environment says.
    init(_ text: String, defaults: ConnectionOptions? = nil) throws(PostgreSQLError) {
        guard text.hasPrefix("postgresql://") || text.hasPrefix("postgres://"),
            !text.utf8.contains(0), Self.isUnambiguous(text)
        else { throw .malformedURI }
        guard let values = ConnectionOptions(uri: text) else { throw .malformedURI }
        // libpq reports a mode that it does not know only when it connects.
        if let mode = values["sslmode"], !Self.sslModes.contains(mode) { throw .malformedURI }
        self.text = text
        secrets = ["password", "sslpassword"].compactMap { values[$0] }.filter { !$0.isEmpty }
        hasAddress = values["hostaddr"] != nil
        hosts = values.list("host")
        var ports: [Int] = []
        for text in values.list("port") {
            guard let port = text.isEmpty ? Self.defaultPort : Int(text), 1...65535 ~= port else {
                throw .malformedURI
            }
            ports.append(port)
        }
        self.ports = ports
        guard hosts.count <= Self.maximumHosts, ports.count <= 1 || ports.count == hosts.count,
            hosts.allSatisfy(Self.isHost)
        else { throw .malformedURI }
        guard values["sslmode"] != nil || values.stayHere(defaults ?? .ofEnvironment) else {
            throw .sslModeMissing
        }
    }

    /// The addresses of the hosts, for libpq's `hostaddr`; nil when it needs none.
    ///
    /// libpq would look names up without a deadline, and in a static program not at all.
    func addresses(until deadline: Instant) throws(PostgreSQLError) -> HostList? {
        guard !hasAddress, hosts.contains(where: { !$0.isEmpty && !$0.hasPrefix("/") }) else {
            return nil
        }
        var found = HostList()
        var problem: TransportError?
        for (index, host) in hosts.enumerated() {
            let port = ports.isEmpty ? Self.defaultPort : ports[ports.count == 1 ? 0 : index]
            guard !host.isEmpty, !host.hasPrefix("/") else {
                found.add(host, at: "", port)
                continue
            }
            do throws(TransportError) {
                let name = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
                // The remaining time is shared by the remaining hosts.
                let share = (deadline - .now) / (hosts.count - index)
                found.add(host, at: try HostAddress.find(name, port: port, timeout: share), port)
            } catch {
                problem = error
            }
        }
        guard !found.isEmpty else {
            guard let problem, problem != .timedOut else { throw .timedOut }
            throw .cannotConnect(reason: "the host is not known, or takes no connection")
        }
        return found
    }

    /// False when a password may have been taken for something else: before the query there is one
    /// `@` at most, and none after a slash.
    private static func isUnambiguous(_ text: String) -> Bool {
        let slash = UInt8(ascii: "/")
        let rest = text.utf8.drop { $0 != slash }.dropFirst(2)
        let beforeQuery = rest.prefix { $0 != UInt8(ascii: "?") }
        let authority = beforeQuery.prefix { $0 != slash }
        let signs = beforeQuery.filter { $0 == UInt8(ascii: "@") }.count
        return signs == authority.filter { $0 == UInt8(ascii: "@") }.count && signs <= 1
            // A question mark in a password would begin the query.
            && !rest.dropFirst(beforeQuery.count).contains(UInt8(ascii: "@"))
    }

    /// A name, an address, or the directory of a socket.
    private static func isHost(_ host: String) -> Bool {
        if host.hasPrefix("/") { return true }
        return host.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            case let other: "-._:".utf8.contains(other)
            }
        }
    }
}
