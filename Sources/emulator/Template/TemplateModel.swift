import Formats

/// Builds the ``Template`` from the resources of a scope.
struct TemplateModel {
    let scope: TemplateScope
    let globals: TemplateNode?

    static func template(
        from bytes: [UInt8], parameters: [String: String], region: String
    ) throws(TemplateError) -> Template {
        let root = try TemplateReader.read(bytes)
        guard root.map != nil, root["Resources"]?.map != nil else {
            throw TemplateError(root, "it has no Resources")
        }
        let scope = try TemplateScope(template: root, given: parameters, region: region)
        return try TemplateModel(scope: scope, globals: root["Globals"]).template()
    }

    /// What is known of a template while its resources are read one after another.
    private struct Parts {
        var functions: [Template.Function] = []
        var topics: [Template.Topic] = []
        var events: [APIEvent] = []
        var apis: [(name: String, properties: Properties)] = []
        var fronts = HTTPAPIModel()
        var queues: QueueModel
    }

    private func template() throws(TemplateError) -> Template {
        var parts = Parts(queues: QueueModel(scope: scope))
        for (name, resource) in try scope.activeResources() {
            try add(name, resource, to: &parts)
        }
        if parts.events.contains(where: { $0.api == APIEvent.implicitAPI }) {
            let none = TemplateNode(content: .map([]), line: 1)
            let implicit = Properties(none, globals: globals?["Api"], scope: scope)
            parts.apis.append((APIEvent.implicitAPI, implicit))
        }
        let names = parts.functions.map(\.name)
        return try parts.queues.completing(
            Template(
                region: scope.region, functions: parts.functions,
                apis: Self.built(parts.apis, with: parts.events, functions: names)
                    + parts.fronts.built(functions: names),
                topics: parts.topics))
    }

    private func add(
        _ name: String, _ resource: TemplateNode, to parts: inout Parts
    ) throws(TemplateError) {
        switch resource["Type"]?.text {
        case "AWS::Serverless::Function":
            let own = Properties(resource, globals: globals?["Function"], scope: scope)
            parts.functions.append(try function(name, own))
            parts.events += try events(of: name, own)
            try parts.queues.addEvents(of: name, own)
        case "AWS::Serverless::Api":
            let own = Properties(resource, globals: globals?["Api"], scope: scope)
            parts.apis.append((name, own))
        case let type? where HTTPAPIModel.types.contains(type):
            parts.fronts.add(name, type, Properties(resource, globals: nil, scope: scope))
        case "AWS::SNS::Topic":
            parts.topics.append(try topic(name, Properties(resource, globals: nil, scope: scope)))
        case "AWS::SQS::Queue", "AWS::SNS::Subscription", "AWS::Lambda::EventSourceMapping":
            try parts.queues.add(name, resource)
        case "AWS::Serverless::HttpApi", "AWS::ApiGateway::RestApi", "AWS::Lambda::Function":
            throw TemplateError(
                resource, "the emulator does not know \(resource["Type"]?.text ?? "")")
        case nil: throw TemplateError(resource, "resource \(name) has no Type")
        default: return
        }
    }

    private static func built(
        _ apis: [(name: String, properties: Properties)], with events: [APIEvent],
        functions: [String]
    ) throws(TemplateError) -> [Template.API] {
        var built: [Template.API] = []
        for (name, properties) in apis {
            let builder = APIModel(name: name, properties: properties, functions: functions)
            built.append(try builder.api(with: events.filter { $0.belongs(to: name) }))
        }
        for event in events where !apis.contains(where: { event.belongs(to: $0.name) }) {
            throw TemplateError(event.line, "there is no API named \(event.api)")
        }
        return built
    }

    private func function(
        _ name: String, _ own: Properties
    ) throws(TemplateError) -> Template.Function {
        if let type = try own.text("PackageType"), type != "Zip" {
            throw own.error("PackageType", "the emulator does not run images")
        }
        if let runtime = try own.text("Runtime"), !runtime.hasPrefix("provided") {
            throw own.error("Runtime", "the emulator runs provided.* only, not \(runtime)")
        }
        guard let handler = try own.text("Handler") else {
            throw TemplateError(own.line, "function \(name) has no Handler")
        }
        let environment = try own.node("Environment")
        if let other = environment?.map?.first(where: { $0.name != "Variables" }) {
            throw TemplateError(other.value, "the emulator does not know Environment.\(other.name)")
        }
        var variables: [NamedValue] = []
        for (name, value) in environment?["Variables"]?.map ?? [] {
            guard let text = value.text else {
                throw TemplateError(value, "variable \(name) must be a text")
            }
            variables.append(NamedValue(name, text))
        }
        let logging = try own.node("LoggingConfig")
        return Template.Function(
            name: name, arn: scope.functionARN(name), handler: handler,
            timeout: try own.int("Timeout", in: 1...900) ?? 3,
            memory: try own.int("MemorySize", in: 128...10_240) ?? 128,
            codeURI: try own.text("CodeUri"), environment: variables,
            logFormat: logging?["LogFormat"]?.text,
            logLevel: logging?["ApplicationLogLevel"]?.text)
    }

    private func events(
        of function: String, _ own: Properties
    ) throws(TemplateError) -> [APIEvent] {
        var events: [APIEvent] = []
        for (name, event) in try own.node("Events")?.map ?? [] {
            switch event["Type"]?.text {
            case "Api": events.append(try APIEvent(event, function: function))
            case "HttpApi":
                throw TemplateError(event, "the emulator does not know HttpApi events")
            case nil: throw TemplateError(event, "event \(name) has no Type")
            default: continue
            }
        }
        return events
    }

    private func topic(_ name: String, _ own: Properties) throws(TemplateError) -> Template.Topic {
        Template.Topic(
            logicalID: name,
            name: try scope.attribute("TopicName", of: name, at: own.line),
            arn: try scope.attribute("Ref", of: name, at: own.line),
            isFIFO: try own.text("FifoTopic") == "true",
            deduplicatesByContent: try own.text("ContentBasedDeduplication") == "true")
    }
}
