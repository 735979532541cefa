import Formats
import Platform
import Testing

@testable import emulator

@Suite("Fronts of templates")
struct FrontTemplateTests {
    private static func own(_ front: String) throws -> Template {
        let bytes = try #require(try? File.read("template.yaml"))
        return try TemplateModel.template(
            from: bytes, parameters: ["Front": front, "ReauthorizeEvery": "60"],
            region: "us-east-1")
    }

    @Test("the project's template has one front at a time")
    func own() throws {
        let rest = try Self.own("rest")
        #expect(rest.apis.map(\.kind) == [.rest])
        #expect(
            rest.apis[0].routes.map { "\($0.method) \($0.path) \($0.authorizer ?? "")" } == [
                "ANY /v1/segment PartnerAuthorizer", "ANY /webhook/segment/{token} ", "ANY / ",
                "ANY /{proxy+} ",
            ])
        let http = try Self.own("http")
        #expect(http.apis.map(\.kind) == [.http])
        #expect(
            http.apis[0].routes.map { "\($0.method) \($0.path) \($0.authorizer ?? "")" } == [
                "ANY /v1/segment HttpApiAuthorizer", "ANY $default ",
            ])
        #expect(http.apis[0].authorizers.map(\.lifetime) == [60])
        #expect(http.apis[0].authorizers.map(\.sources) == [[.header("Authorization")]])
        let answer = http.functions.first { $0.handler == "authorizer" }?.environment
            .first { $0.name == "INLET_AUTHORIZER_RESPONSE" }?.value
        #expect(answer == "simple")
        let url = try Self.own("url")
        #expect(url.apis.map(\.kind) == [.functionURL])
        #expect(url.apis[0].routes.map(\.path) == ["$default"])
        #expect(url.functions.map(\.handler) == ["ingest"])
        for template in [rest, http, url] {
            #expect(template.apis[0].routes.allSatisfy { $0.function == "Ingest" })
        }
    }

    /// A function and an HTTP API with these lines in the place of some of its own.
    private static func text(_ line: String, _ instead: String) -> String {
        """
        Resources:
          Fn: {Type: "AWS::Serverless::Function", Properties: {Handler: h, AutoPublishAlias: live}}
          Api: {Type: "AWS::ApiGatewayV2::Api", Properties: {ProtocolType: HTTP}}
          Stage: {Type: "AWS::ApiGatewayV2::Stage", Properties: {ApiId: !Ref Api, StageName: $default}}
          Way:
            Type: AWS::ApiGatewayV2::Integration
            Properties: {ApiId: !Ref Api, IntegrationUri: !Ref Fn.Alias, PayloadFormatVersion: "2.0"}
          Route:
            Type: AWS::ApiGatewayV2::Route
            Properties: {ApiId: !Ref Api, RouteKey: GET /a, Target: !Sub "integrations/${Way}"}
          Url: {Type: "AWS::Lambda::Url", Properties: {AuthType: NONE, TargetFunctionArn: !Ref Fn}}
        """.replacing(line, with: instead)
    }

    @Test("an HTTP API and a function URL of a template's own resources")
    func resources() throws {
        let template = try TemplateTests.read(Self.text("", ""))
        #expect(template.apis.map(\.name) == ["Api", "Url"])
        #expect(template.apis[0].routes.map { "\($0.method) \($0.path)" } == ["GET /a"])
        #expect(template.apis.allSatisfy { $0.routes.allSatisfy { $0.function == "Fn" } })
    }

    @Test(
        "refuses what it would serve wrongly",
        arguments: [
            (
                "ProtocolType: HTTP", "ProtocolType: WEBSOCKET",
                "the emulator knows APIs of HTTP only"
            ),
            ("StageName: $default", "X: y", "API Api needs one Stage"),
            ("!Ref Fn.Alias", "other", "there is no function other"),
            (#""2.0""#, #""1.0""#, "the emulator knows PayloadFormatVersion 2.0 only"),
            ("GET /a", "/a", "a RouteKey is $default, or a method and a path that begins with /"),
            ("${Way}", "way", "there is no integration integrations/way"),
            (
                "RouteKey: GET /a", "RouteKey: GET /a, AuthorizationType: JWT",
                "the emulator does not know AuthorizationType JWT"
            ),
            (
                "AuthType: NONE", "AuthType: AWS_IAM",
                "the emulator knows function URLs of NONE only"
            ),
            (
                "AuthType: NONE", "AuthType: NONE, Cors: {}",
                "the emulator does not know Cors of a AWS::Lambda::Url"
            ),
            (
                ", AutoPublishAlias: live", "", "function Fn has no AutoPublishAlias"
            ),
        ])
    func refuses(line: String, instead: String, reason: String) {
        #expect {
            try TemplateTests.read(Self.text(line, instead))
        } throws: { error in
            (error as? TemplateError)?.reason == reason
        }
    }

    @Test(
        "a DefinitionBody's methods are routes, and what else it has is refused",
        arguments: [
            ("", nil), ("type: aws_proxy", "get /a needs an aws_proxy integration of a function"),
            ("info:", "the emulator does not know tags of a DefinitionBody"),
            ("- A: []", "there is no authorizer named B"),
        ] as [(String, String?)])
    func definition(line: String, reason: String?) throws {
        let instead = ["type: aws_proxy": "type: mock", "info:": "tags:", "- A: []": "- B: []"]
        let text = """
            Resources:
              Fn: {Type: "AWS::Serverless::Function", Properties: {Handler: h}}
              Api:
                Type: AWS::Serverless::Api
                Properties:
                  StageName: s
                  Auth: {Authorizers: {A: {FunctionArn: !GetAtt Fn.Arn}}}
                  DefinitionBody:
                    info: {title: !Ref AWS::StackName}
                    paths:
                      /a:
                        get:
                          security:
                            - A: []
                          x-amazon-apigateway-integration:
                            type: aws_proxy
                            uri: !Sub "arn:x:functions/${Fn.Arn}:live/invocations"
                        post:
                          x-amazon-apigateway-integration:
                            type: aws_proxy
                            uri: !Sub "arn:x:functions/${Fn.Arn}/invocations"
            """
        guard let reason else {
            let api = try #require(try TemplateTests.read(text).apis.first)
            #expect(
                api.routes == [
                    Template.Route(method: "GET", path: "/a", function: "Fn", authorizer: "A"),
                    Template.Route(method: "POST", path: "/a", function: "Fn", authorizer: nil),
                ])
            return
        }
        let broken = text.replacing(line, with: instead[line] ?? "", maxReplacements: 1)
        #expect {
            try TemplateTests.read(broken)
        } throws: { error in
            (error as? TemplateError)?.reason == reason
        }
    }
}
