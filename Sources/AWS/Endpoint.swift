/// Where a service is reached, and the scope that its requests are signed for.
package struct Endpoint: Sendable, Equatable {
    /// For libcurl.
    package let url: String
    /// The value of `Host` that libcurl sends for ``url``: without the scheme's default port.
    package let host: String
    /// `/` for all but some custom endpoints.
    package let path: String
    package let region: String
    package let service: AWSService

    /// AWS's own endpoint.
    init(service: AWSService, region: String, fips: Bool, dualStack: Bool) {
        let partition = Partition.of(region)
        let hasPlainName =
            fips && !dualStack && partition.isGovernment && service.hasPlainGovernmentFIPS
        let prefix = fips && !hasPlainName ? "\(service.name)-fips" : service.name
        let isPlain = !dualStack || service.isPlainDualStack && partition.hasPlainDualStack(fips)
        host = "\(prefix).\(region).\(isPlain ? partition.suffix : partition.dualStackSuffix)"
        url = "https://\(host)/"
        path = "/"
        self.region = region
        self.service = service
    }

    /// A custom one; nil for what is no `http` or `https` URL of scheme, host, port and path.
    init?(custom text: String, service: AWSService, region: String) {
        guard text.utf8.allSatisfy({ 0x21...0x7E ~= $0 }),
            let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://")
        else { return nil }
        let scheme = text[..<colon].lowercased()
        let rest = text[colon...].dropFirst(3)
        guard scheme == "http" || scheme == "https", !rest.contains(where: { "?#@".contains($0) })
        else { return nil }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash].lowercased()
        guard let (name, port) = Self.split(authority) else { return nil }
        let isDefault = port == nil || port == (scheme == "http" ? 80 : 443)
        host = isDefault ? name : "\(name):\(port ?? 0)"
        path = slash == rest.endIndex ? "/" : String(rest[slash...])
        url = "\(scheme)://\(host)\(path)"
        self.region = region
        self.service = service
    }

    /// Host, in brackets for IPv6, and port.
    private static func split(_ authority: String) -> (name: String, port: Int?)? {
        let bracket = authority.lastIndex(of: "]")
        guard authority.hasPrefix("[") == (bracket != nil) else { return nil }
        let start = bracket.map(authority.index(after:)) ?? authority.startIndex
        guard let colon = authority[start...].firstIndex(of: ":") else {
            return authority.isEmpty || bracket != nil && start != authority.endIndex
                ? nil : (authority, nil)
        }
        let name = String(authority[..<colon])
        let digits = authority[colon...].dropFirst()
        guard !name.isEmpty, bracket == nil || start == colon,
            digits.utf8.allSatisfy({ $0 &- 0x30 < 10 })
        else { return nil }
        if digits.isEmpty { return (name, nil) }
        guard let port = Int(digits), 1...65535 ~= port else { return nil }
        return (name, port)
    }
}

/// A part of AWS with names of its own.
///
/// Source: botocore 1.43.11, `partitions.json`.
private struct Partition {
    let prefix: String
    let suffix: String
    let dualStackSuffix: String

    var isGovernment: Bool { prefix == "us-gov-" }

    /// Whether a service that needs no dual-stack name has none here.
    func hasPlainDualStack(_ fips: Bool) -> Bool {
        prefix.isEmpty || isGovernment || prefix == "cn-" && !fips
    }

    static func of(_ region: String) -> Partition {
        all.first { region.hasPrefix($0.prefix) } ?? aws
    }

    private static let aws = Partition(
        prefix: "", suffix: "amazonaws.com", dualStackSuffix: "api.aws")
    private static let all = [
        Partition(prefix: "us-gov-", suffix: "amazonaws.com", dualStackSuffix: "api.aws"),
        Partition(
            prefix: "cn-", suffix: "amazonaws.com.cn",
            dualStackSuffix: "api.amazonwebservices.com.cn"),
        Partition(
            prefix: "eusc-", suffix: "amazonaws.eu", dualStackSuffix: "api.amazonwebservices.eu"),
        Partition(prefix: "us-iso-", suffix: "c2s.ic.gov", dualStackSuffix: "api.aws.ic.gov"),
        Partition(prefix: "us-isob-", suffix: "sc2s.sgov.gov", dualStackSuffix: "api.aws.scloud"),
        Partition(
            prefix: "eu-isoe-", suffix: "cloud.adc-e.uk",
            dualStackSuffix: "api.cloud-aws.adc-e.uk"),
        Partition(
            prefix: "us-isof-", suffix: "csp.hci.ic.gov", dualStackSuffix: "api.aws.hci.ic.gov"),
        aws,
    ]
}
