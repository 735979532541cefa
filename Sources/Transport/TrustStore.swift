internal import Glibc
package import Platform

/// The certificate authorities that TLS trusts: one PEM file, which every system keeps elsewhere.
package enum TrustStore {
    /// The file for this process, looked for when TLS is first needed; nil leaves it to libcurl.
    static let file: String? = find(
        chosen: System.environment("SSL_CERT_FILE"),
        isReadable: { unsafe access($0, R_OK) == 0 })

    /// Where systems keep them, in the order they are tried.
    package static let places = [
        "/etc/pki/tls/certs/ca-bundle.crt",  // Amazon Linux, Fedora, RHEL
        "/etc/pki/tls/cert.pem",
        "/etc/ssl/certs/ca-certificates.crt",  // Debian, Ubuntu
        "/etc/ssl/cert.pem",  // Alpine
        "/etc/ssl/ca-bundle.pem",  // SUSE
    ]

    /// The file that was chosen, else the first of ``places`` that can be read.
    ///
    /// A chosen file that cannot be read is not passed over: TLS then fails, rather than trusting
    /// authorities that nobody chose.
    package static func find(chosen: String?, isReadable: (String) -> Bool) -> String? {
        if let chosen, !chosen.isEmpty { return chosen }
        return places.first(where: isReadable)
    }

    /// The system's authorities and those of a further PEM file, as one PEM text.
    package static func including(_ path: String) throws(FileError) -> [UInt8] {
        let further = try File.read(path)
        // A system without a file has only these.
        let known = file.flatMap { try? File.read($0) } ?? []
        return known + [UInt8(ascii: "\n")] + further
    }
}
