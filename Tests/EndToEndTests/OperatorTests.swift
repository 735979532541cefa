import Formats
import Foundation
import TestSupport
import Testing
import Transport

private func webhook(_ id: String) -> String {
    #"{"event_type":"Order Paid","event_id":"\#(id)","timestamp":"2026-01-05T10:00:00.000Z","#
        + #""data":{"user_id":"u-42","total":12.50}}"#
}

@Suite("From an operator's command to a partner's webhook", .timeLimit(.minutes(60)))
struct OperatorTests {
    @Test(
        "a partner is added, sends, is suspended, rotated and removed, and no token is kept anywhere",
        arguments: PartnerDatabaseKind.allCases)
    func story(kind: PartnerDatabaseKind) throws {
        let database = try kind.make()
        let person = OperatorProgram(database)
        try person.run("migrate")
        let inlet = try LocalInlet(partners: database.source, options: database.options)
        defer { inlet.stop() }
        func send(_ url: String, _ id: String) throws -> HTTPResponse {
            try http(
                "POST", url, headers: [HTTPField("Content-Type", "application/json")],
                body: Array(webhook(id).utf8))
        }

        let added = try parse(
            try person.run(
                "partner", "add", "shop", "--sender", "partner", "--url", inlet.url, "--json"))
        let (first, firstToken) = try secret(added)
        #expect(first.hasPrefix(inlet.url))
        #expect(try send(first, "m-1").status == 200)
        try send(first + "x", "m-0").expect(404, code: "unknown_token")

        try person.run("partner", "suspend", "shop")
        try send(first, "m-0").expect(403, code: "partner_suspended")
        try person.run("partner", "deactivate", "shop")
        try send(first, "m-0").expect(403, code: "partner_inactive")
        try person.run("partner", "activate", "shop")
        #expect(try send(first, "m-2").status == 200)

        let rotated = try parse(
            try person.run(
                "partner", "rotate", "shop", "--grace", "6s", "--url", inlet.url, "--json"))
        let (second, secondToken) = try secret(rotated)
        #expect(try send(second, "m-3").status == 200)
        #expect(try send(first, "m-4").status == 200)
        let limit = Date(timeIntervalSinceNow: 30)
        var last = 200
        while last == 200, Date() < limit {
            Thread.sleep(forTimeInterval: 0.2)
            last = try send(first, "m-5").status
        }
        #expect(last == 404)
        #expect(try send(second, "m-6").status == 200)

        try person.run("partner", "remove", "shop", "--yes")
        try send(second, "m-0").expect(410, code: "partner_removed")
        try person.run("partner", "add", "shop")
        try send(second, "m-0").expect(410, code: "partner_removed")

        let published = try inlet.published()
        var ids = Set(published.map { $0.attributes["messageId"] ?? "" })
        ids.remove("m-5")
        #expect(ids == ["m-1", "m-2", "m-3", "m-4", "m-6"])
        #expect(published.allSatisfy { $0.attributes["partner"] == "shop" })
        #expect(
            published.first?.message["properties"]?.written == #"{"user_id":"u-42","total":12.50}"#)

        inlet.stop()
        let places: [(String, [UInt8])] = [
            ("database", try database.contents()),
            ("log", Array(inlet.program.errors.utf8) + Array(inlet.program.output.utf8)),
            ("errors of inlet", Array(person.errors.utf8)),
            ("messages", published.flatMap { Array($0.text.utf8) }),
            (
                "list",
                Array(try person.run("partner", "list", "--all", "--json").utf8)
            ),
        ]
        for (place, bytes) in places {
            #expect(!bytes.isEmpty || place == "errors of inlet", "\(place)")
            for token in [firstToken, secondToken] {
                #expect(Data(bytes).range(of: Data(token.utf8)) == nil, "\(place)")
            }
        }
    }

    @Test(
        "inlet migrate by several at once on a new file applies what is missing once, and never fails"
    )
    func migrations() throws {
        for round in 0..<10 {
            let database = try PartnerDatabaseKind.sqlite.make()
            defer { withExtendedLifetime(database) {} }
            let person = OperatorProgram(database)
            let programs = try (0..<5).map { _ in try person.begin(["migrate"]) }
            for program in programs {
                #expect(try program.end() == .status(0), "round \(round): \(program.errors)")
            }
            let applied = programs.filter { $0.output.hasPrefix("Applied: ") }
            #expect(applied.count == 1, "round \(round)")
        }
    }

    /// A new token and its URL; the search for it could not fail if the URL did not hold it.
    private func secret(_ printed: JSONValue) throws -> (url: String, token: String) {
        let url = try #require(printed["url"]?.string)
        let token = try #require(printed["token"]?.string)
        #expect(url.hasSuffix("/\(token)"))
        return (url, token)
    }

    @Test("rejected webhooks are listed, and replayed once the mapping is right, through AWS's SQS")
    func rejected() throws {
        let moto = try Moto()
        defer { moto.stop() }
        let database = try PartnerDatabaseKind.sqlite.make()
        let account = "123456789012"
        let person = OperatorProgram(
            database,
            moto.access.merging(
                [
                    "AWS_ENDPOINT_URL": moto.url, "AWS_REGION": "us-east-1",
                    "INLET_REJECTED_QUEUE_URL": "\(moto.url)/\(account)/rejected",
                    "INLET_TOPIC_ARN": "arn:aws:sns:us-east-1:\(account):inlet-Messages",
                ]) { $1 })
        try person.run("migrate")
        let inlet = try LocalInlet(
            partners: database.source, sns: moto.url, access: moto.access,
            options: database.options)
        defer { inlet.stop() }
        let added = try parse(
            try person.run(
                "partner", "add", "shop", "--sender", "partner", "--url", inlet.url, "--json"))
        let url = try secret(added).url
        let body = #"{"kind":"order.paid","when":"2026-01-05T10:00:00Z","buyer":"u-42"}"#
        try http("POST", url, body: Array(body.utf8)).expect(400, code: "validation_failed")

        let listed = try parse(try person.run("rejected", "list", "--json"))
        let entries = Array(listed.elements)
        try #require(entries.count == 1)
        #expect(entries[0]["partner"]?.string == "shop")
        #expect(entries[0]["code"]?.string == "validation_failed")
        let kept = try person.start(["rejected", "replay", "--all"])
        #expect(try kept.end() == .status(1))

        try person.run(
            "partner", "update", "shop", "--config",
            #"{"senders":["partner"],"mapping":{"event":"kind","timestamp":"when","userId":"buyer"}}"#
        )
        #expect(try person.run("rejected", "replay", "--all").contains("replayed"))
        // What is sent again after the fix is the same message.
        #expect(try http("POST", url, body: Array(body.utf8)).status == 200)
        let messages = try moto.receive("messages")
        try #require(messages.count == 2)
        #expect(messages[0].attributes["messageId"] == messages[1].attributes["messageId"])
        for message in messages {
            #expect(try parse(message.text)["userId"]?.string == "u-42")
            #expect(message.attributes["sender"] == "partner")
        }
        #expect(try parse(try person.run("rejected", "list", "--json")).elements.isEmpty)
    }
}
