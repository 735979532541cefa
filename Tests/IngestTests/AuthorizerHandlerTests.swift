import AWS
import Formats
import Partners
import Platform
import Store
import TestSupport
import Testing

@testable import Ingest
@testable import LambdaRuntime

private let arn = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/POST/v1/segment"

@Suite("The authorizer")
struct AuthorizerHandlerTests {
    private func answer(
        _ event: String, form: Authorizer.Form = .policy, partners: String = Harness.partners
    ) throws -> Answer {
        let settings = AWSSettings(System(environment: { _ in nil }))
        let client = AWSClient(settings, credentials: CredentialChain(settings))
        let authorizer = Authorizer(
            partners: try PartnerSource(partners).book(client, at: Harness.now),
            form: form, log: Logger(level: .fatal, format: .json, now: { Harness.now }))
        return authorizer.answer(try Harness.invocation(Array(event.utf8)))
    }

    private func json(_ answer: Answer) throws -> JSONValue {
        guard case .response(let bytes) = answer else { throw Unexpected() }
        return try JSONText(bytes).root
    }

    private struct Unexpected: Error {}

    private func effect(_ answer: Answer) throws -> String? {
        try json(answer)["policyDocument"]?["Statement"]?.elements.first?["Effect"]?
            .string
    }

    private func token(_ authorization: String) -> String {
        #"{"type":"TOKEN","methodArn":"\#(arn)","authorizationToken":"\#(authorization)"}"#
    }

    @Test("a known key opens the whole stage and hands the partner over")
    func allows() throws {
        for event in [
            token("Basic d2tfbGl2ZV81MXhROg=="),
            #"{"type":"REQUEST","methodArn":"\#(arn)","headers":{"authorization":"Basic d2tfbGl2ZV81MXhROg=="}}"#,
            #"{"version":"2.0","type":"REQUEST","routeArn":"\#(arn)","headers":{"authorization":"Basic d2tfbGl2ZV81MXhROg=="}}"#,
        ] {
            let policy = try json(answer(event))
            #expect(policy["principalId"]?.string == "web-app")
            let statement = policy["policyDocument"]?["Statement"]?.elements.first
            #expect(statement?["Effect"]?.string == "Allow")
            #expect(statement?["Action"]?.string == "execute-api:Invoke")
            #expect(
                statement?["Resource"]?.string
                    == "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/*")
            #expect(policy["context"]?["partner"]?.string == "web-app")
            #expect(policy["context"]?["partnerId"]?.string == "p-1")
            #expect(policy["context"]?["auth"]?.string == "key")
        }
    }

    @Test(
        "anything else is denied",
        arguments: [
            "Basic d3Jvbmc6", "Basic azpw", "Basic", "Bearer x", "Basic aWRsZS10b2tlbjo=",
            "Basic YmFubmVkLXRva2VuOg==", "Basic Z29uZS10b2tlbjo=",
        ])
    func denies(authorization: String) throws {
        #expect(try effect(answer(token(authorization))) == "Deny")
    }

    @Test(
        "only a key whose senders hold segment-destination is let in, and no other is told apart",
        arguments: SenderName.allCases, [Authorizer.Form.policy, .simple])
    func senders(sender: SenderName, form: Authorizer.Form) throws {
        let partners =
            #"[{"name":"a","webhook_token":"t","validation_config":{"senders":["\#(sender.rawValue)"]}}]"#
        func event(_ key: String) -> String {
            #"{"version":"2.0","type":"REQUEST","routeArn":"\#(arn)","headers":{"authorization":"\#(Harness.basic(key).value)"}}"#
        }
        let answer = try json(answer(event("t"), form: form, partners: partners))
        let unknown = try json(self.answer(event("unknown"), form: form, partners: partners))
        let isLetIn = String(decoding: answer.raw, as: UTF8.self).contains("partnerId")
        #expect(isLetIn == (sender == .segmentDestination))
        let isSame = answer.raw.elementsEqual(unknown.raw)
        #expect(isSame == (sender != .segmentDestination))
    }

    @Test("a record that names no senders is not let in")
    func unnamedSenders() throws {
        #expect(
            try effect(
                answer(
                    token(Harness.basic("wk_1").value),
                    partners: #"[{"name":"web-app","webhook_token":"wk_1"}]"#)) == "Deny")
    }

    @Test("without credentials the error is exactly what API Gateway turns into 401")
    func unauthorized() throws {
        for event in [token(""), #"{"type":"REQUEST","methodArn":"\#(arn)","headers":null}"#] {
            guard case .failure(let failure) = try answer(event) else { throw Unexpected() }
            #expect(failure.message == "Unauthorized")
        }
    }

    @Test("simple answers where they are asked for, and only to payload format 2.0")
    func simple() throws {
        func event(_ key: String, _ version: String) -> String {
            #"{"version":"\#(version)","type":"REQUEST","routeArn":"\#(arn)","headers":{"authorization":"Basic \#(key)"}}"#
        }
        let allowed = try json(answer(event("d2tfbGl2ZV81MXhROg==", "2.0"), form: .simple))
        #expect(allowed["isAuthorized"]?.bool == true)
        #expect(allowed["context"]?["partner"]?.string == "web-app")
        #expect(allowed["policyDocument"] == nil)
        #expect(
            try json(answer(event("d3Jvbmc6", "2.0"), form: .simple))["isAuthorized"]?.bool == false
        )
        #expect(try effect(answer(event("d3Jvbmc6", "1.0"), form: .simple)) == "Deny")
    }

    @Test(
        "events that are no authorizer's are an error, which lets nobody in and names their kind",
        arguments: [
            ("", "no JSON that can be read"), ("null", "JSON that is no object"),
            ("{}", "an empty object"),
            (#"{"type":"TOKEN"}"#, "JSON of another kind"),
            (#"{"httpMethod":"GET","path":"/"}"#, "an HTTP request"),
            (#"{"Records":[{"eventSource":"aws:sqs"}]}"#, "an event of SQS"),
        ])
    func otherKinds(event: String, kind: String) throws {
        guard case .failure(let failure) = try answer(event) else { throw Unexpected() }
        #expect(failure.type == "Function.UnexpectedEvent")
        #expect(failure.message.hasSuffix("handed \(kind)."))
    }

    @Test("a registry that cannot be read is an error, which API Gateway does not cache")
    func unavailable() throws {
        guard
            case .failure(let failure) = try answer(
                token("Basic d2tfbGl2ZV81MXhROg=="), partners: "sqlite:/nonexistent/partners.db")
        else { throw Unexpected() }
        #expect(failure.message != "Unauthorized")
    }
}
