internal import Formats

/// A client's address as fronts write it.
enum SourceAddress {
    /// The address without blanks, brackets, and the port that a load balancer can be set to add;
    /// nil if it is no address.
    ///
    /// Source: Elastic Load Balancing, "HTTP headers and Application Load Balancers".
    static func address(in text: String) -> String? {
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        var rest = text.utf8.drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        let whole = String(decoding: rest, as: UTF8.self)
        guard IPAddress(whole) == nil else { return whole }
        let colon = UInt8(ascii: ":")
        guard let end = rest.lastIndex(of: colon) else { return unbracketed(rest) }
        let port = rest[end...].dropFirst()
        // The last group of a bare IPv6 address would be taken for a port, so only brackets tell.
        let before = rest[..<end]
        guard (1...5).contains(port.count), port.allSatisfy({ $0 &- 0x30 < 10 }),
            before.last == UInt8(ascii: "]") || !before.contains(colon)
        else { return unbracketed(rest) }
        return unbracketed(before)
    }

    private static func unbracketed(_ text: some BidirectionalCollection<UInt8>) -> String? {
        var text = String(decoding: text, as: UTF8.self)[...]
        if text.hasPrefix("["), text.hasSuffix("]") { text = text.dropFirst().dropLast() }
        let address = String(text)
        return IPAddress(address) == nil ? nil : address
    }
}
