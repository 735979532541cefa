internal import CPostgreSQL
internal import Formats

/// Options of a connection by libpq's names for them.
@safe
struct ConnectionOptions {
    private var values: [String: String] = [:]

    /// What a URI gives; nil for one that libpq cannot read.
    init?(uri: String) {
        guard let options = unsafe PQconninfoParse(uri, nil) else { return nil }
        unsafe self.init(taking: options)
    }

    /// What counts for options that a URI does not give: the variables `PG…`, and the service that
    /// one of them names.
    static var ofEnvironment: ConnectionOptions {
        guard let options = unsafe PQconndefaults() else { return ConnectionOptions([:]) }
        return unsafe ConnectionOptions(taking: options)
    }

    init(_ values: [String: String]) { self.values = values }

    private init(taking options: UnsafeMutablePointer<PQconninfoOption>) {
        defer { unsafe PQconninfoFree(options) }
        var option = unsafe options
        while let keyword = unsafe option.pointee.keyword {
            if let value = unsafe option.pointee.val {
                unsafe values[String(cString: keyword)] = String(cString: value)
            }
            unsafe option += 1
        }
    }

    subscript(name: String) -> String? { values[name] }

    /// A value that may be several, with commas between them.
    func list(_ name: String) -> [String] {
        guard let text = values[name] else { return [] }
        return text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    /// True if every host is this machine, so that a password needs no TLS on its way.
    ///
    /// `defaults` counts for options that are not given here.
    ///
    /// Without an `sslmode` libpq chooses "prefer", and a server that declines TLS gets the
    /// password in the clear. libpq connects to a host by its name if `hostaddr` is empty at its
    /// index.
    func stayHere(_ defaults: ConnectionOptions) -> Bool {
        // A service's file is read when the connection is made, and may name any host.
        guard values["service"] == nil else { return false }
        let hosts = (self["host"] == nil ? defaults : self).list("host")
        let addresses = (self["hostaddr"] == nil ? defaults : self).list("hostaddr")
        let goals = hosts.indices.map { index in
            addresses.indices.contains(index) && !addresses[index].isEmpty
                ? addresses[index] : hosts[index]
        }
        return (goals.isEmpty ? addresses : goals).allSatisfy(Self.isHere)
    }

    /// True for a host on this machine: a socket, or loopback.
    private static func isHere(_ host: String) -> Bool {
        if host.isEmpty || host.hasPrefix("/") || host == "localhost" { return true }
        guard let address = IPAddress(host) else { return false }
        return loopback.contains { $0.contains(address) }
    }

    private static let loopback = ["127.0.0.0/8", "::1/128"].compactMap { IPNetwork($0) }
}
