import Formats
import Platform
import TestSupport
import Testing
@testable import Relay
@testable import Warehouse
@testable import WarehouseStore

@Suite("A loader before a service")
struct ServiceLoadTests {
    private static func load(
        _ messages: [PublishedMessage], _ session: any WarehouseSession,
        within budget: TimeBudget = .long
    ) -> LoadOutcome {
        BatchWriter(
            Batch(messages, loadedAt: Messages.loadedAt), session: session, limits: session.limits
        ).write(within: budget)
    }

    private static func tracks(_ count: Int) throws -> [PublishedMessage] {
        try (0..<count).map { try Messages.track("m-\($0)") }
    }

    /// The rows of a request, by what its cells are.
    private static func rows(_ request: SocketServer.Request) -> [[String: String]] {
        let parameters = (try? JSONText(request.body))?.root["parameters"]
        guard let text = parameters?.elements.first?["value"]?.utf8,
            let rows = (try? JSONText(text))?.root
        else { return [] }
        return rows.elements.map { row in
            row.members.reduce(into: [:]) { $0[$1.name.string ?? ""] = $1.value.string }
        }
    }

    @Test("a chunk that is too large is halved until it is taken")
    func halving() throws {
        let standIn = try DatabricksStandIn { _, request in
            Self.rows(request).count > 3 ? .text(413, "") : DatabricksStandIn.succeeded
        }
        let outcome = Self.load(try Self.tracks(10), try standIn.session())
        #expect(outcome.failed.isEmpty)
        #expect(outcome.stored == 10)
        let taken = standIn.requests.map(Self.rows).filter { $0.count <= 3 }.flatMap { $0 }
        #expect(taken.count == 10)
    }

    @Test("a row that is refused for what is in it is found, and all others are stored")
    func poison() throws {
        let standIn = try DatabricksStandIn { _, request in
            let isRejection = request.text.contains("`rejected`")
            let isBad = Self.rows(request).contains { $0["c0"] == "m-5" }
            return isBad && !isRejection
                ? DatabricksStandIn.failed("BAD_REQUEST", "23502", "x")
                : DatabricksStandIn.succeeded
        }
        let outcome = Self.load(try Self.tracks(10), try standIn.session())
        #expect(outcome.failed.isEmpty)
        #expect(outcome.stored == 9)
        #expect(outcome.rejected == 1)
        let rejection = try #require(
            standIn.requests.first { $0.text.contains("`rejected`") }.map(Self.rows))
        #expect(rejection.map { $0["c2"] } == ["23502"])
    }

    @Test("what was not stored in time comes again, all of it, and its statement is cancelled")
    func deadline() throws {
        let standIn = try DatabricksStandIn { _, request in
            request.text.contains("`discards`")
                ? DatabricksStandIn.succeeded : DatabricksStandIn.state("RUNNING")
        }
        let late = try Messages.message(
            #"{"type":"track","messageId":"l","timestamp":"then"}"#)
        let outcome = Self.load(
            [late, try Messages.track("m")], try standIn.session(), within: .short(.seconds(3)))
        #expect(outcome.failed == [0, 1])
        #expect(outcome.stored == 0)
        #expect(outcome.failure == .outOfTime)
        #expect(standIn.requests.last?.target.hasSuffix("/cancel") == true)
    }

    @Test("a conflict that passes between two attempts of the loader loses nothing")
    func conflict() throws {
        let standIn = try DatabricksStandIn { number, _ in
            number < 7
                ? DatabricksStandIn.failed("ABORTED", "2D521", "x") : DatabricksStandIn.succeeded
        }
        let outcome = Self.load(try Self.tracks(3), try standIn.session())
        #expect(outcome.failed.isEmpty)
        #expect(outcome.stored == 3)
    }

    @Test(
        "five thousand messages are stored",
        .enabled(if: ServiceStandIn.isInstalled, ServiceStandIn.installation))
    func many() throws {
        let service = try ServiceStandIn(.databricks)
        let outcome = Self.load(try Self.tracks(5000), try service.migrated())
        #expect(outcome.failed.isEmpty)
        #expect(outcome.stored == 5000)
        #expect(outcome.chunks > 1)
        let ids = try service.rows(of: Schema.tracks).compactMap { $0["id"] }
        #expect(ids.count == 5000)
        #expect(Set(ids).count == 5000)
        // Delivered again, they are known.
        let again = Self.load(try Self.tracks(5000), try service.session())
        #expect(again.stored == 0)
        #expect(again.repeated == 5000)
    }

    @Test(
        "Teradata's refusal of one row keeps no other back",
        .enabled(if: ServiceStandIn.isInstalled, ServiceStandIn.installation))
    func teradata() throws {
        let service = try ServiceStandIn(.teradata)
        var messages = try Self.tracks(20)
        // A character that the database does not know yet.
        messages[7] = try Messages.message(
            #"{"type":"track","messageId":"bad","event":"₿"}"#, record: "sqs-7")
        let outcome = Self.load(messages, try service.migrated())
        #expect(outcome.failed.isEmpty)
        #expect(outcome.rejected == 1)
        #expect(try service.rows(of: Schema.tracks).count == 19)
        let rejected = try service.rows(of: Schema.rejected)
        #expect(rejected.map { $0["id"] } == ["sqs-7"])
        #expect(rejected.map { $0["detail"] } == ["6706"])
        #expect(try service.count("sessions") == 0)
    }

    @Test(
        "a table without a primary index is explained",
        .enabled(if: ServiceStandIn.isInstalled, ServiceStandIn.installation))
    func noPrimaryIndex() throws {
        let service = try ServiceStandIn(.teradata)
        let session = try service.session()
        _ = try session.rows(
            #"CREATE MULTISET TABLE "inlet"."tracks" ("id" VARCHAR(25) CHARACTER SET UNICODE"#
                + " CASESPECIFIC) NO PRIMARY INDEX", within: .long)
        let error = #expect(throws: WarehouseError.self) { try session.migrate(within: .long) }
        #expect(error?.kind == .denied)
        #expect(error?.reason.contains("no primary index") == true)
    }
}
