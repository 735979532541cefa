import Formats
import Foundation
import TestSupport
import Testing
import Transport

private let partners = #"""
    [{"name":"web-app","webhook_token":"wk-resend-3Kf9"},
     {"name":"hub","webhook_token":"hub-token-resend","validation_config":{"senders":["partner"],
      "signing":{"scheme":"github","secrets":["hub-secret-resend"]}}},
     {"name":"svix","webhook_token":"svix-token-resend","validation_config":{"senders":["partner"],
      "signing":{"scheme":"standard-webhooks","secrets":["whsec_c3ZpeC1zZWNyZXQtcmVzZW5k"]}}},
     {"name":"seg","webhook_token":"seg-token-resend",
      "validation_config":{"senders":["segment-destination"],
      "signing":{"scheme":"segment","secrets":["seg-secret-resend"]}}},
     {"name":"cio","webhook_token":"cio-token-resend",
      "validation_config":{"senders":["customerio"],
      "signing":{"scheme":"customerio","secrets":["cio-secret-resend"]}}}]
    """#
/// By the partner's name, with the sender that it is.
private let tokens = [
    "web-app": "wk-resend-3Kf9", "hub": "hub-token-resend", "svix": "svix-token-resend",
    "seg": "seg-token-resend", "cio": "cio-token-resend",
]

@Suite("Samples, and sending again signed anew", .timeLimit(.minutes(60)))
struct ResendTests {
    private func start(_ options: [String] = []) throws -> LocalInlet {
        try LocalInlet(partners: partners, options: options)
    }

    /// Asks one of the page's routes; no token and no secret may be in the answer.
    private func ask(_ inlet: LocalInlet, _ path: String, _ body: String) throws -> HTTPResponse {
        let reply = try inlet.post("/_inlet/\(path)", body)
        for token in tokens.values { #expect(!reply.text.contains(token)) }
        SecretWatch.shared.look(in: reply.body, of: "what \(path) answers")
        return reply
    }

    /// The order with more members before its end.
    private func adding(_ more: String, to order: String) -> String {
        "\(order.dropLast()),\(more)}"
    }

    private func choices(_ inlet: LocalInlet) throws -> [JSONValue] {
        try Array(inlet.send("GET", "/_inlet/partners").json().elements)
    }

    @Test("each partner has a sample that is accepted, signed by its scheme")
    func samples() throws {
        let inlet = try start(tokens.flatMap { ["--token", "\($0)=\($1)"] })
        defer { inlet.stop() }
        let all = try choices(inlet)
        #expect(all.count == 5 && all.allSatisfy { $0["isTokenAsked"]?.bool == false })
        for one in all {
            let choice = String(decoding: one.raw, as: UTF8.self)
            let sample = try ask(inlet, "sample", choice).text
            let sent = try ask(inlet, "send", adding(#""sign":true"#, to: sample))
            let status = sent.status == 200 ? try sent.json()["status"]?.int : nil
            // The tracking API is not signed.
            guard one["partner"]?.string == "web-app" else {
                #expect(status == 200, "\(choice) \(sent.text)")
                continue
            }
            try sent.expect(400, code: "not_signed")
            #expect(try ask(inlet, "send", sample).json()["status"]?.int == 200)
        }
        try ask(inlet, "sample", #"{"partner":"none","sender":"partner"}"#)
            .expect(404, code: "no_such_partner")
    }

    @Test("a token is remembered once it was used, and asked for until then")
    func memory() throws {
        let inlet = try start()
        defer { inlet.stop() }
        func isAsked(_ partner: String) throws -> Bool? {
            try choices(inlet).first { $0["partner"]?.string == partner }?["isTokenAsked"]?.bool
        }
        #expect(try isAsked("web-app") == true && isAsked("hub") == true)
        // Its signature alone says who sends.
        #expect(try isAsked("cio") == false)
        let sample = try ask(inlet, "sample", #"{"partner":"web-app","sender":"segment-api"}"#).text
        try ask(inlet, "send", sample).expect(400, code: "token_unknown")
        let wrong = try ask(inlet, "send", adding(#""token":"not-its-token""#, to: sample)).json()
        #expect(wrong["status"]?.int == 401)
        #expect(try isAsked("web-app") == true)
        // By hand, as a sender does.
        let call = #"{"event":"Order","userId":"u","writeKey":"wk-resend-3Kf9"}"#
        #expect(try inlet.post("/v1/track", call).status == 200)
        #expect(try isAsked("web-app") == false)
        #expect(try ask(inlet, "send", sample).json()["status"]?.int == 200)
        let hub = try ask(inlet, "sample", #"{"partner":"hub","sender":"partner"}"#).text
        let told = adding(#""sign":true,"token":"hub-token-resend""#, to: hub)
        #expect(try ask(inlet, "send", told).json()["status"]?.int == 200)
        #expect(try isAsked("hub") == false)
    }

    @Test(
        "partners of every kind of database have samples, and each kind can be away",
        arguments: PartnerDatabaseKind.allCases)
    func databases(kind: PartnerDatabaseKind) throws {
        let database = try kind.make()
        let person = OperatorProgram(database)
        try person.run("migrate")
        let config =
            #"{"senders":["partner"],"signing":{"scheme":"github","secrets":["kept-secret-1"]}}"#
        let added = try parse(
            try person.run(
                "partner", "add", "hub", "--config", config, "--url", "http://127.0.0.1:1", "--json"
            ))
        let token = try #require(added["token"]?.string)
        let inlet = try LocalInlet(
            partners: database.source, options: database.options + ["--token", "hub=\(token)"])
        defer { inlet.stop() }
        func send() throws -> Int? {
            let sample = try ask(inlet, "sample", #"{"partner":"hub","sender":"partner"}"#).text
            #expect(!sample.contains(token))
            return try ask(inlet, "send", adding(#""sign":true"#, to: sample)).json()["status"]?.int
        }
        #expect(try choices(inlet).map { $0["partner"]?.string } == ["hub"])
        #expect(try send() == 200)
        #expect(
            try inlet.send("PUT", "/_inlet/faults", #"{"fault":"registry-away"}"#).status == 200)
        #expect(try send() == 503)
        #expect(try inlet.send("PUT", "/_inlet/faults", #"{"fault":null}"#).status == 200)
        #expect(try send() == 200)
    }

    @Test("an edited request is refused as it is, and accepted once it is signed anew")
    func edited() throws {
        let inlet = try start(tokens.flatMap { ["--token", "\($0)=\($1)"] })
        defer { inlet.stop() }
        for (partner, sender) in [("hub", "partner"), ("svix", "partner"), ("cio", "customerio")] {
            let choice = #"{"partner":"\#(partner)","sender":"\#(sender)"}"#
            let sample = try ask(inlet, "sample", choice).text
            let sent = try ask(inlet, "send", adding(#""sign":true"#, to: sample)).json()
            let id = try #require(sent["id"]?.string)
            let detail = try inlet.send("GET", "/_inlet/requests/\(id)").json()
            #expect(
                detail["signing"]?["scheme"] != nil
                    && detail["signing"]?["obstacle"]?.isNull == true)
            let body = try #require(detail["request"]?["body"]?.string)
            var order = JSONWriter()
            order.object { order in
                order.member("base", id)
                order.member("body", body + " ")
            }
            let unsigned = try ask(inlet, "send", order.text).json()
            #expect(unsigned["status"]?.int == 401)
            let signed = try ask(inlet, "send", adding(#""sign":true"#, to: order.text)).json()
            #expect(signed["status"]?.int == 200, "\(partner)")
        }
    }
}
