import Testing

@testable import AWS

@Suite("The container endpoint's address")
struct ContainerEndpointTests {
    private func url(_ variables: [String: String]) throws -> String? {
        try ContainerCredentials(system(variables))?.url
    }

    @Test("a relative one is at the container host, and stands above a full one")
    func relative() throws {
        let variables = [
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/x?y=z",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1/",
        ]
        #expect(try url(variables) == "http://169.254.170.2/v2/credentials/x?y=z")
        #expect(throws: AWSError.self) {
            try url(["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "@example.com/"])
        }
        #expect(try url([:]) == nil)
    }

    @Test(
        "a full one may be on the machine, its container host, or anywhere by https",
        arguments: [
            "http://127.0.0.1:9001/2021-04-23/credentials", "http://127.9.9.9/", "http://[::1]:80/",
            "http://localhost:1234/x?y", "http://169.254.170.2/x", "http://169.254.170.23/v1",
            "http://[fd00:ec2::23]/v1", "https://example.com/credentials",
        ])
    func full(address: String) throws {
        #expect(try url(["AWS_CONTAINER_CREDENTIALS_FULL_URI": address]) == address)
    }
}
