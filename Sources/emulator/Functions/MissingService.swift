import Formats

/// A setting of a function that leads to a service of AWS which the emulator does not have.
struct MissingService: Equatable, Sendable {
    let function: String
    let variable: String
    let service: String

    /// How a setting names a service, and the variables that would lead to one elsewhere.
    private static let services = [
        (prefix: "dynamodb:", name: "DynamoDB", variable: "AWS_ENDPOINT_URL_DYNAMODB"),
        (
            prefix: "secretsmanager:", name: "Secrets Manager",
            variable: "AWS_ENDPOINT_URL_SECRETS_MANAGER"
        ),
        (prefix: "ssm:", name: "SSM", variable: "AWS_ENDPOINT_URL_SSM"),
    ]

    /// All of a function with these variables, `NAME=value` each.
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

    /// What is wrong and what helps, as a sentence.
    var advice: String {
        let example =
            variable == "INLET_PARTNERS"
            ? #"'INLET_PARTNERS=[{"name":"demo","webhook_token":"demo-key"}]'"#
            : "\(variable)=VALUE"
        return "\(function) cannot work: its \(variable) is in \(service), which the emulator does "
            + "not have. Start it with --env \(example)."
    }
}
