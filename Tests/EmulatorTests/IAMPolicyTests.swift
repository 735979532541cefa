import Formats
import Testing

@testable import emulator

@Suite("IAM policies")
struct IAMPolicyTests {
    private let arn = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/POST/orders/42"

    private func policy(_ statements: String) -> IAMPolicy? {
        IAMPolicy(json(#"{"Version":"2012-10-17","Statement":\#(statements)}"#))
    }

    private func statement(
        _ effect: String, _ resource: String, action: String = #""execute-api:Invoke""#
    ) -> String {
        #"{"Action":\#(action),"Effect":"\#(effect)","Resource":\#(resource)}"#
    }

    @Test(
        "stars run over slashes, question marks stand for one character, the rest is literal",
        arguments: [
            ("*", true), ("arn:aws:execute-api:*/prod/*/orders/*", true),
            ("arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/POST/orders/4?", true),
            ("arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/POST/orders/?", false),
            ("arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/*", true),
            ("arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/PROD/*", false),
            ("arn:aws:execute-api:*/orders", false), ("arn.aws:*", false), ("", false),
            ("*:*:*:*:*:*/*/*/*/42", true), ("*a1b2*42*", true), ("*42?", false),
        ])
    func resources(pattern: String, isAllowed: Bool) {
        let policy = policy("[\(statement("Allow", "\"\(pattern)\""))]")
        #expect(policy?.verdict(on: arn) == (isAllowed ? .allowed : .deniedImplicitly))
    }

    @Test(
        "actions match with wildcards and in any case",
        arguments: [
            (#""execute-api:Invoke""#, true), (#""EXECUTE-API:invoke""#, true), (#""*""#, true),
            (#""execute-api:*""#, true), (#"["s3:GetObject","execute-api:In?oke"]"#, true),
            (#""s3:*""#, false), (#""execute-api:ManageConnections""#, false),
        ])
    func actions(action: String, isAllowed: Bool) {
        let policy = policy("[\(statement("Allow", #""*""#, action: action))]")
        #expect(policy?.verdict(on: arn) == (isAllowed ? .allowed : .deniedImplicitly))
    }

    @Test("one Deny outweighs every Allow, wherever it stands")
    func deny() {
        let allow = statement("Allow", #"["*"]"#)
        let deny = statement("Deny", #"["x","*/POST/*"]"#)
        #expect(policy("[\(allow),\(deny)]")?.verdict(on: arn) == .deniedExplicitly)
        #expect(policy("[\(deny),\(allow)]")?.verdict(on: arn) == .deniedExplicitly)
        let other = statement("Deny", #""*/DELETE/*""#)
        #expect(policy("[\(allow),\(other)]")?.verdict(on: arn) == .allowed)
        #expect(policy("[]")?.verdict(on: arn) == .deniedImplicitly)
        #expect(policy(allow)?.verdict(on: arn) == .allowed)
    }

    @Test(
        "refuses documents that API Gateway refuses",
        arguments: [
            "null", "[]", #"{"Statement":[]}"#, #"{"Version":"2012-10-17"}"#,
            #"{"version":"2012-10-17","statement":[]}"#,
            #"{"Version":"2012-10-17","Statement":[{"Effect":"allow","Action":"*","Resource":"*"}]}"#,
            #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*"}]}"#,
            #"{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{}}]}"#,
        ])
    func refuses(document: String) {
        #expect(IAMPolicy(json(document)) == nil)
    }

    @Test("context values become text; objects, arrays and a missing principal are errors")
    func decisions() {
        func decision(_ context: String, principal: String = #""u""#) -> AuthorizerDecision? {
            AuthorizerDecision(
                Array(
                    #"{"principalId":\#(principal),"policyDocument":{"Version":"1","Statement":[]},"#
                        .utf8) + Array(#""context":\#(context)}"#.utf8))
        }
        let made = decision(#"{"a":"x","n":1.50,"t":true,"f":false}"#)
        #expect(
            made?.context.map { "\($0.name)=\($0.value)" } == [
                "a=x", "n=1.50", "t=true", "f=false",
            ])
        #expect(decision("null")?.context.isEmpty == true)
        #expect(decision(#"{"o":{}}"#) == nil)
        #expect(decision(#"{"o":[1]}"#) == nil)
        #expect(decision("{}", principal: #""""#) == nil)
        #expect(decision("{}", principal: "null") == nil)
        #expect(AuthorizerDecision(Array(#"{"statusCode":401}"#.utf8)) == nil)
    }
}
