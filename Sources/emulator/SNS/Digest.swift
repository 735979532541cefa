import COpenSSL

/// Hashes by libcrypto.
///
/// They share no code with Inlet's own, so that the check of a signature is independent.
enum Digest {
    static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        let done = unsafe SHA256(bytes, bytes.count, &digest)
        precondition(unsafe done != nil)
        return digest
    }

    static func md5(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 16)
        let done = unsafe EVP_Digest(bytes, bytes.count, &digest, nil, EVP_md5(), nil)
        precondition(done == 1)
        return digest
    }

    static func hmacSHA256(key: [UInt8], _ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        var digest = [UInt8](repeating: 0, count: 32)
        var count: UInt32 = 32
        let done = unsafe HMAC(
            EVP_sha256(), key, Int32(key.count), bytes, bytes.count, &digest, &count)
        precondition(unsafe done != nil && count == 32)
        return digest
    }
}
