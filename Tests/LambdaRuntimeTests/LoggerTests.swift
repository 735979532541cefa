import Formats
import Foundation
import Glibc
import LambdaRuntime
import TestSupport
import Testing

private let now = Timestamp(milliseconds: 1_767_607_200_500)

/// What a logger wrote while `body` ran.
private func written(
    _ level: LogLevel, _ format: LogFormat, stage: String? = nil, namespace: String? = "Test",
    _ body: (Logger) -> Void
) throws -> String {
    let directory = try TemporaryDirectory()
    let path = try directory.write("log", "")
    let file = unsafe open(path, O_WRONLY)
    defer { close(file) }
    body(
        Logger(
            level: level, format: format, stage: stage, namespace: namespace, output: file,
            now: { now }))
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

    @Test("a stage is a field of every line and the first dimension of every metric")
    func stage() throws {
        let sets = [
            EmbeddedMetrics([EmbeddedMetrics.Metric("n", .count)], by: ["sender"]),
            EmbeddedMetrics([EmbeddedMetrics.Metric("n", .count)], by: []),
        ]
        let write = { (log: Logger) in
            log.write(
                .info, "m", nil,
                [LogField("n", .number(1)), LogField("_aws", .metrics(sets, at: now))])
        }
        for (stage, dimensions) in [
            (nil, [#"[["sender"]]"#, "[[]]"]),
            ("staging", [#"[["stage","sender"]]"#, #"[["stage"]]"#]),
        ] {
            let text = try written(.info, .json, stage: stage, write)
            let root = try JSONText(Array(text.utf8.dropLast())).root
            #expect(root["stage"]?.string == stage)
            let directives = root["_aws"]?["CloudWatchMetrics"].map { Array($0.elements) } ?? []
            #expect(
                directives.map { String(decoding: $0["Dimensions"]?.raw ?? [], as: UTF8.self) }
                    == dimensions)
        }
        let text = try written(.info, .text, stage: "staging", write)
        #expect(text == "2026-01-05T10:00:00.500Z\t-\tINFO\tm stage=staging n=1\n")
    }

    @Test("metrics belong to the namespace that the program gives, and without one there are none")
    func namespace() throws {
        let write = { (log: Logger) in
            let sets = [EmbeddedMetrics([EmbeddedMetrics.Metric("n", .count)], by: [])]
            log.write(
                .info, "m", nil,
                [LogField("n", .number(1)), LogField("_aws", .metrics(sets, at: now))])
        }
        for namespace in ["Program", nil] {
            let text = try written(.info, .json, namespace: namespace, write)
            let root = try JSONText(Array(text.utf8.dropLast())).root
            let directive = root["_aws"]?["CloudWatchMetrics"]?.elements.first
            #expect(directive?["Namespace"]?.string == namespace)
            #expect((root["_aws"] != nil) == (namespace != nil))
            #expect(root["n"]?.int == 1)
        }
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
