import AWS
import TestSupport
import Testing

@Suite("Region and endpoints")
struct EndpointTests {
    static let customEndpoints = [
        ("http://localhost:4566", "http://localhost:4566/", "localhost:4566", "/"),
        ("http://127.0.0.1:9911/sns", "http://127.0.0.1:9911/sns", "127.0.0.1:9911", "/sns"),
        ("https://Example.COM:443/a/", "https://example.com/a/", "example.com", "/a/"),
        ("http://h:80", "http://h/", "h", "/"),
        ("http://h:443", "http://h:443/", "h:443", "/"),
        ("HTTPS://h:80", "https://h:80/", "h:80", "/"),
        ("http://[::1]:4566", "http://[::1]:4566/", "[::1]:4566", "/"),
        ("http://[::1]", "http://[::1]/", "[::1]", "/"),
    ]

    @Test("the region comes from AWS_REGION, then AWS_DEFAULT_REGION, and is never guessed")
    func region() throws {
        #expect(
            try settings(["AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "x"]).region()
                == "eu-west-1")
        #expect(
            try settings(["AWS_REGION": "", "AWS_DEFAULT_REGION": "us-east-2"]).region()
                == "us-east-2")
        #expect(throws: AWSError.regionMissing) { try settings([:]).region() }
        #expect(throws: AWSError.self) { try settings(["AWS_REGION": "a.evil/"]).region() }
    }

    /// Source: botocore 1.43.11, endpoint rule sets.
    @Test(
        "AWS's own endpoints follow partition, FIPS and dual-stack",
        arguments: [
            (AWSService.sns, "eu-west-1", "", "sns.eu-west-1.amazonaws.com"),
            (.sns, "eu-west-1", "f", "sns-fips.eu-west-1.amazonaws.com"),
            (.sns, "eu-west-1", "d", "sns.eu-west-1.api.aws"),
            (.sns, "eu-west-1", "fd", "sns-fips.eu-west-1.api.aws"),
            (.sns, "us-gov-west-1", "", "sns.us-gov-west-1.amazonaws.com"),
            (.sns, "us-gov-west-1", "f", "sns.us-gov-west-1.amazonaws.com"),
            (.sns, "us-gov-west-1", "d", "sns.us-gov-west-1.api.aws"),
            (.sns, "us-gov-west-1", "fd", "sns-fips.us-gov-west-1.api.aws"),
            (.sns, "cn-north-1", "", "sns.cn-north-1.amazonaws.com.cn"),
            (.sns, "cn-north-1", "f", "sns-fips.cn-north-1.amazonaws.com.cn"),
            (.sns, "cn-north-1", "d", "sns.cn-north-1.api.amazonwebservices.com.cn"),
            (.sns, "cn-north-1", "fd", "sns-fips.cn-north-1.api.amazonwebservices.com.cn"),
            (.sns, "us-iso-east-1", "", "sns.us-iso-east-1.c2s.ic.gov"),
            (.sns, "us-isob-east-1", "", "sns.us-isob-east-1.sc2s.sgov.gov"),
            (.sns, "eusc-de-east-1", "", "sns.eusc-de-east-1.amazonaws.eu"),
            (.secretsManager, "eu-west-1", "", "secretsmanager.eu-west-1.amazonaws.com"),
            (.secretsManager, "eu-west-1", "d", "secretsmanager.eu-west-1.amazonaws.com"),
            (.secretsManager, "eu-west-1", "fd", "secretsmanager-fips.eu-west-1.amazonaws.com"),
            (
                .secretsManager, "us-gov-west-1", "f",
                "secretsmanager-fips.us-gov-west-1.amazonaws.com"
            ),
            (.secretsManager, "cn-north-1", "d", "secretsmanager.cn-north-1.amazonaws.com.cn"),
            (
                .secretsManager, "cn-north-1", "fd",
                "secretsmanager-fips.cn-north-1.api.amazonwebservices.com.cn"
            ),
            (.ssm, "us-gov-west-1", "f", "ssm.us-gov-west-1.amazonaws.com"),
            (.sqs, "eu-west-1", "d", "sqs.eu-west-1.api.aws"),
            (.kinesis, "eu-west-1", "fd", "kinesis-fips.eu-west-1.api.aws"),
            (.kinesis, "us-gov-west-1", "f", "kinesis.us-gov-west-1.amazonaws.com"),
            (.firehose, "cn-north-1", "", "firehose.cn-north-1.amazonaws.com.cn"),
            (.firehose, "us-gov-west-1", "f", "firehose-fips.us-gov-west-1.amazonaws.com"),
        ])
    func hosts(service: AWSService, region: String, flags: String, host: String) throws {
        var variables = ["AWS_REGION": region]
        if flags.contains("f") { variables["AWS_USE_FIPS_ENDPOINT"] = "true" }
        if flags.contains("d") { variables["AWS_USE_DUALSTACK_ENDPOINT"] = "TRUE" }
        let endpoint = try settings(variables).endpoint(of: service)
        #expect(endpoint.host == host)
        #expect(endpoint.url == "https://\(host)/")
        #expect(endpoint.path == "/")
        #expect(endpoint.region == region)
    }

    @Test("a topic's region stands above the configured one")
    func givenRegion() throws {
        let endpoint = try settings(["AWS_REGION": "eu-west-1"])
            .endpoint(of: .sns, region: "ap-south-1")
        #expect(endpoint.host == "sns.ap-south-1.amazonaws.com")
        #expect(endpoint.region == "ap-south-1")
        #expect(try settings([:]).endpoint(of: .sns, region: "us-east-1").region == "us-east-1")
    }

    @Test("a custom endpoint gives URL, Host and path", arguments: customEndpoints)
    func custom(text: String, url: String, host: String, path: String) throws {
        let endpoint = try settings(["AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL_SNS": text])
            .endpoint(of: .sns)
        #expect(endpoint.url == url)
        #expect(endpoint.host == host)
        #expect(endpoint.path == path)
        #expect(endpoint.region == "eu-west-1")
    }

    @Test(
        "what is no endpoint is an error that names the variable",
        arguments: [
            "localhost:4566", "ftp://h", "http://", "http:///x", "http://h:x", "http://h:0",
            "http://h:70000", "http://u@h", "http://h/?q", "http://h/#f", "http://h /",
            "http://[::1",
            "http://[::1]x", "http://:80", "http://é",
        ])
    func malformed(url: String) {
        #expect {
            try settings(["AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": url]).endpoint(of: .sns)
        } throws: {
            ($0 as? AWSError)?.reason.hasPrefix("AWS_ENDPOINT_URL is malformed") == true
        }
    }

    @Test("the service's own variable stands above the general one, and both above files")
    func order() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(
            "config",
            """
            [default]
            region = eu-north-1
            endpoint_url = http://general
            services = local
            [services local]
            sns =
              endpoint_url = http://special   # of the file
            secrets_manager =
              endpoint_url = http://secrets
            """)
        var variables = ["AWS_CONFIG_FILE": path]
        func url(_ service: AWSService = .sns) throws -> String {
            try settings(variables).endpoint(of: service).url
        }
        #expect(try url() == "http://special/")
        #expect(try url(.secretsManager) == "http://secrets/")
        #expect(try url(.ssm) == "http://general/")
        #expect(try settings(variables).region() == "eu-north-1")
        variables["AWS_ENDPOINT_URL"] = "http://variable"
        #expect(try url() == "http://variable/")
        variables["AWS_ENDPOINT_URL_SNS"] = "http://sns"
        variables["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = "http://vault"
        #expect(try url() == "http://sns/")
        #expect(try url(.secretsManager) == "http://vault/")
        #expect(try url(.ssm) == "http://variable/")
        variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true"
        #expect(try url() == "https://sns.eu-north-1.amazonaws.com/")
    }

    @Test("a profile can ask to ignore configured endpoints")
    func ignoredByProfile() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(
            "config", "[profile p]\nignore_configured_endpoint_urls=true\nendpoint_url=http://x\n")
        let variables = [
            "AWS_CONFIG_FILE": path, "AWS_PROFILE": "p", "AWS_REGION": "eu-west-1",
            "AWS_ENDPOINT_URL": "http://y",
        ]
        #expect(
            try settings(variables).endpoint(of: .sns).host == "sns.eu-west-1.amazonaws.com")
    }

    @Test(
        "a custom endpoint excludes FIPS and dual-stack",
        arguments: ["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"])
    func conflict(variable: String) {
        let variables = ["AWS_REGION": "x", "AWS_ENDPOINT_URL": "http://h", variable: "true"]
        #expect(throws: AWSError.endpointConflict) {
            try settings(variables).endpoint(of: .sns)
        }
        #expect(throws: AWSError.malformedSetting(variable, expected: "true or false")) {
            try settings(["AWS_REGION": "x", variable: "yes"]).endpoint(of: .sns)
        }
    }
}
