/// The meaning of names in a template: parameters, conditions, resources, pseudo parameters.
struct TemplateScope: Sendable {
    let parameters: [String: String]
    let region: String
    private let conditions: TemplateNode?
    private let declared: TemplateNode?
    private let resources: [(name: String, value: TemplateNode)]

    static let accountID = "123456789012"
    static let stackName = "inlet"

    /// Takes parameters' values from `given`, else from their defaults.
    init(
        template: TemplateNode, given: [String: String], region: String
    ) throws(TemplateError) {
        self.region = region
        declared = template["Parameters"]
        conditions = template["Conditions"]
        resources = template["Resources"]?.map ?? []
        var values: [String: String] = [:]
        for (name, parameter) in declared?.map ?? [] {
            guard let value = given[name] ?? parameter["Default"]?.text else { continue }
            let allowed = parameter["AllowedValues"]?.list?.compactMap(\.text)
            if let allowed, !allowed.contains(value) {
                throw TemplateError(
                    parameter,
                    "parameter \(name) must be one of \(allowed.joined(separator: ", "))")
            }
            values[name] = value
        }
        for name in given.keys.sorted() where values[name] == nil {
            throw TemplateError(
                declared?.line ?? template.line, "there is no parameter named \(name)")
        }
        parameters = values
    }

    /// Resources whose condition holds, in the order of the file.
    func activeResources() throws(TemplateError) -> [(name: String, value: TemplateNode)] {
        var active: [(name: String, value: TemplateNode)] = []
        for resource in resources {
            if let condition = resource.value["Condition"] {
                guard let name = condition.text else {
                    throw TemplateError(condition, "Condition must be a name")
                }
                guard try isTrue(condition: name, at: condition.line) else { continue }
            }
            active.append(resource)
        }
        return active
    }

    /// What `!Ref name` gives; nil for `AWS::NoValue`.
    func reference(_ name: String, at line: Int) throws(TemplateError) -> String? {
        switch name {
        case "AWS::Region": return region
        case "AWS::AccountId": return Self.accountID
        case "AWS::Partition": return "aws"
        case "AWS::StackName": return Self.stackName
        case "AWS::URLSuffix": return "amazonaws.com"
        case "AWS::StackId":
            return
                "arn:aws:cloudformation:\(region):\(Self.accountID):stack/\(Self.stackName)/local"
        case "AWS::NoValue": return nil
        default: break
        }
        if let parameter = declared?[name] {
            guard let value = parameters[name] else {
                throw TemplateError(
                    parameter, "parameter \(name) has no default: give --parameter \(name)=value")
            }
            return value
        }
        // SAM takes what it generates for a resource by a dot, too.
        if let dot = name.firstIndex(of: ".") {
            return try attribute(
                String(name[name.index(after: dot)...]), of: String(name[..<dot]), at: line)
        }
        return try attribute("Ref", of: name, at: line)
    }

    /// What `!GetAtt name.attribute` gives, or `!Ref` for the attribute `Ref`.
    func attribute(
        _ attribute: String, of name: String, at line: Int
    ) throws(TemplateError) -> String {
        guard let resource = resources.first(where: { $0.name == name })?.value else {
            throw TemplateError(line, "there is no parameter or resource named \(name)")
        }
        let type = resource["Type"]?.text ?? ""
        guard let value = try known(attribute, of: resource, type, named: name, at: line) else {
            throw TemplateError(
                line,
                attribute == "Ref"
                    ? "the emulator does not know what !Ref gives for a \(type)"
                    : "the emulator does not know \(attribute) of a \(type)")
        }
        return value
    }

    /// The attribute of a resource, by its type; nil for what the emulator does not know.
    private func known(
        _ attribute: String, of resource: TemplateNode, _ type: String, named name: String,
        at line: Int
    ) throws(TemplateError) -> String? {
        switch (type, attribute) {
        case ("AWS::Serverless::Function", "Ref"): return name
        case ("AWS::Serverless::Function", "Arn"): return functionARN(name)
        case ("AWS::Serverless::Function", "Alias"):
            guard let alias = resource["Properties"]?["AutoPublishAlias"]?.text else {
                throw TemplateError(line, "function \(name) has no AutoPublishAlias")
            }
            return "\(functionARN(name)):\(alias)"
        case ("AWS::SNS::Topic", "Ref"), ("AWS::SNS::Topic", "TopicArn"):
            return arn("sns", try resourceName("TopicName", of: resource, called: name))
        case ("AWS::SNS::Topic", "TopicName"):
            return try resourceName("TopicName", of: resource, called: name)
        case ("AWS::DynamoDB::Table", "Ref"), ("AWS::DynamoDB::GlobalTable", "Ref"):
            return try resourceName("TableName", of: resource, called: name)
        case ("AWS::SQS::Queue", "Arn"):
            return arn("sqs", try resourceName("QueueName", of: resource, called: name))
        case ("AWS::SQS::Queue", "QueueName"):
            return try resourceName("QueueName", of: resource, called: name)
        case ("AWS::SQS::Queue", "Ref"), ("AWS::SQS::Queue", "QueueUrl"):
            let queue = try resourceName("QueueName", of: resource, called: name)
            return "https://sqs.\(region).amazonaws.com/\(Self.accountID)/\(queue)"
        case ("AWS::Logs::LogGroup", "Ref"):
            return try resourceName("LogGroupName", of: resource, called: name)
        case ("AWS::Serverless::Api", "Ref"), ("AWS::Serverless::Api", "RestApiId"),
            ("AWS::ApiGatewayV2::Api", "Ref"), ("AWS::ApiGatewayV2::Api", "ApiId"):
            return Self.apiID(of: name)
        case ("AWS::ApiGatewayV2::Integration", "Ref"), ("AWS::ApiGatewayV2::Authorizer", "Ref"):
            return name
        default: return nil
        }
    }

    /// Ten lower-case letters and digits, as API Gateway's ids, made from the logical id.
    static func apiID(of name: String) -> String {
        let kept = name.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
        return String((kept + String(repeating: "0", count: 10)).prefix(10))
    }

    func functionARN(_ name: String) -> String { arn("lambda", "function:\(name)") }

    private func arn(_ service: String, _ resource: String) -> String {
        "arn:aws:\(service):\(region):\(Self.accountID):\(resource)"
    }

    /// The name that a property gives, or the one made up from the stack's and the resource's.
    private func resourceName(
        _ property: String, of resource: TemplateNode, called name: String
    ) throws(TemplateError) -> String {
        let properties = resource["Properties"]
        if let given = properties?[property] {
            let given = try resolve(given)
            if let text = given.text { return text }
            guard given.isAbsent else { throw TemplateError(given, "\(property) must be a text") }
        }
        let isFIFO = try properties?["FifoTopic"].map { node throws(TemplateError) in
            try resolve(node).text == "true"
        }
        return "\(Self.stackName)-\(name)\(isFIFO == true ? ".fifo" : "")"
    }

    func isTrue(
        condition name: String, at line: Int, depth: Int = 0
    ) throws(TemplateError) -> Bool {
        guard let condition = conditions?[name] else {
            throw TemplateError(line, "there is no condition named \(name)")
        }
        return try evaluate(condition, depth: depth)
    }
}
