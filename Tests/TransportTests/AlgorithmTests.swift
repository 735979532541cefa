import COpenSSL
import Testing
import Transport

@Suite("OpenSSL's algorithms")
struct AlgorithmTests {
    @Test(
        "include every digest that certificates are signed with",
        arguments: ["SHA1", "SHA224", "SHA256", "SHA384", "SHA512", "RSA-SHA256"])
    func digests(name: String) throws {
        _ = try HTTPConnection(proxy: .never)
        let isFound = unsafe EVP_get_digestbyname(name) != nil
        #expect(isFound)
    }
}
