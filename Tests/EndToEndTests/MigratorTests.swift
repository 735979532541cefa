import AWS
import Formats
import Foundation
import Platform
import Store
import TestSupport
import Testing
import Transport
import Warehouse

/// What one `bootstrap` with the handler `migrator` has done.
private struct Deployment {
    /// What was put where CloudFormation waits.
    let answers: [JSONValue]
    /// What Lambda was told: an error's type, or nil for a response.
    let failures: [String?]
    /// All that was logged.
    let log: String
}

/// A migrator under way, with a place for its answers.
private final class Deploying {
    private let lambda: FakeLambda
    private let place: SocketServer
    private let program: Program
    private let count: Int

    /// `left` is how long Lambda gives each event.
    init(
        _ types: [String], source: String, environment: [String: String] = [:],
        left: TimeInterval = 30, reply: SocketServer.Reply = .text(200, "")
    ) throws {
        let place = try SocketServer { _ in reply }
        let deadline = Int64((Date().timeIntervalSince1970 + left) * 1000)
        lambda = try FakeLambda(
            types.enumerated().map { number, type in
                let text =
                    #"{"RequestType":"\#(type)","ResponseURL":"\#(place.url)/a?X-Amz-Signature=planted","#
                    + #""StackId":"arn:stack","RequestId":"r-\#(number)","#
                    + #""LogicalResourceId":"Migrations","PhysicalResourceId":"p","#
                    + #""ResourceType":"Custom::Migrations","ResourceProperties":{}}"#
                return FakeLambda.Event(
                    Array((type == "" ? "{}" : text).utf8), id: "id-\(number)", deadline: deadline)
            })
        self.place = place
        count = types.count
        program = try Program(
            Tools.bootstrap,
            environment: [
                "_HANDLER": "migrator", "INLET_PARTNERS": source,
                "AWS_LAMBDA_RUNTIME_API": lambda.authority, "AWS_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret-access-key",
            ].merging(environment) { $1 })
    }

    deinit { stop() }

    /// Waits for Lambda to be told of every event, and for the program's end unless it `hangs`.
    func finish(hangs: Bool = false) throws -> Deployment {
        if hangs {
            _ = lambda.posts(atLeast: count)
            program.stop(SIGKILL)
        } else {
            _ = try program.end()
        }
        let posts = lambda.posts
        try #require(posts.count == count)
        return Deployment(
            answers: try place.requests.map { try parse($0.body) },
            failures: posts.map { $0["lambda-runtime-function-error-type"] },
            log: program.output + program.errors)
    }

    private func stop() {
        program.stop()
        lambda.stop()
        place.stop()
    }
}

@Suite("Migrations by deployment", .timeLimit(.minutes(60)))
struct MigratorTests {
    private func deploy(
        _ types: [String], source: String, environment: [String: String] = [:],
        left: TimeInterval = 30, reply: SocketServer.Reply = .text(200, "")
    ) throws -> Deployment {
        try Deploying(
            types, source: source, environment: environment, left: left, reply: reply
        ).finish()
    }

    private func versions(_ server: PostgresServer, _ source: String) throws -> String {
        try server.run(
            "SELECT version FROM inlet_migrations; SELECT count(*) FROM webhook_partners",
            in: source)
    }

    @Test("a stack is created, updated and deleted, and the tables stay")
    func life() throws {
        let server = try PostgresServer.shared.get()
        let source = try server.makeDatabase()
        let done = try deploy(["Create", "Update", "", "Delete"], source: source)
        #expect(done.failures == [nil, nil, "Function.MalformedEvent", nil])
        try #require(done.answers.count == 3)
        #expect(done.answers.map { $0["Status"]?.string } == ["SUCCESS", "SUCCESS", "SUCCESS"])
        #expect(done.answers.map { $0["RequestId"]?.string } == ["r-0", "r-1", "r-3"])
        #expect(done.answers.allSatisfy { $0["PhysicalResourceId"]?.string == "p" })
        #expect(done.answers.map { $0["Data"]?["version"]?.string } == ["1", "1", nil])
        #expect(done.answers[0]["Reason"]?.string?.hasSuffix("now.") == true)
        #expect(done.answers[1]["Reason"]?.string?.hasSuffix("already.") == true)
        #expect(try versions(server, source) == "1\n0\n")
        for secret in ["planted", PostgresServer.password, "pass%2Fword", "secret-access-key"] {
            #expect(!done.log.contains(secret), "\(secret)")
        }
    }

    @Test("the URI may be in Secrets Manager, as the template has it")
    func secret() throws {
        let server = try PostgresServer.shared.get()
        let source = try server.makeDatabase()
        let secrets = try SocketServer { _ in .text(200, #"{"SecretString":"\#(source)\n"}"#) }
        defer { secrets.stop() }
        let done = try deploy(
            ["Create"], source: "secretsmanager:arn:aws:secretsmanager:us-east-1:1:secret:owner",
            environment: ["AWS_ENDPOINT_URL_SECRETS_MANAGER": secrets.url])
        #expect(done.answers.map { $0["Status"]?.string } == ["SUCCESS"])
        #expect(secrets.requests.map { $0["x-amz-target"] } == ["secretsmanager.GetSecretValue"])
        #expect(try versions(server, source) == "1\n0\n")
    }

    @Test("two deployments at once both succeed, and one of them does the work")
    func together() throws {
        let server = try PostgresServer.shared.get()
        let source = try server.makeDatabase()
        let both = try [
            Deploying(["Create"], source: source), Deploying(["Create"], source: source),
        ]
        let answers = try both.flatMap { try $0.finish().answers }
        #expect(answers.map { $0["Status"]?.string } == ["SUCCESS", "SUCCESS"])
        #expect(
            answers.compactMap { $0["Reason"]?.string }.sorted() == [
                "The tables are at version 1 already.", "The tables are at version 1 now.",
            ])
        #expect(try versions(server, source) == "1\n0\n")
    }

    enum Trouble: CaseIterable {
        case down, silent, wrongPassword, noSuchDatabase, locked
    }

    @Test(
        "a database that cannot be used is a failed deployment, in time",
        arguments: Trouble.allCases)
    func trouble(kind: Trouble) throws {
        let isUnusable = kind == .down || kind == .silent
        let server = try isUnusable ? PostgresServer() : PostgresServer.shared.get()
        var source = try server.makeDatabase()
        var holder: Program?
        switch kind {
        case .down: server.stop()
        case .silent: server.freeze(true)
        case .wrongPassword: source = server.uri(password: "planted%2Fword")
        case .noSuchDatabase: source = server.uri(database: "nowhere")
        case .locked:
            // Another migration that has not ended yet: two sessions cannot make one table.
            holder = try server.hold("CREATE TABLE inlet_migrations (version integer)", in: source)
        }
        defer {
            if isUnusable { server.freeze(false) }
            holder?.stop()
        }
        let watch = Stopwatch.ofMachine()
        let done = try deploy(["Create"], source: source, left: 4)
        #expect(watch.waited < .seconds(6))
        #expect(done.failures == [nil])
        try #require(done.answers.count == 1)
        #expect(done.answers[0]["Status"]?.string == "FAILED")
        #expect(done.answers[0]["Data"] == nil)
        let reason = try #require(done.answers[0]["Reason"]?.string)
        #expect(reason.hasPrefix("The tables could not be set up: postgresql: "))
        for secret in ["planted", PostgresServer.password, "pass%2Fword", "postgresql://"] {
            #expect(!(reason + done.log).contains(secret), "\(secret)")
        }
    }

    @Test("an answer that nobody takes fails as an event, within Lambda's time")
    func refused() throws {
        let server = try PostgresServer.shared.get()
        let source = try server.makeDatabase()
        let refusing = try deploy(["Create"], source: source, reply: .text(403, "planted"))
        #expect(refusing.failures == ["Function.NotAnswered"])
        #expect(refusing.answers.count == 5)
        let watch = Stopwatch.ofMachine()
        let silent = try deploy(
            ["Update"], source: source, left: 3, reply: .hold(.init(), then: .close))
        #expect(silent.failures == ["Function.NotAnswered"])
        #expect(watch.waited < .seconds(4))
        #expect(!(refusing.log + silent.log).contains("planted"))
    }

    @Test("a migrator that hangs is answered for before Lambda ends it")
    func hangs() throws {
        let directory = try TemporaryDirectory()
        // To open it waits for somebody who writes, and no deadline ends that.
        let pipe = "\(directory.path)/pipe"
        let made = unsafe mkfifo(pipe, 0o600)
        try #require(made == 0)
        // The one attempt at telling CloudFormation has an eighth of a second, which a busy machine
        // does not always give: Lambda is told so then.
        for _ in 0..<10 {
            let watch = Stopwatch.ofMachine()
            let done = try Deploying(["Create"], source: "file:\(pipe)", left: 3)
                .finish(hangs: true)
            #expect(watch.waited < .seconds(4))
            #expect(done.log.contains(#""waitingFor":"the database's URI""#))
            guard done.failures == [nil] else {
                #expect(done.failures == ["Function.NotAnswered"])
                continue
            }
            #expect(done.answers.map { $0["Status"]?.string } == ["FAILED"])
            #expect(done.answers.map { $0["Reason"]?.string } == ["The function ran out of time."])
            return
        }
        Issue.record("CloudFormation was never told")
    }

    @Test("the template asks again when this program has other tables")
    func template() throws {
        let settings = AWSSettings(System(environment: { _ in nil }))
        let store = try PartnerSource("postgresql://h/d?sslmode=disable").store(
            AWSClient(settings, credentials: CredentialChain(settings)),
            within: System().budget(of: .zero))
        let text = try String(contentsOfFile: Tools.template, encoding: .utf8)
        let versions = text.matches(of: /\n +SchemaVersion: ([0-9]+)\n/).map { Int($0.1) }
        let warehouse = PostgreSQLDialect(schema: "inlet").migrations.count
        #expect(versions == [store.schemaVersion, warehouse])
        // Both functions that look partners up take it from there, and so come after it.
        let tag = /SchemaVersion: !If \[HasMigrations, !GetAtt Migrations.version,/
        #expect(text.matches(of: tag).count == 2)
        let start = try #require(text.firstRange(of: "\n  Migrator:\n")).upperBound
        let end = try #require(text.firstRange(of: "\n  Migrations:\n")).lowerBound
        let function = text[start..<end]
        // Beside its log, and the key where there is one.
        #expect(
            function.matches(of: /Action: (.+)\n/).map { String($0.1) } == [
                "sts:AssumeRole", "[logs:CreateLogStream, logs:PutLogEvents]",
                "secretsmanager:GetSecretValue", "[kms:Decrypt, kms:GenerateDataKey]",
            ])
        let rule = /Action: secretsmanager:GetSecretValue\n +Resource: !Ref PartnersOwnerSecret/
        #expect(function.contains(rule))
    }
}
