internal import Formats

/// Where a warehouse's service is, taken apart.
///
/// Only a service of this machine is reached without TLS.
struct ServiceAddress: Equatable {
    /// Scheme, host and port.
    let origin: String
    /// Parts of the path.
    let path: [String]
    /// What follows the question mark; nil if there is none.
    let query: String?
    let isHere: Bool

    /// Nil for what is no such URL, for a user's name or password in it, and for `http` to a host
    /// elsewhere.
    init?(_ text: String) {
        guard text.utf8.allSatisfy({ 0x21...0x7E ~= $0 && !Self.refused.contains($0) }) else {
            return nil
        }
        let scheme = ["https://", "http://"].first { text.hasPrefix($0) }
        guard let scheme else { return nil }
        let rest = text.dropFirst(scheme.count)
        let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let places = parts[0].split(separator: "/", omittingEmptySubsequences: false)
        guard let host = Self.host(of: places[0]) else { return nil }
        isHere = Self.isHere(host)
        guard scheme == "https://" || isHere else { return nil }
        origin = scheme + String(places[0])
        path = places.dropFirst().map(String.init)
        query = parts.count == 2 ? String(parts[1]) : nil
    }

    private static let refused = Array("@#\"'<>\\^`{|}%".utf8)

    /// The host of an authority without the brackets of IPv6; nil for a port that is none.
    private static func host(of authority: Substring) -> String? {
        let end = authority.lastIndex(of: "]").map(authority.index(after:))
        let colon = authority[(end ?? authority.startIndex)...].firstIndex(of: ":")
        let name = authority[..<(colon ?? authority.endIndex)]
        if let colon {
            guard let port = Int(authority[authority.index(after: colon)...]),
                1...65535 ~= port
            else { return nil }
        }
        if end != nil { return String(name.dropFirst().dropLast()) }
        return name.isEmpty ? nil : String(name)
    }

    private static func isHere(_ host: String) -> Bool {
        if host == "localhost" { return true }
        guard let address = IPAddress(host) else { return false }
        return loopback.contains { $0.contains(address) }
    }

    private static let loopback = ["127.0.0.0/8", "::1/128"].compactMap { IPNetwork($0) }
}

extension String {
    /// True for one or more ASCII letters, digits and these other characters.
    func isName(with others: String) -> Bool {
        !isEmpty
            && utf8.allSatisfy { byte in
                let letter = (byte | 0x20) &- UInt8(ascii: "a")
                return letter < 26 || byte &- UInt8(ascii: "0") < 10 || others.utf8.contains(byte)
            }
    }
}
