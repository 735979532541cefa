import Formats
import Partners
import Platform
import TestSupport
import Testing

@Suite("One event's look-ups")
struct PartnerLookupTests {
    private func lookup(_ json: String) throws -> PartnerLookup {
        PartnerLookup(
            try Registry(json: Array(json.utf8)),
            LookupContext(time: TimeBudget(now: .start, deadline: .now + .seconds(20))))
    }

    @Test("find a partner by token and by id, and nothing else")
    func finds() throws {
        let partners = try lookup(
            #"[{"id":"p-1","name":"a","webhook_token":"t","status":"SUSPENDED"}]"#)
        #expect(try partners.partner(token: "t".utf8, for: .segmentAPI).partner?.name == "a")
        #expect(try partners.partner(id: "p-1", for: .segmentAPI).partner?.standing == .suspended)
        #expect(try partners.partner(token: "p-1".utf8, for: .segmentAPI).partner == nil)
        #expect(try partners.partner(id: "a", for: .segmentAPI).partner == nil)
    }

    @Test("find a partner by its id only as long as the token beside it is the partner's")
    func idAndToken() throws {
        let partners = try lookup(
            #"[{"id":"p-1","name":"a","webhook_token":["t",{"token":"old","#
                + #""expires_at":"2026-01-05T10:00:00Z"}]},{"name":"b","webhook_token":"u"}]"#)
        for (token, name) in [("t", "a"), ("old", nil), ("u", nil), ("", nil)] {
            let found = try partners.partner(
                id: "p-1", token: Array(token.utf8), for: .segmentAPI)
            #expect(found.partner?.name == name, "\(token)")
        }
    }

    @Test("find the partners of a signing scheme in the record's order, the active ones first")
    func schemes() throws {
        func record(_ name: String, _ scheme: String, _ more: String = "") -> String {
            #"{"name":"\#(name)","webhook_token":"\#(name)"\#(more),"validation_config":"#
                + #"{"senders":["segment-destination","customerio"],"signing":{"scheme":"\#(scheme)","secrets":["s"]}}}"#
        }
        let records = [
            record("d", "customerio", #","status":"INACTIVE""#),
            record("b", "customerio"), record("a", "customerio"), record("c", "segment"),
            record("e", "customerio", #","deleted_at":"2026-01-05T10:00:00Z""#),
            #"{"name":"f","webhook_token":"f"}"#,
        ]
        let partners = try lookup("[\(records.joined(separator: ","))]")
        #expect(
            try partners.signers(by: .customerio, for: .customerIO).partners.map(\.name) == [
                "b", "a", "d",
            ])
        #expect(
            try partners.signers(by: .segment, for: .segmentDestination).partners.map(\.name) == [
                "c"
            ])
    }

    @Test(
        "find whom a sender's routes are open to, and name whom they are not",
        arguments: SenderName.allCases)
    func senders(sender: SenderName) throws {
        let partners = try lookup(
            #"[{"id":"p","name":"a","webhook_token":"t","validation_config":{"senders":["#
                + #""\#(sender.rawValue)"],"signing":{"scheme":"customerio","secrets":["s"]}}}]"#)
        for asked in SenderName.allCases {
            let findings = [
                try partners.partner(token: "t".utf8, for: asked),
                try partners.partner(id: "p", for: asked),
            ]
            for finding in findings {
                switch finding {
                case .partner(let partner): #expect(partner.name == "a" && asked == sender)
                case .otherSender(let name): #expect(name == "a" && asked != sender)
                case .nobody: Issue.record("nobody")
                }
            }
            let signers = try partners.signers(by: .customerio, for: asked)
            #expect(signers.partners.count == (asked == sender ? 1 : 0))
            #expect(signers.isComplete)
        }
    }

    @Test("of a signing scheme are bounded, and tell so")
    func bounded() throws {
        let records = (0...PartnerLookup.maximumSigners).map {
            #"{"name":"p\#($0)","webhook_token":"t\#($0)","validation_config":"#
                + #"{"senders":["customerio"],"signing":{"scheme":"customerio","secrets":["s"]}}}"#
        }
        for (records, isComplete) in [(records, false), (Array(records.dropLast()), true)] {
            let partners = try lookup("[\(records.joined(separator: ","))]")
            let signers = try partners.signers(by: .customerio, for: .customerIO)
            #expect(signers.partners.count == PartnerLookup.maximumSigners)
            #expect(signers.isComplete == isComplete)
        }
    }
}

extension PartnerLookup.Finding {
    /// The partner that was found for its own sender.
    fileprivate var partner: Partner? {
        if case .partner(let partner) = self { partner } else { nil }
    }
}
