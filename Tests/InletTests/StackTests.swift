import Formats
import TestSupport
import Testing

@testable import inlet

@Suite("A context of a stack", .timeLimit(.minutes(60)))
struct StackTests {
    /// The settings that a context has of a stack.
    private func settings(
        of stack: String, _ made: TestStack, _ options: String...
    ) throws -> [String: String] {
        let home = try TemporaryDirectory()
        let person = try Operator(
            made.environment.merging(["HOME": home.path]) { $1 }, migrated: false)
        let result = person.run(
            ["context", "add", "a", "--stack", stack, "--region", TestStack.region, "--json"]
                + options)
        try #require(result.code == 0, "\(result.errors)")
        var found: [String: String] = [:]
        for member in try result.json()["settings"].map({ Array($0.members) }) ?? [] {
            found[member.name.string ?? ""] = member.value.string
        }
        return found
    }

    @Test("has all that the stack says, and options come first")
    func all() throws {
        let stack = try TestStack("inlet-all")
        let expected = [
            "INLET_PUBLIC_URL": "https://abc.execute-api.eu-west-1.amazonaws.com/prod",
            "INLET_PARTNERS": "dynamodb:partners",
            "INLET_REJECTED_QUEUE_URL":
                "https://sqs.eu-west-1.amazonaws.com/123456789012/rejected",
            "INLET_TOPIC_ARN": "arn:aws:sns:eu-west-1:123456789012:messages",
            "INLET_REJECTED_TOPIC_ARN": "arn:aws:sns:eu-west-1:123456789012:rejected",
            "INLET_LOG_GROUP": "/aws/lambda/ingest", "INLET_PARTNERS_CACHE_SECONDS": "30",
            "INLET_ARCHIVE": "s3://archive/inlet/", "AWS_REGION": "eu-west-1",
        ]
        #expect(try settings(of: "inlet-all", stack) == expected)
        let given = try settings(
            of: "inlet-all", stack, "--registry", "sqlite:/x", "--log-group", "/other")
        #expect(given["INLET_PARTNERS"] == "sqlite:/x")
        #expect(given["INLET_LOG_GROUP"] == "/other")
    }

    @Test(
        "partners and warehouse are where the stack's owner reaches them",
        arguments: [
            (["PartnersSecretArn": "arn:p"], "secretsmanager:arn:p", nil as String?),
            (
                ["PartnersSecretArn": "arn:p", "PartnersOwnerSecretArn": "arn:o"],
                "secretsmanager:arn:o", nil
            ),
            (["PartnersParameterName": "/inlet/partners"], "ssm:/inlet/partners", nil),
            (["Partners": "[{\"name\":\"a\"}]"], nil as String?, nil),
            (
                ["Warehouse": "databricks:https://h/w", "WarehouseSchema": "events"], nil,
                "databricks:https://h/w"
            ),
            (["WarehouseSecretArn": "arn:w"], nil, "secretsmanager:arn:w"),
        ])
    func elsewhere(parameters: [String: String], partners: String?, warehouse: String?) throws {
        let name = "inlet-\(abs(parameters.description.hashValue))"
        let outputs = TestStack.outputs.filter { $0.key != "PartnersTableName" }
        let stack = try TestStack(name, outputs: outputs, parameters: parameters)
        let found = try settings(of: name, stack)
        #expect(found["INLET_PARTNERS"] == partners)
        #expect(found["INLET_WAREHOUSE"] == warehouse)
        #expect(found["INLET_WAREHOUSE_SCHEMA"] == parameters["WarehouseSchema"])
    }

    @Test("a stack that is not there, or of something else, gives none")
    func none() throws {
        let stack = try TestStack("something-else", outputs: ["Url": "https://h"])
        let home = try TemporaryDirectory()
        let person = try Operator(
            stack.environment.merging(["HOME": home.path]) { $1 }, migrated: false)
        for (name, problem) in [
            ("inlet-nowhere", "there is no stack inlet-nowhere"),
            ("something-else", "no outputs ApiUrl"),
        ] {
            let result = person.run("context", "add", "a", "--stack", name, "--region", "eu-west-1")
            #expect(result.code == 1)
            #expect(result.errors.contains(problem), "\(result.errors)")
        }
        #expect(person.run("context", "list", "-q").output.isEmpty)
    }
}
