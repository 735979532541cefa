internal import CDigest

/// Keyed hashes of RFC 2104; a key of any length.
package enum HMAC {
    package static func sha256(key: Span<UInt8>, message: Span<UInt8>) -> [32 of UInt8] {
        var code = [32 of UInt8](repeating: 0)
        var out = code.mutableSpan
        unsafe key.withUnsafeBufferPointer { key in
            unsafe message.withUnsafeBufferPointer { message in
                unsafe out.withUnsafeMutableBufferPointer { out in
                    let status = unsafe cdigest_hmac_sha256(
                        key.baseAddress, key.count, message.baseAddress, message.count,
                        out.baseAddress)
                    precondition(status == 1, "SHA-256 is always available")
                }
            }
        }
        return code
    }

    package static func sha1(key: Span<UInt8>, message: Span<UInt8>) -> [20 of UInt8] {
        var code = [20 of UInt8](repeating: 0)
        var out = code.mutableSpan
        unsafe key.withUnsafeBufferPointer { key in
            unsafe message.withUnsafeBufferPointer { message in
                unsafe out.withUnsafeMutableBufferPointer { out in
                    let status = unsafe cdigest_hmac_sha1(
                        key.baseAddress, key.count, message.baseAddress, message.count,
                        out.baseAddress)
                    precondition(status == 1, "SHA-1 is always available")
                }
            }
        }
        return code
    }

    package static func sha512(key: Span<UInt8>, message: Span<UInt8>) -> [64 of UInt8] {
        var code = [64 of UInt8](repeating: 0)
        var out = code.mutableSpan
        unsafe key.withUnsafeBufferPointer { key in
            unsafe message.withUnsafeBufferPointer { message in
                unsafe out.withUnsafeMutableBufferPointer { out in
                    let status = unsafe cdigest_hmac_sha512(
                        key.baseAddress, key.count, message.baseAddress, message.count,
                        out.baseAddress)
                    precondition(status == 1, "SHA-512 is always available")
                }
            }
        }
        return code
    }

    package static func sha256(key: [UInt8], message: [UInt8]) -> [32 of UInt8] {
        sha256(key: key.span, message: message.span)
    }

    package static func sha256(key: [UInt8], message: ArraySlice<UInt8>) -> [32 of UInt8] {
        sha256(key: key.span, message: message.span)
    }

    package static func sha1(key: [UInt8], message: [UInt8]) -> [20 of UInt8] {
        sha1(key: key.span, message: message.span)
    }

    package static func sha1(key: [UInt8], message: ArraySlice<UInt8>) -> [20 of UInt8] {
        sha1(key: key.span, message: message.span)
    }

    package static func sha512(key: [UInt8], message: [UInt8]) -> [64 of UInt8] {
        sha512(key: key.span, message: message.span)
    }

    package static func sha512(key: [UInt8], message: ArraySlice<UInt8>) -> [64 of UInt8] {
        sha512(key: key.span, message: message.span)
    }
}
