/// Builds HTTP APIs and function URLs, of CloudFormation's own resources.
struct HTTPAPIModel {
    private static let api = "AWS::ApiGatewayV2::Api"
    private static let stage = "AWS::ApiGatewayV2::Stage"
    private static let integration = "AWS::ApiGatewayV2::Integration"
    private static let authorizer = "AWS::ApiGatewayV2::Authorizer"
    private static let route = "AWS::ApiGatewayV2::Route"
    private static let url = "AWS::Lambda::Url"

    /// The types that ``add(_:_:_:)`` takes.
    static let types = [api, stage, integration, authorizer, route, url]

    private struct Resource {
        let name: String
        let type: String
        let properties: Properties
    }

    private var resources: [Resource] = []

    mutating func add(_ name: String, _ type: String, _ properties: Properties) {
        resources.append(Resource(name: name, type: type, properties: properties))
    }

    /// All of them, once every resource has been added.
    func built(functions: [String]) throws(TemplateError) -> [Template.API] {
        var built: [Template.API] = []
        for resource in resources {
            switch resource.type {
            case Self.api: built.append(try httpAPI(resource, functions))
            case Self.url: built.append(try functionURL(resource, functions))
            default: continue
            }
        }
        return built
    }

    private func functionURL(
        _ url: Resource, _ functions: [String]
    ) throws(TemplateError) -> Template.API {
        guard try url.properties.text("AuthType") == "NONE" else {
            throw url.properties.error("AuthType", "the emulator knows function URLs of NONE only")
        }
        try refuse(["Cors", "InvokeMode"], of: url)
        let function = try function(url, "TargetFunctionArn", functions)
        return Template.API(
            kind: .functionURL, name: url.name, stage: "$default", stageVariables: [],
            binaryTypes: [], authorizers: [], gatewayResponses: [],
            routes: [
                Template.Route(
                    method: "ANY", path: "$default", function: function, authorizer: nil)
            ])
    }

    private func httpAPI(
        _ api: Resource, _ functions: [String]
    ) throws(TemplateError) -> Template.API {
        guard try api.properties.text("ProtocolType") == "HTTP" else {
            throw api.properties.error("ProtocolType", "the emulator knows APIs of HTTP only")
        }
        try refuse(["Body", "BodyS3Location", "CorsConfiguration", "RouteKey", "Target"], of: api)
        let stages = try parts(Self.stage, of: api)
        guard stages.count == 1, let stage = stages.first,
            let name = try stage.properties.text("StageName")
        else { throw TemplateError(api.properties.line, "API \(api.name) needs one Stage") }
        var authorizers: [Template.Authorizer] = []
        for part in try parts(Self.authorizer, of: api) {
            authorizers.append(try authorizer(part, functions))
        }
        var integrations: [(name: String, function: String)] = []
        for part in try parts(Self.integration, of: api) {
            guard try part.properties.text("PayloadFormatVersion") == "2.0" else {
                throw TemplateError(
                    part.properties.line, "the emulator knows PayloadFormatVersion 2.0 only")
            }
            integrations.append((part.name, try function(part, "IntegrationUri", functions)))
        }
        var routes: [Template.Route] = []
        for part in try parts(Self.route, of: api) {
            routes.append(try route(part, integrations, authorizers))
        }
        return Template.API(
            kind: .http, name: api.name, stage: name, stageVariables: [], binaryTypes: [],
            authorizers: authorizers, gatewayResponses: [], routes: routes)
    }

    private func route(
        _ route: Resource, _ integrations: [(name: String, function: String)],
        _ authorizers: [Template.Authorizer]
    ) throws(TemplateError) -> Template.Route {
        let key = try route.properties.text("RouteKey") ?? ""
        let words = key == "$default" ? ["ANY", key] : key.split(separator: " ").map(String.init)
        guard words.count == 2, key == "$default" || words[1].hasPrefix("/") else {
            throw route.properties.error(
                "RouteKey", "a RouteKey is $default, or a method and a path that begins with /")
        }
        let target = try route.properties.text("Target") ?? ""
        guard let integration = integrations.first(where: { target == "integrations/\($0.name)" })
        else { throw route.properties.error("Target", "there is no integration \(target)") }
        var authorizer: String?
        switch try route.properties.text("AuthorizationType") ?? "NONE" {
        case "NONE": break
        case "CUSTOM":
            authorizer = try route.properties.text("AuthorizerId")
            guard authorizers.contains(where: { $0.name == authorizer }) else {
                throw route.properties.error(
                    "AuthorizerId", "there is no authorizer named \(authorizer ?? "")")
            }
        case let other:
            throw route.properties.error(
                "AuthorizationType", "the emulator does not know AuthorizationType \(other)")
        }
        return Template.Route(
            method: words[0].uppercased(), path: words[1], function: integration.function,
            authorizer: authorizer)
    }

    private func authorizer(
        _ authorizer: Resource, _ functions: [String]
    ) throws(TemplateError) -> Template.Authorizer {
        let own = authorizer.properties
        guard try own.text("AuthorizerType") == "REQUEST",
            try own.text("AuthorizerPayloadFormatVersion") == "2.0",
            try own.text("EnableSimpleResponses") == "true"
        else {
            throw TemplateError(
                own.line, "the emulator knows REQUEST authorizers of 2.0 with simple responses only"
            )
        }
        var sources: [Template.Authorizer.IdentitySource] = []
        for text in try own.texts("IdentitySource") {
            let header = "$request.header."
            guard text.hasPrefix(header) else {
                throw own.error("IdentitySource", "the emulator does not know \(text)")
            }
            sources.append(.header(String(text.dropFirst(header.count))))
        }
        return Template.Authorizer(
            name: authorizer.name, function: try function(authorizer, "AuthorizerUri", functions),
            kind: .simple, sources: sources,
            lifetime: try own.int("AuthorizerResultTtlInSeconds", in: 0...3600) ?? 0)
    }

    /// The function that a property leads to.
    private func function(
        _ resource: Resource, _ property: String, _ functions: [String]
    ) throws(TemplateError) -> String {
        let text = try resource.properties.text(property) ?? ""
        let name = Template.Function.name(in: text) ?? text
        guard functions.contains(name) else {
            throw resource.properties.error(property, "there is no function \(name)")
        }
        return name
    }

    private func parts(
        _ type: String, of api: Resource
    ) throws(TemplateError) -> [Resource] {
        var parts: [Resource] = []
        for resource in resources where resource.type == type {
            let owner = try resource.properties.text("ApiId")
            if owner == TemplateScope.apiID(of: api.name) { parts.append(resource) }
        }
        return parts
    }

    private func refuse(_ names: [String], of resource: Resource) throws(TemplateError) {
        for name in names where try resource.properties.node(name) != nil {
            throw resource.properties.error(
                name, "the emulator does not know \(name) of a \(resource.type)")
        }
    }
}
