// RFC 7617: The 'Basic' HTTP Authentication Scheme

internal import Formats

/// What an `Authorization` header says, where a key stands for the user and the password is empty.
package enum BasicCredentials: Equatable, Sendable {
    case key([UInt8])
    /// The scheme is Basic and the rest is not a key: not Base64, no user, or a password.
    case malformed
    /// No header, or another scheme.
    case none

    package init(_ header: String?) {
        guard let header else {
            self = .none
            return
        }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard let scheme = parts.first, scheme.lowercased() == "basic" else {
            self = .none
            return
        }
        guard parts.count == 2,
            let decoded = Base64.decode(parts[1].utf8.filter { $0 != 0x20 }), !decoded.isEmpty
        else {
            self = .malformed
            return
        }
        let colon = decoded.firstIndex(of: UInt8(ascii: ":")) ?? decoded.endIndex
        // Segment tolerates a missing colon; a password is nobody's convention.
        let hasPassword = decoded.distance(from: colon, to: decoded.endIndex) > 1
        self = colon > 0 && !hasPassword ? .key(Array(decoded[..<colon])) : .malformed
    }
}
