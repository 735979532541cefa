import Formats
import Foundation
import TestSupport
import Testing
import Transport

private let secret = "cio-signing-key-for-tests"
private let partners = #"""
    [{"name":"web-app","webhook_token":"wk-1"},
     {"name":"crm","webhook_token":"crm-token","validation_config":{"senders":["partner"]}},
     {"name":"cio","webhook_token":"cio-token",
      "validation_config":{"senders":["customerio"],"signing":{"scheme":"customerio","secrets":["\#(secret)"]}}}]
    """#

@Suite("From a webhook to a row", .timeLimit(.minutes(60)))
struct WarehouseTests {
    enum Kind: String, CaseIterable, CustomTestStringConvertible {
        case sqlite, postgreSQL
        var testDescription: String { rawValue }
    }

    /// A warehouse, and how the emulator's loader is told of it.
    private struct Warehouse {
        let source: String
        let options: [String]
        private let directory = try? TemporaryDirectory()

        init(_ kind: Kind) throws {
            switch kind {
            case .sqlite:
                source = "sqlite:\(try #require(directory).path)/warehouse.sqlite"
                options = ["--parameter", "Warehouse=\(source)"]
            case .postgreSQL:
                source = try PostgresServer.shared.get().makeDatabase()
                options = [
                    "--parameter", "WarehouseSecretArn=arn:aws:secretsmanager:us-east-1:1:secret:w",
                    "--env", "INLET_WAREHOUSE=\(source)",
                ]
            }
        }

        /// Runs `inlet warehouse`, and returns what it prints.
        func inlet(_ arguments: String...) throws -> String {
            let program = try Program(
                Tools.inlet, ["warehouse"] + arguments, environment: ["INLET_WAREHOUSE": source])
            guard try program.end() == .status(0) else { throw program.failure("failed") }
            return program.output
        }

        func rows(_ sql: String) throws -> [String] {
            let output: String
            if source.hasPrefix("sqlite:") {
                let program = try Program(
                    "/usr/bin/sqlite3", [String(source.dropFirst("sqlite:".count)), sql])
                guard try program.end() == .status(0) else { throw program.failure("failed") }
                output = program.output
            } else {
                let qualified = sql.replacing("FROM ", with: "FROM inlet.")
                output = try PostgresServer.shared.get().run(qualified, in: source)
            }
            return output.split(separator: "\n").map(String.init)
        }
    }

    /// Waits until the loader's queue has given so many messages away.
    private func drain(_ inlet: LocalInlet, done: Int) throws {
        let limit = Date(timeIntervalSinceNow: 600)
        while Date() < limit {
            for line in try http("GET", "\(inlet.url)/_inlet/queues").text.split(separator: "\n") {
                let queue = try parse(String(line))
                guard queue["queue"]?.string == "inlet-WarehouseQueue" else { continue }
                if (queue["done"]?.int ?? 0) >= done { return }
            }
            Thread.sleep(forTimeInterval: 0.05)
        }
        Issue.record("the messages did not leave the queue")
    }

    @Test("calls of every kind of sender have their rows", arguments: Kind.allCases)
    func rows(kind: Kind) throws {
        let warehouse = try Warehouse(kind)
        _ = try warehouse.inlet("migrate")
        let inlet = try LocalInlet(
            partners: partners,
            options: warehouse.options + [
                "--parameter", "WarehouseWindow=1", "--visibility-timeout", "2",
            ])
        defer { inlet.stop() }
        let call =
            #"{"userId":"u-1","event":"Order Completed","messageId":"m-1","properties":{"total":12.50}}"#
        #expect(try inlet.post("/v1/track", call, headers: [basic("wk-1")]).status == 200)
        let event =
            #"{"event_id":"e-1","object_type":"email","metric":"clicked","timestamp":1767226011,"#
            + #""data":{"identifiers":{"id":"u-2"},"recipient":"a@example.org","href":"https://x.example"}}"#
        let headers = CustomerIOWebhook.headers(
            Array(event.utf8), secret: secret, seconds: String(Int64(Date().timeIntervalSince1970)))
        #expect(
            try inlet.post(
                "/webhook/customerio", event, headers: headers.map { HTTPField($0.name, $0.value) }
            ).status == 200)
        let webhook = #"{"id":"w-1","event":"Deal Won","userId":"u-3","properties":{"amount":7}}"#
        #expect(try inlet.post("/webhook/v1/crm-token", webhook).status == 200)
        try drain(inlet, done: 3)
        #expect(
            try warehouse.rows(
                "SELECT partner || ' ' || sender || ' ' || event || ' ' || user_id FROM tracks "
                    + "ORDER BY partner")
                == [
                    "cio customerio email_link_clicked u-2", "crm partner deal_won u-3",
                    "web-app segment-api order_completed u-1",
                ])
        #expect(
            try warehouse.rows(
                "SELECT event_id || ' ' || metric || ' ' || recipient || ' ' || link_url "
                    + "FROM email_events")
                == ["e-1 clicked a@example.org https://x.example"])
        // The same again is there already.
        #expect(try inlet.post("/v1/track", call, headers: [basic("wk-1")]).status == 200)
        try drain(inlet, done: 4)
        #expect(try warehouse.rows("SELECT count(*) FROM tracks") == ["3"])
        let status = try parse(try warehouse.inlet("status", "--json"))
        #expect(status["schemaVersion"]?.int == status["neededVersion"]?.int)
    }
}

@Suite("The loader as Lambda runs it", .timeLimit(.minutes(60)))
struct LoaderProcessTests {
    /// A record of a queue with a track.
    private func event(_ id: String) -> [UInt8] {
        QueueEvents.sqs([
            QueueEvents.Message(
                #"{"type":"track","messageId":"\#(id)","event":"Planted Name"}"#, id: "sqs-\(id)",
                attributes: [("partner", "web-app"), ("sender", "segment-api")])
        ])
    }

    private func loader(_ lambda: FakeLambda, _ source: String) throws -> Program {
        try Program(
            Tools.bootstrap,
            environment: [
                "_HANDLER": "loader", "INLET_WAREHOUSE": source, "INLET_LOG_LEVEL": "TRACE",
                "AWS_LAMBDA_RUNTIME_API": lambda.authority,
            ])
    }

    private func migrate(_ source: String) throws {
        let program = try Program(
            Tools.inlet, ["warehouse", "migrate"], environment: ["INLET_WAREHOUSE": source])
        guard try program.end() == .status(0) else { throw program.failure("failed") }
    }

    @Test("SIGTERM ends its connection to the database")
    func terminates() throws {
        let server = try PostgresServer.shared.get()
        let source = try server.makeDatabase()
        try migrate(source)
        let lambda = try FakeLambda([.init(event("a"))], endsWhenEmpty: false)
        defer { lambda.stop() }
        let program = try loader(lambda, source)
        defer { program.stop() }
        _ = lambda.posts(atLeast: 1)
        let connections =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            + "AND application_name = 'inlet'"
        #expect(try server.run(connections, in: source) == "1\n")
        program.stop(SIGTERM)
        let limit = Date(timeIntervalSinceNow: 60)
        var left = ""
        repeat {
            left = try server.run(connections, in: source)
        } while left != "0\n" && Date() < limit
        #expect(left == "0\n")
    }

    @Test("a database that dies in mid-batch gives every message back, and each is stored once")
    func dies() throws {
        let server = try PostgresServer()
        let source = server.uri()
        try migrate(source)
        let lambda = try FakeLambda(endsWhenEmpty: false)
        defer { lambda.stop() }
        let program = try loader(lambda, source)
        defer { program.stop() }
        var posts = 0
        func load(_ id: String) throws -> [String] {
            lambda.submit(.init(event(id), id: "r-\(posts)"))
            posts += 1
            let body = try #require(lambda.posts(atLeast: posts).last?.body)
            return try parse(String(decoding: body, as: UTF8.self))["batchItemFailures"]?.elements
                .compactMap { $0["itemIdentifier"]?.string } ?? ["no answer"]
        }
        #expect(try load("a") == [])
        // The rows wait for the lock, and the server ends meanwhile.
        let holder = try server.hold("LOCK TABLE inlet.tracks IN ACCESS EXCLUSIVE MODE", in: source)
        lambda.submit(.init(event("b"), id: "r-b"))
        posts += 1
        let limit = Date(timeIntervalSinceNow: 60)
        while try server.run(
            "SELECT count(*) FROM pg_locks WHERE NOT granted", in: source) == "0\n", Date() < limit
        {}
        server.stop()
        holder.stop()
        let body = try #require(lambda.posts(atLeast: posts).last?.body)
        #expect(String(decoding: body, as: UTF8.self).contains("sqs-b"))
        try server.start()
        #expect(try load("b") == [])
        #expect(try load("b") == [])
        #expect(try server.run("SELECT id FROM inlet.tracks ORDER BY 1", in: source) == "a\nb\n")
        #expect(!(program.output + program.errors).contains("Planted"))
    }
}
