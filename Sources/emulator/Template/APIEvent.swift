import Formats

/// A method of a REST API: an event of type `Api` on a function, or an operation of OpenAPI.
struct APIEvent {
    /// The API that SAM makes for events that name none.
    static let implicitAPI = "ServerlessRestApi"

    let function: String
    /// Upper case, or `ANY`.
    let method: String
    let path: String
    /// The id or the name of the API.
    let api: String
    /// `NONE`, an authorizer's name, or nil for the API's default.
    let authorizer: String?
    let line: Int

    func belongs(to name: String) -> Bool { api == name || api == TemplateScope.apiID(of: name) }
}

extension APIEvent {
    /// Reads an event whose values are resolved.
    init(_ event: TemplateNode, function: String) throws(TemplateError) {
        let properties = event["Properties"]
        guard let path = properties?["Path"]?.text, path.hasPrefix("/") else {
            throw TemplateError(properties ?? event, "an Api event needs a Path that begins with /")
        }
        guard let method = properties?["Method"]?.text else {
            throw TemplateError(properties ?? event, "an Api event needs a Method")
        }
        for (name, value) in properties?["Auth"]?.map ?? [] where name != "Authorizer" {
            throw TemplateError(value, "the emulator does not know Auth.\(name) of an event")
        }
        self.init(
            function: function, method: Self.named(method), path: path,
            api: properties?["RestApiId"]?.text ?? Self.implicitAPI,
            authorizer: properties?["Auth"]?["Authorizer"]?.text, line: event.line)
    }

    /// The methods of a `DefinitionBody`: OpenAPI with API Gateway's extensions, resolved.
    ///
    /// Source: Amazon API Gateway Developer Guide, "OpenAPI extensions for API Gateway".
    static func all(
        inDefinition body: TemplateNode, of api: String
    ) throws(TemplateError) -> [APIEvent] {
        for (name, value) in body.map ?? [] where !["openapi", "info", "paths"].contains(name) {
            throw TemplateError(value, "the emulator does not know \(name) of a DefinitionBody")
        }
        var events: [APIEvent] = []
        for (path, item) in body["paths"]?.map ?? [] {
            for (method, operation) in item.map ?? [] {
                let integration = operation["x-amazon-apigateway-integration"]
                guard integration?["type"]?.text == "aws_proxy",
                    let function = integration?["uri"]?.text.flatMap(Template.Function.name)
                else {
                    throw TemplateError(
                        operation, "\(method) \(path) needs an aws_proxy integration of a function")
                }
                events.append(
                    APIEvent(
                        function: function, method: named(method), path: path, api: api,
                        authorizer: operation["security"]?.list?.first?.map?.first?.name,
                        line: operation.line))
            }
        }
        return events
    }

    private static func named(_ method: String) -> String {
        let upper = method.uppercased()
        return ["ANY", "*", "X-AMAZON-APIGATEWAY-ANY-METHOD"].contains(upper) ? "ANY" : upper
    }
}
