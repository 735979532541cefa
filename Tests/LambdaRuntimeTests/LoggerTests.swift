import Formats
import Foundation
import Glibc
import Platform
import TestSupport
import Testing

@testable import LambdaRuntime
@testable import Transport

private let now = Timestamp(milliseconds: 1_767_607_200_500)

/// What a logger wrote while `body` ran.
private func written(
    _ level: LogLevel, _ format: LogFormat, origin: LogOrigin? = nil, _ body: (Logger) -> Void
) throws -> String {
    let directory = try TemporaryDirectory()
    let path = try directory.write("log", "")
    let file = unsafe open(path, O_WRONLY)
    defer { close(file) }
    body(
        Logger(level: level, format: format, origin: origin, output: file, now: { now }))
    return try String(contentsOfFile: path, encoding: .utf8)
}

@Suite("Log lines")
struct LoggerTests {
    @Test("JSON lines have what Lambda filters by, one object per line")
    func json() throws {
        let text = try written(.info, .json) { log in
            log.write(
                .warn, "a\nb", nil,
                [
                    LogField("n", .number(1)), LogField("s", .text("\"é")),
                    LogField("b", .bool(true)),
                ])
        }
        #expect(text.hasSuffix("\n"))
        #expect(text.filter { $0 == "\n" }.count == 1)
        let root = try JSONText(Array(text.utf8.dropLast())).root
        #expect(root["timestamp"]?.string == "2026-01-05T10:00:00.500Z")
        #expect(root["level"]?.string == "WARN")
        #expect(root["message"]?.string == "a\nb")
        #expect(root["n"]?.int == 1)
        #expect(root["s"]?.string == "\"é")
        #expect(root["b"]?.bool == true)
    }

    private static let origin = LogOrigin(
        stage: "staging", function: "f", namespace: "Test")

    private static let sets = [
        EmbeddedMetrics([EmbeddedMetrics.Metric("n", .count)], by: [[], ["sender"]]),
        EmbeddedMetrics([EmbeddedMetrics.Metric("ms", .milliseconds)], by: [["code"]]),
    ]

    private func invocation() throws -> Invocation {
        var headers = HTTPFieldLines()
        headers.append(line: Array("lambda-runtime-aws-request-id: r-1".utf8))
        return try Invocation(
            HTTPResponse(status: 200, headers: headers, body: []), receivedAt: now, received: .now)
    }

    private func measured(
        _ level: LogLevel, _ format: LogFormat, _ origin: LogOrigin?, from lowest: LogLevel = .info
    ) throws -> [String] {
        let invocation = try invocation()
        return try written(lowest, format, origin: origin) { log in
            log.write(
                level, "m", invocation,
                [
                    LogField("sender", .text("s")), LogField("n", .number(1)),
                    LogField("code", .text("c")), LogField("ms", .duration(.milliseconds(2))),
                    LogField("other", .text("x")),
                ], metrics: Self.sets)
        }.split(separator: "\n").map(String.init)
    }

    private static let directives = """
        [{"Namespace":"Test","Dimensions":[["stage","function"],["stage","function","sender"]],\
        "Metrics":[{"Name":"n","Unit":"Count"}]},\
        {"Namespace":"Test","Dimensions":[["stage","function","code"]],\
        "Metrics":[{"Name":"ms","Unit":"Milliseconds"}]}]
        """

    @Test("every line says whose it is, and every metric is sorted by that first")
    func origin() throws {
        let lines = try measured(.info, .json, Self.origin)
        try #require(lines.count == 1)
        let root = try JSONText(Array(lines[0].utf8)).root
        #expect(root["stage"]?.string == "staging")
        #expect(root["function"]?.string == "f")
        #expect(root["other"]?.string == "x")
        let directives = root["_aws"]?["CloudWatchMetrics"]?.raw ?? []
        #expect(String(decoding: directives, as: UTF8.self) == Self.directives)
        #expect(root["_aws"]?["Timestamp"]?.int == Int(now.milliseconds))
        let other = try written(.info, .json, origin: Self.origin) { $0.write(.info, "m") }
        #expect(other.contains(#""stage":"staging","function":"f""#))
        let without = try measured(.info, .json, nil)
        try #require(without.count == 1)
        #expect(!without[0].contains("_aws"))
        #expect(!without[0].contains("stage"))
    }

    @Test("metrics outlive the level and the text format, in a line of their own")
    func metricsAlone() throws {
        let alone = """
            {"_aws":{"Timestamp":\(now.milliseconds),"CloudWatchMetrics":\(Self.directives)},\
            "stage":"staging","function":"f","sender":"s","n":1,"code":"c","ms":2.000}
            """
        #expect(try measured(.info, .json, Self.origin, from: .warn) == [alone])
        let text =
            "2026-01-05T10:00:00.500Z\tr-1\tINFO\tm stage=staging function=f sender=s n=1 "
            + "code=c ms=2.000 other=x"
        #expect(try measured(.info, .text, Self.origin) == [text, alone])
        #expect(try measured(.info, .text, Self.origin, from: .fatal) == [alone])
        #expect(try measured(.info, .text, nil, from: .fatal).isEmpty)
        let without = LogOrigin(stage: "staging", function: "f", namespace: nil)
        #expect(try measured(.info, .json, without, from: .fatal).isEmpty)
        #expect(try measured(.info, .text, without) == [text])
        #expect(try !measured(.info, .json, without)[0].contains("_aws"))
    }

    @Test("text lines stay on one line")
    func text() throws {
        let text = try written(.info, .text) {
            $0.write(.error, "a\nb", nil, [LogField("n", .number(1))])
        }
        #expect(text == "2026-01-05T10:00:00.500Z\t-\tERROR\ta b n=1\n")
    }

    @Test(
        "durations are milliseconds to the microsecond, and never less than none",
        arguments: [
            (1_234_567, "1234.567"), (1000, "1.000"), (7, "0.007"), (-1500, "0.000"),
            (-1, "0.000"), (0, "0.000"),
        ])
    func durations(microseconds: Int, text: String) throws {
        let line = try written(.info, .text) { log in
            log.write(.info, "m", nil, [LogField("ms", .duration(.microseconds(microseconds)))])
        }
        #expect(line.hasSuffix("m ms=\(text)\n"))
    }

    @Test("levels below the set one are left out", arguments: LogLevel.allCases)
    func levels(level: LogLevel) throws {
        let text = try written(level, .text) { log in
            for each in LogLevel.allCases { log.write(each, each.name) }
        }
        let expected = LogLevel.allCases.filter { $0 >= level }.map(\.name)
        #expect(
            text.split(separator: "\n").compactMap {
                $0.split(separator: "\t").last.map(String.init)
            } == expected)
        #expect(LogLevel(level.name.lowercased()) == level)
    }
}
