import Formats
import Testing

@testable import emulator

@Suite("Options")
struct OptionsTests {
    @Test("reads all of them, the last of a name wins")
    func reads() throws {
        let options = try Options([
            "--template", "t.yaml", "--port", "0", "--parameter", "A=b=c", "--parameter", "A=d=",
            "--env", "X=", "--env", "Y=1", "--env", "X=2", "--sns", "http://h:1",
            "--concurrency", "2", "--integration-timeout", "1", "--bootstrap", "b",
            "--token", "a=wk=1", "--token", "b=2",
        ])
        #expect(options.template == "t.yaml" && options.port == 0 && options.bootstrap == "b")
        #expect(options.parameters == ["A": "d="])
        #expect(options.environment.map { "\($0.name)=\($0.value)" } == ["Y=1", "X=2"])
        #expect(options.tokens == [NamedValue("a", "wk=1"), NamedValue("b", "2")])
        #expect(options.sns == "http://h:1" && options.concurrency == 2)
        #expect(options.integrationTimeout == 1)
        #expect(try Options([]).port == 3000)
        #expect(try Options(["--help", "--nonsense"]).isHelp)
    }

    @Test(
        "refuses what it cannot read",
        arguments: [
            (["--nothing"], "there is no option --nothing"), (["--port"], "--port needs a value"),
            (["--port", "x"], "--port must be a number from 0 to 65535"),
            (["--port", "65536"], "--port must be a number from 0 to 65535"),
            (["--env", "=x"], "--env takes NAME=VALUE"),
            (["--token", "x"], "--token takes NAME=VALUE"),
            (["--parameter", "x"], "--parameter takes NAME=VALUE"),
            (["--sns", "localhost"], "--sns must be an http or https URL"),
            (["--concurrency", "0"], "--concurrency must be a number from 1 to 1000"),
        ])
    func refuses(arguments: [String], reason: String) {
        #expect(throws: UsageError(reason: reason)) { try Options(arguments) }
    }
}
