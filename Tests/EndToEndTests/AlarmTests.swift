import Formats
import Foundation
import TestSupport
import Testing

/// A metric that an alarm or the dashboard watches: its name, and the dimensions by which it is
/// found.
private struct WatchedMetric: Hashable, CustomStringConvertible {
    let name: String
    /// `name=value`, in order of names.
    let dimensions: [String]

    init(_ name: String, _ dimensions: [NamedValue]) {
        self.name = name
        self.dimensions = dimensions.map { "\($0.name)=\($0.value)" }.sorted()
    }

    init(_ metric: EmbeddedMetric) {
        self.init(
            metric.name, zip(metric.dimensions, metric.values).map { NamedValue($0, $1) })
    }

    var description: String { "\(name) by \(dimensions.joined(separator: ", "))" }
}

@Suite("Alarms and the dashboard", .timeLimit(.minutes(60)))
struct AlarmTests {
    /// The resources of the stack with every alarm, references to others left in it.
    private func resources() async throws -> JSONValue {
        let program = try Program(
            try Tools.python("python"), [Tools.samTransform, "print", Tools.template, "hardened"],
            environment: ["PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"])
        guard try await program.ended() == .status(0) else {
            throw program.failure("could not transform the template")
        }
        return try #require(try parse(program.output)["Resources"])
    }

    /// The metrics of Inlet's own that bootstrap writes of requests of every kind.
    private func written() throws -> Set<WatchedMetric> {
        let sns = try SNSStandIn()
        defer { sns.stop() }
        let key = #""writeKey":"wk-alarms""#
        let lambda = try FakeLambda(
            [
                ProxyEvent("/v1/track", #"{\#(key),"event":"E","userId":"u"}"#),
                ProxyEvent(
                    "/v1/batch",
                    #"{\#(key),"batch":[{"type":"page","userId":"u","timestamp":"noon"},{"type":"page"}]}"#
                ),
                ProxyEvent("/v1/batch", #"{"batch":[{"type":"page""#),
                ProxyEvent(
                    "/v1/segment", #"{"type":"page","userId":"u"}"#,
                    headers: [("Authorization", "Basic d2stYWxhcm1zOg==")]),
                ProxyEvent("/webhook/v1/nobody", "{}"),
                ProxyEvent(
                    "/webhook/customerio", "{}",
                    headers: [("X-CIO-Signature", String(repeating: "0", count: 64))]),
                ProxyEvent("/nowhere", "{}"),
            ].map { FakeLambda.Event($0.rest) })
        defer { lambda.stop() }
        let program = try Program(
            Tools.bootstrap,
            environment: [
                "_HANDLER": "ingest", "AWS_LAMBDA_RUNTIME_API": lambda.authority,
                "AWS_LAMBDA_FUNCTION_NAME": "Ingest", "INLET_STAGE": "production",
                "INLET_TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:messages",
                "INLET_PARTNERS": #"[{"name":"web-app","webhook_token":"wk-alarms"}]"#,
                "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
                "AWS_SECRET_ACCESS_KEY": "key", "AWS_ENDPOINT_URL_SNS": sns.url,
                // Metrics do not depend on it.
                "INLET_LOG_LEVEL": "FATAL",
            ])
        defer { program.stop() }
        _ = try program.end()
        let metrics = try program.output.split(separator: "\n").flatMap { line in
            try EmbeddedMetric.all(in: try parse(String(line)))
        }
        #expect(metrics.allSatisfy { $0.namespace == "Inlet" })
        return Set(metrics.map(WatchedMetric.init))
    }

    /// A dimension's value: a text, or the name of the resource that it refers to.
    private func value(_ value: JSONValue?) -> String {
        value?.string ?? value?["Ref"]?.string ?? value?.written ?? ""
    }

    /// The metrics of an alarm: its own, or those of its expression.
    private func metrics(of alarm: JSONValue) -> [(namespace: String, metric: WatchedMetric)] {
        let parts = alarm["Metrics"].map { Array($0.elements) } ?? []
        let own = parts.isEmpty ? [alarm] : parts.compactMap { $0["MetricStat"]?["Metric"] }
        return own.map { metric in
            let dimensions = (metric["Dimensions"].map { Array($0.elements) } ?? []).map {
                NamedValue(value($0["Name"]), value($0["Value"]))
            }
            return (
                value(metric["Namespace"]), WatchedMetric(value(metric["MetricName"]), dimensions)
            )
        }
    }

    @Test("every alarm and every widget watches metrics that bootstrap writes, by these dimensions")
    func watched() async throws {
        let resources = try await resources()
        let written = try written()
        var watched: Set<WatchedMetric> = []
        for member in resources.members {
            switch member.value["Type"]?.string {
            case "AWS::CloudWatch::Alarm":
                let alarm = try #require(member.value["Properties"])
                let metrics = metrics(of: alarm)
                #expect(!metrics.isEmpty, "\(member.name.string ?? "")")
                watched.formUnion(metrics.filter { $0.namespace == "Inlet" }.map(\.metric))
            case "AWS::CloudWatch::Dashboard":
                watched.formUnion(try metrics(ofDashboard: member.value))
            default: continue
            }
        }
        #expect(watched.count > 10)
        for metric in watched.sorted(by: { $0.description < $1.description }) {
            #expect(written.contains(metric), "bootstrap writes no metric \(metric)")
        }
    }

    /// Widgets' metrics are lists: namespace, name, and names and values of dimensions in turn.
    private func metrics(ofDashboard dashboard: JSONValue) throws -> Set<WatchedMetric> {
        let body = dashboard["Properties"]?["DashboardBody"]
        let text = try #require(body?["Fn::Sub"]?.elements.first?.string)
            .replacing("${Ingest}", with: "Ingest").replacing("${Stage}", with: "production")
            .replacing("${AuthorizerErrors}", with: "")
        let widgets = try #require(try parse(text)["widgets"])
        var found: Set<WatchedMetric> = []
        for widget in widgets.elements {
            for metric in widget["properties"]?["metrics"].map({ Array($0.elements) }) ?? [] {
                let words = metric.elements.compactMap(\.string)
                guard words.first == "Inlet" else { continue }
                let pairs = stride(from: 2, to: words.count - 1, by: 2).map {
                    NamedValue(words[$0], words[$0 + 1])
                }
                found.insert(WatchedMetric(words[1], pairs))
            }
        }
        #expect(!found.isEmpty)
        return found
    }

    /// The rows of the page for who is on call: an alarm's name and its severity.
    private func rowsOfPage() throws -> Set<String> {
        let page = try String(contentsOfFile: Tools.script("README.md"), encoding: .utf8)
        let rows = page.split(separator: "\n")
            .filter { $0.contains(" | page | ") || $0.contains(" | ticket | ") }
            .map { row in
                row.split(separator: "|").prefix(2)
                    .map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: " ")
            }
        return Set(rows)
    }

    @Test("every alarm says its threshold's reason and what to do first, and whom it calls")
    func descriptions() async throws {
        let resources = try await resources()
        let alarms = resources.members.filter {
            $0.value["Type"]?.string == "AWS::CloudWatch::Alarm"
        }
        #expect(alarms.count > 20)
        var rows = try rowsOfPage()
        for alarm in alarms {
            let properties = try #require(alarm.value["Properties"])
            let name = alarm.name.string ?? ""
            #expect(properties["AlarmDescription"]?.string?.contains("First: ") == true, "\(name)")
            #expect((properties["AlarmDescription"]?.string?.count ?? 0) <= 1024, "\(name)")
            let action = value(properties["AlarmActions"]?.elements.first)
            #expect(["PageTopic", "TicketTopic"].contains(action), "\(name)")
            #expect(properties["TreatMissingData"] != nil, "\(name)")
            let severity = action == "PageTopic" ? "page" : "ticket"
            #expect(rows.remove("\(name.replacing(/Alarm$/, with: "")) \(severity)") != nil)
        }
        #expect(rows.isEmpty, "the page has alarms that there are not: \(rows)")
    }
}
