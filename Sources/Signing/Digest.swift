internal import CDigest

/// SHA-256 of FIPS 180-4.
package enum SHA256 {
    package static func digest(_ bytes: Span<UInt8>) -> [32 of UInt8] {
        var digest = [32 of UInt8](repeating: 0)
        var out = digest.mutableSpan
        unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe out.withUnsafeMutableBufferPointer { out in
                let status = unsafe cdigest_sha256(bytes.baseAddress, bytes.count, out.baseAddress)
                precondition(status == 1, "SHA-256 is always available")
            }
        }
        return digest
    }

    package static func digest(_ bytes: [UInt8]) -> [32 of UInt8] { digest(bytes.span) }

    package static func digest(_ bytes: ArraySlice<UInt8>) -> [32 of UInt8] { digest(bytes.span) }
}

/// SHA-1 of FIPS 180-4; for UUIDs and for signatures whose sender has chosen it.
package enum SHA1 {
    package static func digest(_ bytes: Span<UInt8>) -> [20 of UInt8] {
        var digest = [20 of UInt8](repeating: 0)
        var out = digest.mutableSpan
        unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe out.withUnsafeMutableBufferPointer { out in
                let status = unsafe cdigest_sha1(bytes.baseAddress, bytes.count, out.baseAddress)
                precondition(status == 1, "SHA-1 is always available")
            }
        }
        return digest
    }

    package static func digest(_ bytes: [UInt8]) -> [20 of UInt8] { digest(bytes.span) }

    package static func digest(_ bytes: ArraySlice<UInt8>) -> [20 of UInt8] { digest(bytes.span) }
}
