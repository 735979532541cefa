import Formats
import Foundation
import TestSupport
import Testing
import Transport

/// The project's template, served by the built emulator with the built `bootstrap`.
final class LocalInlet: Sendable {
    /// One message that reached a topic of the emulator.
    struct Published {
        let text: String
        let message: JSONValue
        let attributes: [String: String]
    }

    let program: Program
    let url: String

    /// Starts it on a free port, behind the test's front; `sns` takes the messages in place of its
    /// own topics.
    init(
        partners: String, sns: String? = nil, access: [String: String] = [:],
        options: [String] = []
    ) throws {
        var arguments = [
            "--port", "0", "--template", Tools.template, "--bootstrap", Tools.bootstrap,
            "--parameter", "Partners=\(partners)",
            "--parameter", "Front=\(Front.current.rawValue)",
        ]
        if let sns { arguments += ["--sns", sns] }
        program = try Program(Tools.emulator, arguments + options, environment: access)
        let greeting = try program.line(with: "listening on http://")
        url = String(greeting.split(separator: " ").last ?? "")
    }

    deinit { stop() }

    func stop() {
        if program.isRunning { lookAtMessages() }
        program.stop()
    }

    /// Whatever reached a topic must hold no secret, whether a test looks at it or not.
    private func lookAtMessages() {
        for topic in ["Messages", "Rejected"] {
            guard let reply = try? http("GET", "\(url)/_inlet/messages?topic=\(topic)") else {
                continue
            }
            SecretWatch.shared.look(in: reply.body, of: "the emulator's topic \(topic)")
        }
    }

    func send(
        _ method: String, _ path: String, _ body: String = "", headers: [HTTPField] = []
    ) throws -> HTTPResponse {
        try http(method, url + path, headers: headers, body: Array(body.utf8))
    }

    func post(
        _ path: String, _ body: String, headers: [HTTPField] = []
    ) throws -> HTTPResponse {
        try send("POST", path, body, headers: headers)
    }

    /// What has reached a topic, oldest first.
    func published(_ topic: String = "Messages") throws -> [Published] {
        let lines = try http("GET", "\(url)/_inlet/messages?topic=\(topic)").text
        return try lines.split(separator: "\n").map { line in
            let line = try parse(String(line))
            let text = line["message"]?.string ?? ""
            var attributes: [String: String] = [:]
            for member in line["attributes"].map({ Array($0.members) }) ?? [] {
                attributes[member.name.string ?? ""] = member.value["Value"]?.string
            }
            return Published(text: text, message: try parse(text), attributes: attributes)
        }
    }

    /// The variables that it prints for AWS's programs.
    func aws() throws -> [String: String] {
        let line = try program.line(with: "export AWS_ENDPOINT_URL=")
        var variables: [String: String] = [
            "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "AWS_EC2_METADATA_DISABLED": "true", "NO_PROXY": "*",
        ]
        for word in line.split(separator: " ").dropFirst() {
            let pair = word.split(separator: "=", maxSplits: 1)
            variables[String(pair[0])] = pair.count == 2 ? String(pair[1]) : ""
        }
        return variables
    }

    /// The URL of one of the template's queues.
    func queue(_ name: String) -> String { "\(url)/_aws/123456789012/inlet-\(name)" }

    /// The ARN of one of the template's topics.
    static func topic(_ name: String) -> String {
        "arn:aws:sns:us-east-1:123456789012:inlet-\(name)"
    }

    /// The processes that it has started and that run now.
    var children: [Int32] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return entries.compactMap { Int32($0) }.filter { ProcessTable.parent(of: $0) == program.id }
    }
}

/// What the kernel tells about processes.
enum ProcessTable {
    /// nil for a process that has ended.
    static func parent(of id: Int32) -> Int32? {
        let path = "/proc/\(id)/stat"
        guard let line = try? String(contentsOfFile: path, encoding: .utf8),
            // The name before it may hold spaces and parentheses.
            let nameEnd = line.lastIndex(of: ")")
        else { return nil }
        let fields = line[nameEnd...].dropFirst().split(separator: " ")
        guard fields.count > 1, fields[0] != "Z" else { return nil }
        return Int32(fields[1])
    }

    static func isRunning(_ id: Int32) -> Bool { parent(of: id) != nil }
}
