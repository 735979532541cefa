import Formats
import Platform

/// The settings that all functions share.
struct FunctionSettings: Sendable {
    /// Access to an SNS endpoint.
    struct Credentials: Sendable, Equatable {
        let accessKeyID: String
        let secretAccessKey: String
        let sessionToken: String?
    }

    let region: String
    let credentials: Credentials
    /// Becomes `AWS_ENDPOINT_URL_SNS`.
    let snsEndpoint: String
    /// Variables for every function, in place of the template's.
    let extra: [NamedValue]
    /// The program for all functions; nil looks in each one's code directory.
    let bootstrap: String?
    /// The directory that code directories are relative to.
    let templateDirectory: String
    var registry = RegistrySwitch()

    func bootstrap(of function: Template.Function) -> (path: String, directory: String) {
        let path: String
        if let bootstrap {
            path = bootstrap
        } else {
            let code = function.codeURI ?? "."
            path =
                code.hasPrefix("/") ? "\(code)/bootstrap" : "\(templateDirectory)/\(code)/bootstrap"
        }
        let absolute = FilePath.absolute(path) ?? path
        return (absolute, FilePath.directory(of: absolute))
    }

    /// The AWS services in a function's settings that the emulator does not have.
    func missingServices(of function: Template.Function) -> [MissingService] {
        MissingService.all(
            of: function, in: environment(of: function, runtimeAPI: "", taskRoot: ""))
    }

    /// The variables that Lambda sets, as `NAME=value`, without this process's own.
    ///
    /// Source: AWS Lambda Developer Guide, "Defined runtime environment variables".
    func environment(
        of function: Template.Function, runtimeAPI: String, taskRoot: String
    ) -> [String] {
        // The first variable of a name wins, so those that users may not set come first.
        let variables =
            reserved(function, runtimeAPI: runtimeAPI, taskRoot: taskRoot) + away(function) + extra
            + function.environment + access + defaults(for: function)
        var seen: Set<String> = []
        return variables.compactMap { variable in
            seen.insert(variable.name).inserted ? "\(variable.name)=\(variable.value)" : nil
        }
    }

    /// Where a function's registry is, as its setting says; nil without one.
    func registry(of function: Template.Function) -> String? {
        (extra + function.environment).first { $0.name == RegistrySwitch.variable }?.value
    }

    /// Those that lead away from the registry while that is wanted.
    private func away(_ function: Template.Function) -> [NamedValue] {
        guard registry.isAway, let source = registry(of: function) else { return [] }
        return RegistrySwitch.variables(inPlaceOf: source)
    }

    /// Those that users may not set.
    private func reserved(
        _ function: Template.Function, runtimeAPI: String, taskRoot: String
    ) -> [NamedValue] {
        let day = System.wallClock().basic.prefix(8)
        let stream =
            "\(day.prefix(4))/\(day.dropFirst(4).prefix(2))/\(day.suffix(2))/"
            + "[$LATEST]\(RandomText.hex(bytes: 16))"
        return [
            NamedValue("_HANDLER", function.handler),
            NamedValue("AWS_LAMBDA_RUNTIME_API", runtimeAPI),
            NamedValue("AWS_REGION", region),
            NamedValue("AWS_DEFAULT_REGION", region),
            NamedValue("AWS_LAMBDA_FUNCTION_NAME", function.name),
            NamedValue("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", String(function.memory)),
            NamedValue("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            NamedValue("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
            NamedValue("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/\(function.name)"),
            NamedValue("AWS_LAMBDA_LOG_STREAM_NAME", stream),
            NamedValue("LAMBDA_TASK_ROOT", taskRoot),
            NamedValue("LAMBDA_RUNTIME_DIR", "/var/runtime"),
        ]
    }

    private var access: [NamedValue] {
        let token = credentials.sessionToken.map { NamedValue("AWS_SESSION_TOKEN", $0) }
        return [
            NamedValue("AWS_ACCESS_KEY_ID", credentials.accessKeyID),
            NamedValue("AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey),
        ] + (token.map { [$0] } ?? [])
    }

    private func defaults(for function: Template.Function) -> [NamedValue] {
        var variables = [
            NamedValue("AWS_ENDPOINT_URL_SNS", snsEndpoint),
            NamedValue("LANG", "en_US.UTF-8"),
            NamedValue("PATH", "/usr/local/bin:/usr/bin/:/bin:/opt/bin"),
            NamedValue(
                "LD_LIBRARY_PATH", "/lib64:/usr/lib64:/var/runtime:/var/task:/var/task/lib:/opt/lib"
            ),
            NamedValue("TZ", ":UTC"),
            NamedValue("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR"),
        ]
        if let format = function.logFormat {
            variables.append(NamedValue("AWS_LAMBDA_LOG_FORMAT", format))
            if format == "JSON" {
                variables.append(NamedValue("AWS_LAMBDA_LOG_LEVEL", function.logLevel ?? "INFO"))
            }
        }
        return variables
    }
}
