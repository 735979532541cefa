import AWS
import Formats
import Platform

extension Command {
    private static let named = [Operand(name: "NAME", kind: .context)]
    private static let stack = Option(
        name: "stack", value: "STACK", help: "the CloudFormation stack whose settings to read")
    private static let token = Option(
        name: "token", value: "NAME=PLACE",
        help: "where a partner's token is kept (file:…, ssm:…, secretsmanager:…); may be repeated")
    private static let using = Option(name: "use", help: "use it from now on")

    static let contextAdd = Command(
        words: ["context", "add"], summary: "Keep the settings of a stack or an emulator together.",
        operands: [Operand(name: "NAME", kind: .newName)],
        options: [stack, using, token]
            + ContextSetting.all.map(\.option).filter { option in
                !Option.global.contains { $0.name == option.name }
            },
        usesContext: false,
        details: """
            --stack reads the stack's outputs and parameters (cloudformation:DescribeStacks). What other
            options say takes their place. A --url of this machine is an emulator's; any other is the
            API's. If there is a context of this name, what is given is changed in it.
            The first context is used at once. The file holds no secret: of tokens and passwords it has
            the place. Variables of the environment come before the context.
            """,
        examples: [
            Example(
                "inlet context add production --stack inlet-production --region eu-west-1",
                "all that the stack knows"),
            Example(
                "inlet context add local --url http://127.0.0.1:3000 --registry sqlite:dev.sqlite",
                "an emulator"),
        ]
    ) { session throws(InletError) in
        let arguments = session.arguments
        let name = arguments.operands[0]
        var file = try session.contextFile()
        let known = file[name]
        var context = if let known { known } else { try Context(name: name) }
        let given = try session.givenSettings()
        if let stack = arguments.value(stack) {
            let client = AWSClient(session.aws, credentials: session.credentials)
            let region = arguments.value(ContextSetting.region)
            for setting in try StackReader(stack, region: region, client).settings() {
                try context.set(setting.name, setting.value)
            }
            if region == nil, let found = try? session.aws.region() {
                try context.set(ContextSetting.regionVariable, found)
            }
        } else if given.isEmpty, !arguments.has(token) {
            throw .usage("give --stack, or settings by hand", ["context", "add"])
        }
        for setting in given { try context.set(setting.name, setting.value) }
        for pair in arguments.values(token) {
            guard let equals = pair.firstIndex(of: "=") else {
                throw .usage("--token takes NAME=PLACE", ["context", "add"])
            }
            try context.setToken(
                of: String(pair[..<equals]),
                at: Session.fromEverywhere(String(pair[equals...].dropFirst())))
        }
        try file.put(context)
        if arguments.has(using) { try file.use(name) }
        try file.write()
        try session.print(
            context, said: known == nil ? "Added \(name)." : "Changed \(name).",
            isCurrent: file.current == name)
    }

    static let contextList = Command(
        words: ["context", "list"], summary: "List the contexts; * marks the one in use.",
        options: [.quiet], usesContext: false,
        examples: [Example("inlet context list", "their names, and where they are")]
    ) { session throws(InletError) in
        let file = try session.contextFile()
        if session.isJSON {
            return try session.print(json: { writer in
                writer.array { array in
                    for context in file.contexts {
                        context.write(to: &array, isCurrent: context.name == file.current)
                    }
                }
            })
        }
        if session.arguments.has(.quiet) {
            for context in file.contexts { try session.print(context.name) }
            return
        }
        guard !file.contexts.isEmpty else {
            return session.console.note("There are no contexts. Add one: inlet context add NAME.")
        }
        var table = Table("", "NAME", "URL", "REGION", "PARTNERS")
        for context in file.contexts {
            table.add(
                context.name == file.current ? "*" : "", context.name,
                context[EmulatorAddress.variable] ?? context[WebhookAddress.variable] ?? "",
                context[ContextSetting.regionVariable] ?? "",
                context[Session.registryVariable] ?? "")
        }
        try session.print(table)
    }

    static let contextShow = Command(
        words: ["context", "show"], summary: "Show the settings of a context.",
        operands: [Operand(name: "NAME", kind: .context, isOptional: true)], usesContext: false,
        details: "Without NAME, the context of --context is shown, else the one in use.",
        examples: [Example("inlet context show local", "its settings, by their variables")]
    ) { session throws(InletError) in
        let file = try session.contextFile()
        let name =
            session.arguments.operands.first ?? session.arguments.value(.context) ?? file.current
        guard let name else { throw .context("no context is in use") }
        let context = try file.required(name)
        if session.isJSON {
            return try session.print(json: { writer in
                context.write(to: &writer, isCurrent: name == file.current)
            })
        }
        var table = Table("SETTING", "VALUE")
        for setting in context.settings { table.add(setting.name, setting.value) }
        for token in context.tokens { table.add("token of \(token.name)", token.value) }
        try session.print(table)
    }

    static let contextUse = Command(
        words: ["context", "use"], summary: "Use a context from now on.", operands: named,
        usesContext: false,
        examples: [Example("inlet context use local", "until another one is used")]
    ) { session throws(InletError) in
        let name = session.arguments.operands[0]
        var file = try session.contextFile()
        let context = try file.required(name)
        try file.use(name)
        try file.write()
        try session.print(context, said: "", isCurrent: true)
    }

    static let contextRemove = Command(
        words: ["context", "remove"], summary: "Forget a context; its stack stays as it is.",
        operands: named, usesContext: false,
        examples: [Example("inlet context remove local", "only the settings are forgotten")]
    ) { session throws(InletError) in
        let name = session.arguments.operands[0]
        var file = try session.contextFile()
        let context = try file.required(name)
        let wasCurrent = file.current == name
        try file.remove(name)
        try file.write()
        try session.print(context, said: "Removed \(name).", isCurrent: false)
        if wasCurrent { session.console.note("No context is in use now.") }
    }
}

extension Session {
    /// The file of contexts, which must have a place.
    func contextFile() throws(InletError) -> ContextFile {
        guard let file = try ContextFile(system) else {
            throw .context("there is no place for them: neither XDG_CONFIG_HOME nor HOME is set")
        }
        return file
    }

    /// The settings that options give by hand.
    fileprivate func givenSettings() throws(InletError) -> [NamedValue] {
        var given: [NamedValue] = []
        for setting in ContextSetting.all {
            guard let value = arguments.value(setting.option) else { continue }
            // One option for two settings: an emulator's URL is known by its host.
            let isEmulator = EmulatorAddress(value) != nil
            if setting.option.name == Place.option.name,
                isEmulator != (setting.variable == EmulatorAddress.variable)
            {
                continue
            }
            given.append(NamedValue(setting.variable, Self.fromEverywhere(value)))
        }
        return given
    }

    /// A value that names a file, with the file's absolute path: a context is used in any directory.
    fileprivate static func fromEverywhere(_ value: String) -> String {
        for scheme in ["sqlite:", "file:"] where value.hasPrefix(scheme) {
            return scheme + File.absolute(String(value.dropFirst(scheme.count)))
        }
        return value
    }

    fileprivate func print(
        _ context: Context, said: String, isCurrent: Bool
    ) throws(InletError) {
        if isJSON { return try print(json: { context.write(to: &$0, isCurrent: isCurrent) }) }
        let used = isCurrent ? "\(context.name) is in use." : ""
        try print([said, used].filter { !$0.isEmpty }.joined(separator: " "))
    }
}
