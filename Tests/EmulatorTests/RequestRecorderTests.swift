import Formats
import LocalServer
import Testing

@testable import emulator

@Suite("The recorder of requests")
struct RequestRecorderTests {
    private func request(
        _ path: String = "/v1/track", query: String? = nil, headers: [HTTPField] = [],
        _ body: String = "{}"
    ) -> LocalRequest {
        LocalRequest(
            method: "POST", path: path, query: query, headers: headers, body: Array(body.utf8))
    }

    private let reply = LocalResponse.json(200, #"{"success":true,"accepted":1}"#)

    private func line(_ text: String, _ invocation: Invocation? = nil) -> FunctionLine {
        FunctionLine(function: "Ingest", invocation: invocation, text: text)
    }

    private func all(_ recorder: RequestRecorder, _ query: String = "") -> [RecordedRequest] {
        recorder.records(RequestFilter(query: query))
    }

    @Test("a line is matched by the front's id, by Lambda's, and by what its process worked on")
    func lines() throws {
        let recorder = RequestRecorder()
        let invocation = Invocation(event: [], origins: ["b"])
        for id in ["a", "b", "c"] { recorder.begin(request(), id: id, route: nil) }
        recorder.invoked(invocation, function: "Ingest")
        let json = #"{"message":"request","requestId":"a","lambdaRequestId":"x","partner":"one"}"#
        recorder.wrote(line(json))
        recorder.wrote(
            line(#"{"message":"request","requestId":"\#(invocation.requestID)","partner":"two"}"#))
        let fields = "outcome=invalid reason=a b code=no_type"
        recorder.wrote(line("2026-01-05T10:07:12.100Z\tc\tWARN\trequest \(fields)"))
        recorder.wrote(line("Traceback", invocation))
        recorder.wrote(line("nobody's"))
        #expect(recorder.record("a")?.facts.partner == "one")
        #expect(recorder.record("b")?.facts.partner == "two")
        #expect(recorder.record(invocation.requestID)?.lines.map(\.text).last == "Traceback")
        #expect(recorder.record("c")?.facts.outcome == "invalid")
        #expect(recorder.record("c")?.facts.code == "no_type")
        #expect(recorder.record("c")?.facts.reason == "a b")
    }

    @Test("the oldest are given up, and bodies before that; what is not answered is not listed")
    func bounds() {
        let recorder = RequestRecorder(capacity: 3, maximumBytes: 1000)
        for number in 1...5 {
            let text = String(repeating: "x", count: 400)
            recorder.begin(request("/", text), id: "\(number)", route: nil)
            recorder.finish("\(number)", reply)
        }
        recorder.begin(request(), id: "6", route: nil)
        #expect(all(recorder).map(\.id) == ["5", "4"])
        #expect(recorder.record("6") != nil && recorder.record("1") == nil)
        let long = String(repeating: "x", count: 900)
        recorder.begin(request("/", long), id: "7", route: nil)
        #expect(recorder.record("5")?.isTrimmed == true)
        #expect(recorder.record("5")?.request.body.isEmpty == true)
        #expect(recorder.record("7")?.isTrimmed == false)
        recorder.clear()
        #expect(all(recorder).isEmpty && recorder.record("7") == nil)
    }

    @Test("a call that was refused is found by the id that it came with")
    func refused() {
        let recorder = RequestRecorder()
        let body = #"{"batch":[{"messageId":"r-1"},{"message_id":7},{"messageId":""}]}"#
        recorder.begin(request("/v1/batch", body), id: "a", route: nil)
        recorder.finish("a", .json(503, #"{"code":"not_accepted","message":"Later."}"#))
        for id in ["r-1", "7"] { #expect(all(recorder, "messageId=\(id)").map(\.id) == ["a"]) }
        #expect(recorder.record("a")?.facts.messageIDs == ["r-1", "7"])
    }

    @Test("of a message that comes again and again, the last results are kept")
    func results() {
        var message = RecordedMessage(
            id: "s", topic: "t", isReject: false, text: "", attributes: [], handovers: [])
        for number in 1...60 {
            message.add(
                RecordedResult(
                    function: "f", queue: "q", invocation: "\(number)", record: "r", isDone: false))
        }
        #expect(message.results.count == 50 && message.results.last?.invocation == "60")
    }

    @Test("a reply of API Gateway itself is told apart by its status and code")
    func gateway() throws {
        let recorder = RequestRecorder()
        recorder.begin(request("/nope"), id: "a", route: nil)
        recorder.finish("a", .json(404, #"{"code":"not_found","message":"No such route."}"#))
        let record = try #require(recorder.record("a"))
        #expect(record.facts.outcome == "not_found" && record.facts.code == "not_found")
        let decision = Decision(
            record: record, shown: ShownBody(record.request.body, record.mask), partners: nil)
        #expect(decision.steps.map(\.isPassed) == [false])
        #expect(all(recorder, "status=404").count == 1 && all(recorder, "status=4xx").count == 1)
        #expect(all(recorder, "status=200").isEmpty && all(recorder, "limit=0").isEmpty)
        #expect(all(recorder, "outcome=not_found&sender=").count == 1)
    }

    @Test("a function that ends without a word has decided nothing but the route")
    func silence() throws {
        let recorder = RequestRecorder()
        let route = Template.Route(
            method: "ANY", path: "/{proxy+}", function: "Ingest", authorizer: nil)
        recorder.begin(request("/v1/track", #"{"writeKey":"wk"}"#), id: "a", route: route)
        recorder.finish("a", .json(502, #"{"message":"Internal server error"}"#))
        let record = try #require(recorder.record("a"))
        let decision = Decision(
            record: record, shown: ShownBody(record.request.body, record.mask), partners: nil)
        #expect(decision.steps.map(\.stage) == [.route, .publish])
        #expect(decision.steps.map(\.isPassed) == [true, false])
        #expect(decision.steps.last?.why.contains("Internal server error") == true)
    }

    @Test(
        "credentials are nowhere in what is shown, and come back when it is sent again",
        arguments: [
            ("/v1/track", "{\"writeKey\":\"wk-secret\",\"type\":\"track\"}"),
            ("/v1/batch", "{\"batch\":[{\"WriteKey\":\"wk-secret\"}]}"),
            ("/v1/track", "{\"writeKey\": \"wk-secret\", cut off"),
            ("/webhook/v1/wk-secret", "{}"), ("/wk-secret", "{}"), ("/webhook/v1/wksecret/x", "{}"),
            ("/webhook/v1/a", "{\"type\":\"x\",\"token\":\"wk-secret\"}"),
            ("/webhook/v1/a", "token=wk-secret&command=%2Fgo"),
        ])
    func credentials(path: String, body: String) {
        let basic = String(decoding: Base64.encode(Array("wk-basic:".utf8)), as: UTF8.self)
        let request = request(
            path, query: "writeKey=wk-query&x=1",
            headers: [
                HTTPField("Authorization", "Basic \(basic)"), HTTPField("X-Api-Key", "wk-header"),
            ], body)
        let recorder = RequestRecorder()
        recorder.begin(request, id: "a", route: nil)
        recorder.finish("a", .json(200, #"{"echo":"wk-basic"}"#))
        guard let record = recorder.record("a") else { return }
        var writer = JSONWriter()
        RequestDetail(record, DetailSources()).write(to: &writer)
        for secret in ["wk-secret", "wksecret", "wk-query", "wk-header", "wk-basic", basic] {
            #expect(!writer.text.contains(secret))
        }
        #expect(writer.text.contains("‹key-1›"))
        #expect(record.mask.reveal(record.mask.hide(body)) == body)
        #expect(record.mask.reveal(record.mask.hide(path)) == path)
    }

    @Test("a queue's policy says by which key it keeps a message out")
    func obstacle() throws {
        let policy = try FilterPolicy(
            Array(#"{"sender":["customerio"],"type":["track"]}"#.utf8), scope: .attributes)
        let form = SNSForm.test([
            "Message": "m", "MessageAttributes.entry.1.Name": "sender",
            "MessageAttributes.entry.1.Value.DataType": "String",
            "MessageAttributes.entry.1.Value.StringValue": "customerio",
        ])
        let topic = Template.Topic(
            logicalID: "T", name: "t", arn: "arn:t", isFIFO: false, deduplicatesByContent: false)
        let message = try SNSMessage(try form(), prefix: "", topic: topic)
        #expect(policy.obstacle(to: message) == "type")
    }
}

extension SNSForm {
    /// Reads these parameters as from a call.
    fileprivate static func test(
        _ parameters: [String: String]
    ) -> () throws(SNSError) -> SNSForm {
        let body = parameters.map { name, value in
            "\(PercentEncoding.encode(name))=\(PercentEncoding.encode(value))"
        }.joined(separator: "&")
        return { () throws(SNSError) in
            try SNSForm(
                LocalRequest(
                    method: "POST", path: "/",
                    headers: [HTTPField("Content-Type", "application/x-www-form-urlencoded")],
                    body: Array(body.utf8)))
        }
    }
}
