import Formats
import LocalServer
import Platform
import Testing

@testable import emulator

@Suite("Templates")
struct TemplateTests {
    static func read(
        _ text: String, _ parameters: [String: String] = [:]
    ) throws(TemplateError) -> Template {
        try TemplateModel.template(
            from: Array(text.utf8), parameters: parameters, region: "eu-west-1")
    }

    /// A template with one function whose environment has these lines.
    static func environment(
        _ lines: String, _ parameters: [String: String] = [:]
    ) throws(TemplateError) -> [String: String] {
        let text = """
            Parameters:
              Level: {Type: String, Default: INFO}
              Extra: {Type: String, Default: ""}
              Needed: {Type: String}
              Size: {Type: String, Default: small, AllowedValues: [small, large]}
            Conditions:
              HasExtra: !Not [!Equals [!Ref Extra, ""]]
              IsLarge: {"Fn::Equals": [{Ref: Size}, large]}
              Both: !And [!Condition HasExtra, Condition: IsLarge]
              Either: !Or [!Condition HasExtra, !Condition IsLarge]
              Loop: !Not [!Condition Loop]
            Resources:
              T: {Type: "AWS::SNS::Topic"}
              Q: {Type: "AWS::SQS::Queue"}
              F: {Type: "AWS::SNS::Topic", Properties: {TopicName: events.fifo, FifoTopic: true}}
              Fn:
                Type: AWS::Serverless::Function
                Properties:
                  Handler: h
                  Environment:
                    Variables:

            """
        let indented = lines.split(separator: "\n").map { "          \($0)" }
        let template = try read(text + indented.joined(separator: "\n") + "\n", parameters)
        return Dictionary(template.functions[0].environment.map { ($0.name, $0.value) }) { $1 }
    }

    @Test(
        "resolves functions",
        arguments: [
            ("!Ref Level", "INFO"), ("{Ref: Level}", "INFO"), ("plain", "plain"), ("30", "30"),
            ("!Ref T", "arn:aws:sns:eu-west-1:123456789012:inlet-T"),
            ("!GetAtt T.TopicName", "inlet-T"),
            ("!GetAtt [T, TopicArn]", "arn:aws:sns:eu-west-1:123456789012:inlet-T"),
            ("!Ref F", "arn:aws:sns:eu-west-1:123456789012:events.fifo"),
            ("!GetAtt Q.Arn", "arn:aws:sqs:eu-west-1:123456789012:inlet-Q"),
            ("!Ref Q", "https://sqs.eu-west-1.amazonaws.com/123456789012/inlet-Q"),
            ("!GetAtt Fn.Arn", "arn:aws:lambda:eu-west-1:123456789012:function:Fn"),
            ("!Ref Fn", "Fn"), ("!Ref AWS::Region", "eu-west-1"), ("!Ref AWS::Partition", "aws"),
            (
                "!Sub '${AWS::AccountId}/${Level}/${T.TopicName}/${!Kept}/$x'",
                "123456789012/INFO/inlet-T/${Kept}/$x"
            ),
            ("!Sub ['${A}-${Level}', {A: !Ref AWS::URLSuffix}]", "amazonaws.com-INFO"),
            ("{'Fn::Join': ['-', [a, !Ref Level, c]]}", "a-INFO-c"),
            ("!Select [1, !Split [':', !Sub '${Level}:b:']]", "b"),
            ("!Join ['', !Split ['.fifo', 'q.fifo']]", "q"),
            ("!If [HasExtra, yes, no]", "no"), ("!If [Either, yes, !If [IsLarge, a, b]]", "b"),
        ])
    func resolves(value: String, expected: String) throws {
        #expect(try Self.environment("V: \(value)")["V"] == expected)
    }

    @Test("conditions follow parameters, and AWS::NoValue leaves out")
    func conditions() throws {
        let lines = """
            Both: !If [Both, yes, !Ref AWS::NoValue]
            Either: !If [Either, yes, !Ref AWS::NoValue]
            """
        #expect(try Self.environment(lines, ["Extra": "x"]) == ["Either": "yes"])
        let all = try Self.environment(lines, ["Extra": "x", "Size": "large"])
        #expect(all == ["Either": "yes", "Both": "yes"])
    }

    @Test(
        "names the line of what it does not know",
        arguments: [
            ("V: !Ref Nothing", 22, "there is no parameter or resource named Nothing"),
            (
                "A: a\nV: !GetAtt T.Nothing", 23,
                "the emulator does not know Nothing of a AWS::SNS::Topic"
            ),
            ("V: !ImportValue x", 22, "the emulator does not know the function ImportValue"),
            ("V: !Ref Needed", 4, "parameter Needed has no default: give --parameter Needed=value"),
            ("V: !If [Nothing, a, b]", 22, "there is no condition named Nothing"),
            ("V: !If [Loop, a, b]", 11, "it is no condition"),
            ("V: {a: b}", 22, "variable V must be a text"),
        ])
    func errors(lines: String, line: Int, reason: String) {
        #expect(throws: TemplateError(line, reason)) { try Self.environment(lines) }
    }

    @Test("checks given parameters")
    func parameters() {
        #expect(throws: TemplateError(5, "parameter Size must be one of small, large")) {
            try Self.environment("V: x", ["Size": "huge"])
        }
        #expect(throws: TemplateError(2, "there is no parameter named Typo")) {
            try Self.environment("V: x", ["Typo": "x"])
        }
    }

    @Test(
        "refuses what it would serve wrongly",
        arguments: [
            ("Timeout: many", 8, "Timeout must be a number from 1 to 900"),
            ("Runtime: python3.12", 8, "the emulator runs provided.* only, not python3.12"),
            ("PackageType: Image", 8, "the emulator does not run images"),
            ("Events: {E: {Type: HttpApi}}", 8, "the emulator does not know HttpApi events"),
            (
                "Events: {E: {Type: Api, Properties: {Method: GET}}}", 8,
                "an Api event needs a Path that begins with /"
            ),
            (
                "Events: {E: {Type: Api, Properties: {Path: /, Method: GET, RestApiId: Other}}}", 8,
                "there is no API named Other"
            ),
            (
                "Events: {E: {Type: Api, Properties: {Path: /, Method: GET, Auth: {Authorizer: A}}}}",
                8, "there is no authorizer named A"
            ),
            (
                "Events: {E: {Type: Api, Properties: {Path: /, Method: GET, Auth: {ApiKeyRequired: true}}}}",
                8, "the emulator does not know Auth.ApiKeyRequired of an event"
            ),
        ])
    func refuses(property: String, line: Int, reason: String) {
        let text = """
            # A comment, so that lines count.
            Resources:
              Skipped: {Type: "AWS::IAM::Role", Properties: {X: !Unknown y}}
              Fn:
                Type: AWS::Serverless::Function
                Properties:
                  Handler: h
                  \(property)
            """
        #expect(throws: TemplateError(line, reason)) { try Self.read(text) }
    }

    @Test(
        "refuses what is no template",
        arguments: [
            ("", 1), ("a: [", 2), ("- a", 1), ("Resources:\n  A: {}\n  A: {}", 3),
            ("Resources:\n  A: {Properties: {}}", 2), ("a: *b", 1),
        ])
    func malformed(text: String, line: Int) {
        #expect { try Self.read(text) } throws: { ($0 as? TemplateError)?.line == line }
    }

    @Test("the project's own template reads as the design says")
    func own() throws {
        let bytes = try #require(try? File.read("template.yaml"))
        let template = try TemplateModel.template(
            from: bytes, parameters: ["Partners": "[]", "ReauthorizeEvery": "60"],
            region: "us-east-1")
        #expect(template.functions.map(\.handler) == ["ingest", "authorizer"])
        #expect(template.functions.map(\.timeout) == [10, 10])
        let ingest = template.functions[0].environment.map(\.name).sorted()
        #expect(
            ingest == [
                "INLET_BUILD", "INLET_LOG_LEVEL", "INLET_PARTNERS", "INLET_PARTNERS_CACHE_SECONDS",
                "INLET_REJECTED_TOPIC_ARN", "INLET_STAGE", "INLET_TOPIC_ARN",
            ])
        #expect(
            template.topics.map(\.logicalID)
                == ["Messages", "Rejected", "PageTopic", "TicketTopic"])
        let api = try #require(template.apis.first)
        #expect(api.binaryTypes == ["*/*"])
        #expect(api.authorizers.first?.sources == [.header("Authorization")])
        #expect(api.authorizers.first?.lifetime == 60)
        let guarded = api.routes.filter { $0.authorizer != nil }
        #expect(guarded.map { "\($0.method) \($0.path)" } == ["ANY /v1/segment"])
        for response in api.gatewayResponses {
            let body = try #require(response.template?.text)
            #expect(body.contains(#""code":""#) && body.contains(#""message":"#))
        }
        for error in [GatewayError.authorizerFailure, .authorizerConfiguration] {
            let reply = error.response(from: api, requestID: "r")
            #expect(reply.status == 503)
            #expect(reply.header("retry-after").flatMap(Int.init) != nil)
        }
    }

    @Test("without partners of its own the template's are in its table, whose name has the stage")
    func table() throws {
        let bytes = try #require(try? File.read("template.yaml"))
        let template = try TemplateModel.template(
            from: bytes, parameters: ["Stage": "staging"], region: "us-east-1")
        for function in template.functions {
            let variables = Dictionary(
                function.environment.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
            #expect(variables["INLET_PARTNERS"] == "dynamodb:inlet-partners-staging")
            #expect(variables["INLET_STAGE"] == "staging")
        }
    }

    @Test("the relay is there with a write key, and not without")
    func relay() throws {
        let bytes = try #require(try? File.read("template.yaml"))
        let without = try TemplateModel.template(from: bytes, parameters: [:], region: "us-east-1")
        #expect(without.subscriptions.map(\.queue).allSatisfy { $0.hasSuffix("RejectedQueue") })
        #expect(without.eventSources.isEmpty)
        for name in ["SegmentWriteKeySecretArn", "SegmentWriteKeyParameterName"] {
            let template = try TemplateModel.template(
                from: bytes, parameters: [name: "/key"], region: "us-east-1")
            let forwarder = try #require(template.functions.first { $0.handler == "forwarder" })
            let source = try #require(template.eventSources.first)
            #expect(source.function == forwarder.name && source.takesPartialResponses)
            let queue = try #require(template.queues.first { $0.arn == source.queue })
            #expect(queue.visibilityTimeout >= .seconds(6 * forwarder.timeout))
            let redrive = try #require(queue.redrive)
            #expect(redrive.maximumReceives >= 5)
            #expect(template.queues.contains { $0.arn == redrive.deadLetterQueue })
            let subscription = try #require(template.subscriptions.first { $0.queue == queue.arn })
            #expect(subscription.isRaw && subscription.filter != nil)
        }
    }

    @Test("the migrator is there with the owner's secret, and not without")
    func migrator() throws {
        let bytes = try #require(try? File.read("template.yaml"))
        let without = try TemplateModel.template(from: bytes, parameters: [:], region: "us-east-1")
        #expect(without.functions.map(\.handler) == ["ingest", "authorizer"])
        let arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:owner"
        let template = try TemplateModel.template(
            from: bytes,
            parameters: ["PartnersOwnerSecretArn": arn, "PartnersSecretArn": "arn:reader"],
            region: "us-east-1")
        let migrator = try #require(template.functions.first { $0.handler == "migrator" })
        #expect(migrator.timeout == 60)
        let source = { (function: Template.Function) in
            function.environment.first { $0.name == "INLET_PARTNERS" }?.value
        }
        #expect(source(migrator) == "secretsmanager:\(arn)")
        for function in template.functions where function.handler != "migrator" {
            #expect(source(function) == "secretsmanager:arn:reader")
        }
    }

    @Test("a custom resource is left to CloudFormation, whether its condition is true or not")
    func customResources() throws {
        let text = """
            Parameters:
              Secret: {Type: String, Default: ""}
            Conditions:
              HasSecret: !Not [!Equals [!Ref Secret, ""]]
            Resources:
              Custom:
                Type: Custom::Anything
                Condition: HasSecret
                Properties: {ServiceToken: !ImportValue x}
              Fn:
                Type: AWS::Serverless::Function
                Properties:
                  Handler: h
                  Tags: {Version: !If [HasSecret, !GetAtt Custom.version, !Ref AWS::NoValue]}
            """
        for parameters in [[:], ["Secret": "x"]] {
            #expect(try Self.read(text, parameters).functions.map(\.handler) == ["h"])
        }
    }

    @Test(
        "refuses queues that AWS would refuse",
        arguments: [
            (
                "Queue: !GetAtt Q.Arn, BatchSize: 11",
                "a BatchSize over 10 needs a batching window, and no FIFO queue"
            ),
            (
                "Queue: !GetAtt Short.Arn",
                "the queue's VisibilityTimeout is less than the function's Timeout"
            ),
            (
                "Queue: arn:aws:sqs:eu-west-1:1:none",
                "there is no queue arn:aws:sqs:eu-west-1:1:none"
            ),
            ("BatchSize: 1", "an SQS event needs a Queue"),
        ])
    func refusesQueues(properties: String, reason: String) {
        let text = """
            Resources:
              Q: {Type: "AWS::SQS::Queue"}
              Short: {Type: "AWS::SQS::Queue", Properties: {VisibilityTimeout: 1}}
              Fn:
                Type: AWS::Serverless::Function
                Properties:
                  Handler: h
                  Events: {E: {Type: SQS, Properties: {\(properties)}}}
            """
        #expect(throws: TemplateError(8, reason)) { try Self.read(text) }
    }

    @Test("Globals are merged into functions")
    func globals() throws {
        let template = try Self.read(
            """
            Globals:
              Function: {Timeout: 7, Handler: g, Environment: {Variables: {A: "1", B: "2"}}}
            Resources:
              One: {Type: "AWS::Serverless::Function"}
              Two:
                Type: AWS::Serverless::Function
                Properties: {Handler: h, Timeout: 9, Environment: {Variables: {B: "3"}}}
            """)
        #expect(template.functions.map(\.handler) == ["g", "h"])
        #expect(template.functions.map(\.timeout) == [7, 9])
        #expect(template.functions[1].environment.map { $0.name + $0.value } == ["A1", "B3"])
    }

    @Test("authorizers attach by default, by name, or not at all")
    func authorizers() throws {
        let template = try Self.read(
            """
            Resources:
              Api:
                Type: AWS::Serverless::Api
                Properties:
                  StageName: s
                  Auth:
                    DefaultAuthorizer: A
                    AddDefaultAuthorizerToCorsPreflight: false
                    Authorizers:
                      A: {FunctionArn: !GetAtt Fn.Arn}
                      B:
                        FunctionArn: !GetAtt Fn.Arn
                        FunctionPayloadType: REQUEST
                        Identity: {Headers: [X, Y], QueryStrings: [q], ReauthorizeEvery: 0}
              Fn:
                Type: AWS::Serverless::Function
                Properties:
                  Handler: h
                  Events:
                    A: {Type: Api, Properties: {Path: /a, Method: get, RestApiId: !Ref Api}}
                    B: {Type: Api, Properties: {Path: /b, Method: get, RestApiId: !Ref Api, Auth: {Authorizer: B}}}
                    C: {Type: Api, Properties: {Path: /c, Method: get, RestApiId: !Ref Api, Auth: {Authorizer: NONE}}}
                    D: {Type: Api, Properties: {Path: /d, Method: options, RestApiId: !Ref Api}}
                    E: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
            """)
        let api = try #require(template.apis.first)
        #expect(api.routes.map(\.authorizer) == ["A", "B", nil, nil])
        #expect(api.authorizers[0].sources == [.header("Authorization")])
        #expect(api.authorizers[0].lifetime == 300)
        #expect(api.authorizers[1].sources == [.header("X"), .header("Y"), .query("q")])
    }
}
