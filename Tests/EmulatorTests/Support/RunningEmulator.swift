import Foundation
import LocalServer

@testable import emulator
import Platform

/// The built emulator, serving a template with a fake `bootstrap` in a directory of its own.
final class RunningEmulator {
    struct Reply {
        let status: Int
        let headers: [String: String]
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    let directory: URL
    private(set) var port: UInt16 = 0
    let process = Process()
    private let output = Pipe()

    init(_ arguments: [String] = [], template: String = RunningEmulator.template) throws {
        directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("emulator-\(RandomText.uuid())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let bootstrap = directory.appendingPathComponent("bootstrap")
        try FakeBootstrap.script.write(to: bootstrap, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: bootstrap.path)
        let file = directory.appendingPathComponent("template.yaml")
        try template.write(to: file, atomically: true, encoding: .utf8)
        let log = directory.appendingPathComponent("log")
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        let own = FilePath.absolute("/proc/self/exe") ?? ""
        process.executableURL = URL(fileURLWithPath: FilePath.directory(of: own) + "/emulator")
        process.arguments =
            ["--port", "0", "--template", file.path, "--bootstrap", bootstrap.path] + arguments
        process.environment = ["AWS_REGION": "eu-west-1", "SECRET_OF_HOST": "x"]
        process.standardOutput = output
        process.standardError = try FileHandle(forWritingTo: log)
        try process.run()
        var greeting = Data()
        while !greeting.contains(0x0A) {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { break }
            greeting += more
        }
        let line = String(decoding: greeting.prefix { $0 != 0x0A }, as: UTF8.self)
        port = line.split(separator: ":").last.flatMap { UInt16($0) } ?? 0
    }

    deinit {
        stop()
        try? FileManager.default.removeItem(at: directory)
    }

    /// Ends it as Ctrl-C does, and waits.
    func stop() {
        if process.isRunning { process.terminate() }
        process.waitUntilExit()
    }

    /// What was written to standard error so far.
    var log: String {
        let path = directory.appendingPathComponent("log").path
        return String(decoding: (try? File.read(path)) ?? [], as: UTF8.self)
    }

    func invoke(_ event: String, function: String = "Main", headers: [String] = []) -> Reply {
        request(
            "POST", "/2015-03-31/functions/\(function)/invocations", headers: headers,
            body: Array(event.utf8))
    }

    /// Asks the emulator, or another server of its own by its port, under one of its names.
    func request(
        _ method: String, _ target: String, headers: [String] = [], body: [UInt8] = [],
        host: String? = nil, port: UInt16? = nil
    ) -> Reply {
        let port = port ?? self.port
        guard let connection = RawConnection(port: port) else {
            return Reply(status: 0, headers: [:], body: [])
        }
        let lines =
            ["\(method) \(target) HTTP/1.1", "Host: \(host ?? "127.0.0.1:\(port)")"]
            + ["Connection: close"]
            + headers + ["Content-Length: \(body.count)", "", ""]
        connection.send(Array(lines.joined(separator: "\r\n").utf8) + body)
        let bytes = connection.readToEnd()
        let end = bytes.indices.first { bytes[$0...].starts(with: "\r\n\r\n".utf8) } ?? 0
        let head = String(decoding: bytes[..<end], as: UTF8.self).components(separatedBy: "\r\n")
        var fields: [String: String] = [:]
        for line in head.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            fields[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        let status = head.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return Reply(
            status: status ?? 0, headers: fields, body: Array(bytes[min(end + 4, bytes.count)...]))
    }

    static let template = """
        Globals:
          Function: {Runtime: provided.al2023, Timeout: 10, Environment: {Variables: {MODE: ""}}}
        Resources:
          Messages: {Type: "AWS::SNS::Topic"}
          Api:
            Type: AWS::Serverless::Api
            Properties:
              StageName: prod
              Auth:
                Authorizers:
                  Partners:
                    FunctionArn: !GetAtt Authorizer.Arn
                    FunctionPayloadType: REQUEST
                    Identity: {Headers: [Authorization]}
          Authorizer:
            Type: AWS::Serverless::Function
            Properties: {Handler: authorizer}
          Main:
            Type: AWS::Serverless::Function
            Properties:
              Handler: main
              Environment: {Variables: {TOPIC: !Ref Messages, OVER: template}}
              Events:
                Guarded:
                  Type: Api
                  Properties: {Path: /guarded, Method: POST, RestApiId: !Ref Api, Auth: {Authorizer: Partners}}
                Open: {Type: Api, Properties: {Path: /open, Method: ANY, RestApiId: !Ref Api}}
          Brief:
            Type: AWS::Serverless::Function
            Properties: {Handler: brief, Timeout: 1}
          InitError:
            Type: AWS::Serverless::Function
            Properties: {Handler: x, Environment: {Variables: {MODE: init-error}}}
          InitExit:
            Type: AWS::Serverless::Function
            Properties: {Handler: x, Environment: {Variables: {MODE: init-exit}}}
          Extension:
            Type: AWS::Serverless::Function
            Properties: {Handler: e, Environment: {Variables: {MODE: extension}}}

        """
}
