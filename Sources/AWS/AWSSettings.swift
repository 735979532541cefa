package import Platform
package import Transport

/// Region, endpoints and retries, from the environment and then the shared files.
///
/// Nothing is read before it is asked for, and the files only if the environment has no answer.
package struct AWSSettings {
    package let system: System
    package let shared: SharedConfiguration

    package init(_ system: System) {
        self.system = system
        shared = SharedConfiguration(system)
    }

    /// The region of `AWS_REGION`, `AWS_DEFAULT_REGION` or the profile; never a guess.
    package func region() throws(AWSError) -> String {
        for variable in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
            if let region = system[variable] { return try checked(region, from: variable) }
        }
        guard let region = try shared.setting("region"), !region.isEmpty else {
            throw .regionMissing
        }
        return try checked(region, from: "region in the profile")
    }

    /// Where a service is reached; `region` nil means the configured one.
    package func endpoint(
        of service: AWSService, region given: String? = nil
    ) throws(AWSError) -> Endpoint {
        let region: String
        if let given {
            region = try checked(given, from: "the region")
        } else {
            region = try self.region()
        }
        let fips = try flag("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")
        let dualStack = try flag("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")
        guard let (url, source) = try customURL(of: service) else {
            return Endpoint(service: service, region: region, fips: fips, dualStack: dualStack)
        }
        guard !fips, !dualStack else { throw .endpointConflict }
        guard let endpoint = Endpoint(custom: url, service: service, region: region) else {
            throw .malformedSetting(source, expected: "http://host:port or https://host:port")
        }
        return endpoint
    }

    package func retryPolicy() throws(AWSError) -> RetryPolicy {
        let variable = "AWS_MAX_ATTEMPTS"
        var text = system[variable]
        if text == nil { text = try shared.setting("max_attempts") }
        guard let text else { return RetryPolicy() }
        guard let count = Int(text), count > 0 else {
            throw .malformedSetting(variable, expected: "a whole number over 0")
        }
        return RetryPolicy(maximumAttempts: count)
    }

    private func customURL(
        of service: AWSService
    ) throws(AWSError) -> (url: String, source: String)? {
        let ignored = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"
        if try system.flag(ignored) == true { return nil }
        for variable in ["AWS_ENDPOINT_URL_\(service.variableSuffix)", "AWS_ENDPOINT_URL"] {
            if let url = system[variable] {
                return try flag(ignored, "ignore_configured_endpoint_urls") ? nil : (url, variable)
            }
        }
        if try flag(ignored, "ignore_configured_endpoint_urls") { return nil }
        if let url = try shared.serviceEndpoint(service), !url.isEmpty {
            return (url, "endpoint_url of \(service.configKey) in the config file")
        }
        if let url = try shared.setting("endpoint_url"), !url.isEmpty {
            return (url, "endpoint_url in the profile")
        }
        return nil
    }

    /// A switch that is off unless the variable, or else the profile's key, says `true`.
    private func flag(_ variable: String, _ key: String) throws(AWSError) -> Bool {
        if let flag = try system.flag(variable) { return flag }
        guard let text = try shared.setting(key), !text.isEmpty else { return false }
        guard let flag = Bool(setting: text) else {
            throw .malformedSetting("\(key) in the profile", expected: "true or false")
        }
        return flag
    }

    /// A region becomes part of a host name, so it must be fit for one.
    private func checked(_ region: String, from source: String) throws(AWSError) -> String {
        let isLabel = region.utf8.allSatisfy {
            ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == UInt8(ascii: "-")
        }
        guard isLabel, 1...63 ~= region.utf8.count else {
            throw .malformedSetting(source, expected: "a region such as eu-west-1")
        }
        return region
    }
}

extension System {
    /// An environment variable that is `true` or `false` in any case; nil when it is not set.
    fileprivate func flag(_ variable: String) throws(AWSError) -> Bool? {
        guard let value = self[variable] else { return nil }
        guard let flag = Bool(setting: value) else {
            throw .malformedSetting(variable, expected: "true or false")
        }
        return flag
    }
}

extension Bool {
    fileprivate init?(setting text: String) {
        switch text.lowercased() {
        case "true": self = true
        case "false": self = false
        default: return nil
        }
    }
}
