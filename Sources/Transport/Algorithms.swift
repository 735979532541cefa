internal import COpenSSL

/// The algorithms that OpenSSL finds by their old names.
///
/// libcurl's start makes OpenSSL read its configuration file and register every cipher and digest
/// that it has, which takes a tenth of a cold start. TLS finds its own ones without that; only the
/// digest in a certificate's signature is looked up by name.
enum Algorithms {
    /// Registers the digests that certificates are signed with, and no other algorithm.
    ///
    /// OpenSSL keeps to what it is told first, so this comes before libcurl's start. If it fails,
    /// certificates are not verified and every request by TLS fails.
    static func register() {
        let none =
            OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ADD_ALL_CIPHERS
            | OPENSSL_INIT_NO_ADD_ALL_DIGESTS
        _ = OPENSSL_init_crypto(UInt64(none), nil)
        _ = unsafe EVP_add_digest(EVP_sha1())
        _ = unsafe EVP_add_digest(EVP_sha224())
        _ = unsafe EVP_add_digest(EVP_sha256())
        _ = unsafe EVP_add_digest(EVP_sha384())
        _ = unsafe EVP_add_digest(EVP_sha512())
    }
}
