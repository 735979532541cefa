import Formats

/// Builds one ``Template/API``.
struct APIModel {
    let name: String
    let properties: Properties
    let functions: [String]

    func api(with events: [APIEvent]) throws(TemplateError) -> Template.API {
        for unknown in ["DefinitionUri", "Cors", "CanarySetting"]
        where try properties.node(unknown) != nil {
            throw properties.error(unknown, "the emulator does not know \(unknown) of an API")
        }
        let auth = try properties.node("Auth")
        let known = ["DefaultAuthorizer", "Authorizers", "AddDefaultAuthorizerToCorsPreflight"]
        for (name, value) in auth?.map ?? [] where !known.contains(name) {
            throw TemplateError(value, "the emulator does not know Auth.\(name) of an API")
        }
        var authorizers: [Template.Authorizer] = []
        for (name, value) in auth?["Authorizers"]?.map ?? [] {
            authorizers.append(try authorizer(name, value))
        }
        let defined = try properties.node("DefinitionBody").map { body throws(TemplateError) in
            try APIEvent.all(inDefinition: body, of: name)
        }
        return Template.API(
            name: name, stage: try properties.text("StageName") ?? "Prod",
            stageVariables: try properties.node("Variables")?.map?.compactMap { member in
                member.value.text.map { NamedValue(member.name, $0) }
            } ?? [],
            binaryTypes: try properties.texts("BinaryMediaTypes").map(Self.mediaType),
            authorizers: authorizers, gatewayResponses: try gatewayResponses(),
            routes: try routes(for: events + (defined ?? []), auth, authorizers))
    }

    private func routes(
        for events: [APIEvent], _ auth: TemplateNode?, _ authorizers: [Template.Authorizer]
    ) throws(TemplateError) -> [Template.Route] {
        let standard = auth?["DefaultAuthorizer"]?.text
        let forOptions = auth?["AddDefaultAuthorizerToCorsPreflight"]?.text != "false"
        var routes: [Template.Route] = []
        for event in events {
            guard functions.contains(event.function) else {
                throw TemplateError(event.line, "there is no function \(event.function)")
            }
            let isPreflight = event.method == "OPTIONS" && !forOptions
            var authorizer = event.authorizer ?? (isPreflight ? nil : standard)
            if authorizer == "NONE" { authorizer = nil }
            if let authorizer, !authorizers.contains(where: { $0.name == authorizer }) {
                throw TemplateError(event.line, "there is no authorizer named \(authorizer)")
            }
            let route = Template.Route(
                method: event.method, path: event.path, function: event.function,
                authorizer: authorizer)
            if routes.contains(where: { $0.method == route.method && $0.path == route.path }) {
                throw TemplateError(
                    event.line, "route \(route.method) \(route.path) is given twice")
            }
            routes.append(route)
        }
        return routes
    }

    /// SAM writes the slash as `~1`.
    private static func mediaType(_ text: String) -> String {
        text.split(separator: "~1", omittingEmptySubsequences: false).joined(separator: "/")
            .lowercased()
    }

    private func authorizer(
        _ name: String, _ node: TemplateNode
    ) throws(TemplateError) -> Template.Authorizer {
        guard let function = node["FunctionArn"]?.text.flatMap(Template.Function.name),
            functions.contains(function)
        else {
            throw TemplateError(
                node, "authorizer \(name) needs the FunctionArn of a function of this template")
        }
        let identity = node["Identity"]
        let lifetime = identity?["ReauthorizeEvery"]?.text ?? "300"
        guard let lifetime = Int(lifetime), (0...3600).contains(lifetime) else {
            throw TemplateError(
                identity?["ReauthorizeEvery"] ?? node,
                "ReauthorizeEvery must be a number from 0 to 3600")
        }
        let kind: Template.Authorizer.Kind
        var sources: [Template.Authorizer.IdentitySource] = []
        switch node["FunctionPayloadType"]?.text ?? "TOKEN" {
        case "TOKEN":
            kind = .token(validation: identity?["ValidationExpression"]?.text)
            sources = [.header(identity?["Header"]?.text ?? "Authorization")]
        case "REQUEST":
            kind = .request
            sources += texts(identity?["Headers"]).map { .header($0) }
            sources += texts(identity?["QueryStrings"]).map { .query($0) }
            sources += texts(identity?["StageVariables"]).map { .stageVariable($0) }
            sources += texts(identity?["Context"]).map { .context($0) }
            guard !sources.isEmpty || lifetime == 0 else {
                throw TemplateError(
                    node, "authorizer \(name) needs an Identity, or ReauthorizeEvery: 0")
            }
        case let other:
            throw TemplateError(node, "FunctionPayloadType must be TOKEN or REQUEST, not \(other)")
        }
        return Template.Authorizer(
            name: name, function: function, kind: kind, sources: sources, lifetime: lifetime)
    }

    private func texts(_ node: TemplateNode?) -> [String] { node?.list?.compactMap(\.text) ?? [] }

    /// A fixed value, or a variable of the request's context as ``GatewayError`` fills it in.
    private static func headerValue(_ node: TemplateNode) throws(TemplateError) -> String {
        if let text = node.text, text == "context.requestId" { return "$\(text)" }
        guard let text = node.text, text.count >= 2, text.hasPrefix("'"), text.hasSuffix("'") else {
            throw TemplateError(
                node, "the emulator knows context.requestId and fixed header values, as \"'value'\""
            )
        }
        return String(text.dropFirst().dropLast())
    }

    private func gatewayResponses() throws(TemplateError) -> [Template.GatewayResponse] {
        var responses: [Template.GatewayResponse] = []
        for (type, node) in try properties.node("GatewayResponses")?.map ?? [] {
            var status: Int?
            if let code = node["StatusCode"] {
                guard let value = code.text.flatMap({ Int($0) }), (400...599).contains(value)
                else { throw TemplateError(code, "StatusCode must be a number from 400 to 599") }
                status = value
            }
            var headers: [HTTPField] = []
            for (name, value) in node["ResponseParameters"]?["Headers"]?.map ?? [] {
                headers.append(HTTPField(name, try Self.headerValue(value)))
            }
            let template = node["ResponseTemplates"]?.map?.first.flatMap { member in
                member.value.text.map { (member.name, $0) }
            }
            responses.append(
                Template.GatewayResponse(
                    type: type, status: status, headers: headers, template: template))
        }
        return responses
    }
}
