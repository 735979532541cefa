import Formats
import TestSupport
import Testing

@Suite("The template as SAM reads it", .timeLimit(.minutes(2)))
struct SAMTransformTests {
    @Test("functions that read the registry are in the subnets, the one that calls Segment is not")
    func subnets() throws {
        let program = try Program(
            try Tools.python("python"), [Tools.samTransform, Tools.template],
            environment: ["PATH": "/usr/bin:/bin"])
        guard try program.end(within: 60) == .status(0) else {
            throw program.failure("could not transform the template")
        }
        let functions = try JSONText(Array(program.output.utf8)).root
        for name in ["Ingest", "Authorizer", "Migrator"] {
            #expect(functions[name]?["Fn::If"]?.element(at: 0)?.string == "IsInVpc")
        }
        #expect(functions["Forwarder"]?["Ref"]?.string == "AWS::NoValue")
    }
}
