internal import COpenSSL

/// Compares secrets in a time that does not reveal where they differ.
package enum ConstantTime {
    /// True when both hold the same bytes.
    ///
    /// The time may reveal their lengths, but not their contents.
    package static func equal(_ one: Span<UInt8>, _ other: Span<UInt8>) -> Bool {
        guard one.count == other.count else { return false }
        return unsafe one.withUnsafeBytes { one in
            unsafe other.withUnsafeBytes { other in
                guard let first = one.baseAddress, let second = other.baseAddress else {
                    return true
                }
                return unsafe CRYPTO_memcmp(first, second, one.count) == 0
            }
        }
    }

    package static func equal(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        equal(one.span, other.span)
    }
}
