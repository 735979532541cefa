internal import Formats

/// Hosts with an address and a port each, as libpq's options have them: three lists in one order.
struct HostList {
    private var names: [String] = []
    private var addresses: [String] = []
    private var ports: [String] = []

    var isEmpty: Bool { names.isEmpty }

    /// Adds a host; an empty address leaves it to libpq to find one.
    mutating func add(_ name: String, at address: String, _ port: Int) {
        names.append(name)
        addresses.append(address)
        ports.append(String(port))
    }

    /// The options that name these hosts.
    var options: [NamedValue] {
        [
            NamedValue("host", list(names)), NamedValue("hostaddr", list(addresses)),
            NamedValue("port", list(ports)),
        ]
    }

    private func list(_ texts: [String]) -> String { texts.joined(separator: ",") }
}
