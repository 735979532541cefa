import AWS
import Formats
import Platform

extension Session {
    /// The same run with the settings of the context that `--context` names, else of the one in use.
    ///
    /// Variables of the environment come first. If `--context` was given, it is said which of them
    /// stand in its way.
    func inContext() throws(InletError) -> Session {
        let asked = arguments.value(.context)
        guard let file = try ContextFile(system), let name = asked ?? file.current else {
            guard let asked else { return self }
            throw .noContext(asked, names: [])
        }
        let context = try file.required(name)
        var values: [String: String] = [:]
        for setting in context.settings { values[setting.name] = setting.value }
        // It would come before the environment's other name for the same.
        if system["AWS_DEFAULT_REGION"] != nil { values[ContextSetting.regionVariable] = nil }
        if asked != nil {
            let hidden = context.settings.filter { setting in
                system[setting.name].map { $0 != setting.value } ?? false
            }
            for setting in hidden {
                console.note("\(setting.name) of the environment is used, and not \(name)'s.")
            }
        }
        return try Session(arguments, system.backed(by: values), console, in: context)
    }

    /// What SQS and SNS are called with: an emulator's address, or AWS's own.
    func messaging() throws(InletError) -> AWSSettings {
        guard case .emulator(let address) = try place() else { return aws }
        let backed = system.backed(by: ["AWS_REGION": system["AWS_DEFAULT_REGION"] ?? "us-east-1"])
        return AWSSettings(
            backed.replacing([
                "AWS_ENDPOINT_URL_SQS": address.awsEndpoint,
                "AWS_ENDPOINT_URL_SNS": address.awsEndpoint,
                "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false", "AWS_USE_FIPS_ENDPOINT": "false",
                "AWS_USE_DUALSTACK_ENDPOINT": "false",
            ]))
    }
}
