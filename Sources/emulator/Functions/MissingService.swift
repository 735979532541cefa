import Formats

/// A function's setting that needs an AWS service which the emulator does not have.
struct MissingService: Equatable, Sendable {
    let function: String
    let variable: String
    let service: String

    /// How a setting names each service, and the variable that would point to one elsewhere.
    private static let services = [
        (prefix: "dynamodb:", name: "DynamoDB", variable: "AWS_ENDPOINT_URL_DYNAMODB"),
        (
            prefix: "secretsmanager:", name: "Secrets Manager",
            variable: "AWS_ENDPOINT_URL_SECRETS_MANAGER"
        ),
        (prefix: "ssm:", name: "SSM", variable: "AWS_ENDPOINT_URL_SSM"),
        (prefix: "arn:aws:sqs:", name: "a queue of your own", variable: "AWS_ENDPOINT_URL_SQS"),
        (prefix: "arn:aws:kinesis:", name: "Kinesis", variable: "AWS_ENDPOINT_URL_KINESIS"),
        (prefix: "arn:aws:firehose:", name: "Firehose", variable: "AWS_ENDPOINT_URL_FIREHOSE"),
    ]

    /// What a setting begins with that is kept in an AWS service, and the variable that says where
    /// that service is.
    static var endpointVariables: [(prefix: String, variable: String)] {
        services.map { ($0.prefix, $0.variable) }
    }

    /// All missing services of a function with these variables, each `NAME=value`.
    static func all(of function: Template.Function, in environment: [String]) -> [MissingService] {
        let variables = environment.map { line in
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (name: String(parts[0]), value: parts.dropFirst().first.map(String.init) ?? "")
        }
        let isSet = { (name: String) in variables.contains { $0.name == name && !$0.value.isEmpty }
        }
        return variables.compactMap { variable in
            services.first { variable.value.hasPrefix($0.prefix) }.flatMap { service in
                isSet(service.variable) || isSet("AWS_ENDPOINT_URL")
                    ? nil
                    : MissingService(
                        function: function.name, variable: variable.name, service: service.name)
            }
        }
    }

    /// Says what is wrong and what helps.
    var advice: String {
        let example =
            variable == "INLET_PARTNERS"
            ? #"'INLET_PARTNERS=[{"name":"demo","webhook_token":"my-own-key"}]'"#
            : "\(variable)=VALUE"
        return "\(function) cannot work: its \(variable) is in \(service), which the emulator does "
            + "not have. Start it with --env \(example)."
    }
}
