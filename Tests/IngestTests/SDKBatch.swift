import Formats
import TestSupport
import Testing

/// As much as a client library puts into one request.
struct SDKBatch: Sendable, CustomTestStringConvertible {
    let sdk: String
    var path = "/v1/batch"
    var headers: [(name: String, value: String)] = []
    var isGzip = false
    /// What stands before the calls, between two of them, and after them.
    let opening: String
    var separator = ","
    let closing: String
    /// Bytes of each call.
    let calls: [Int]
    /// Bytes of the whole body.
    let size: Int

    var testDescription: String { "\(sdk): \(size) bytes" }

    var body: [UInt8] {
        get throws {
            let calls = try calls.enumerated().map { try Self.call($0.offset, size: $0.element) }
            return Array((opening + calls.joined(separator: separator) + closing).utf8)
        }
    }

    var event: ProxyEvent {
        get throws {
            let body = try body
            var event = ProxyEvent(path, body: isGzip ? StoredGzip.encode(body) : body)
            event.headers = headers
            event.isBase64 = true
            return event
        }
    }

    private static func call(_ number: Int, size: Int) throws -> String {
        let start =
            #"{"type":"track","messageId":"m-\#(number)","userId":"u-1","event":"Large","#
            + #""timestamp":"2026-01-05T10:07:12.100Z","properties":{"fill":""#
        let room = size - start.utf8.count - 3
        try #require(room >= 0)
        return start + String(repeating: "x", count: room) + #""}}"#
    }

    /// As many calls of this size, and then these.
    private static func calls(_ count: Int, of size: Int, then last: Int...) -> [Int] {
        Array(repeating: size, count: count) + last
    }

    private static let key = [Harness.basic("wk_live_51xQ")]
    private static let mobileEnd =
        #"],"sentAt":"2026-01-05T10:07:30.250Z","writeKey":"wk_live_51xQ"}"#

    static let all: [SDKBatch] = [
        // Closed at 512,000 − 32,768 bytes of calls and commas; one more call may follow.
        SDKBatch(
            sdk: "analytics-ruby 2.5.0", path: "/v1/import", headers: key,
            opening: #"{"sentAt":"2026-01-05T11:07:30.250+01:00","batch":["#, closing: "]}",
            calls: calls(14, of: 32_768, then: 20_464, 32_768), size: 512_052),
        // The same without counting commas.
        SDKBatch(
            sdk: "Analytics.NET 3.8.1", path: "/v1/import", headers: key, isGzip: true,
            opening: #"{"messageId":"f0000000-0000-4000-8000-000000000001","#
                + #""sentAt":"2026-01-05T11:07:30.2500000+01:00","batch":["#,
            closing: "]}", calls: calls(14, of: 32_768, then: 20_479, 32_768), size: 512_122),
        // 100 calls, together less than 512,000 bytes.
        SDKBatch(
            sdk: "analytics-react-native 2.21.4", path: "/v1/b",
            opening: #"{"batch":["#, closing: mobileEnd, calls: calls(99, of: 5119, then: 5218),
            size: 512_172),
        // 512 KiB with all around the calls.
        SDKBatch(
            sdk: "rudder-sdk-js 3.31.6", headers: key, opening: #"{"batch":["#,
            closing: #"],"sentAt":"2026-01-05T10:07:30.250Z"}"#,
            calls: calls(15, of: 32_768, then: 32_705), size: 524_288),
        // Closed when the file is over 475,000 bytes; a call has fewer than 32,000.
        SDKBatch(
            sdk: "analytics-kotlin 1.24.1", path: "/v1/b", isGzip: true, opening: #"{"batch":["#,
            closing: mobileEnd, calls: calls(14, of: 31_999, then: 26_990, 31_999), size: 507_064),
        SDKBatch(
            sdk: "Analytics-CSharp 2.6.0", path: "/v1/b", isGzip: true, opening: #"{"batch":["#,
            closing: #"],"sentAt":"2026-01-05T10:07:30.2500000Z","writeKey":"wk_live_51xQ"}"#,
            calls: calls(14, of: 31_999, then: 26_990, 31_999), size: 507_068),
        // Closed from 475,000 bytes on, in lines.
        SDKBatch(
            sdk: "analytics-swift 1.9.4", path: "/v1/b", opening: "{ \"batch\": [\n",
            separator: "\n,", closing: "\n" + mobileEnd + "\n",
            calls: calls(14, of: 32_768, then: 16_205, 32_768), size: 507_834),
        // 500,000 bytes, commas not counted.
        SDKBatch(
            sdk: "analytics-go 3.0.0", headers: key,
            opening: #"{"messageId":"f0000000-0000-4000-8000-000000000001","#
                + #""sentAt":"2026-01-05T10:07:30.25Z","batch":["#,
            closing: #"],"context":{"library":{"name":"analytics-go","version":"3.0.0"}}}"#,
            calls: calls(249, of: 1999, then: 2084), size: 500_246),
        // 512,000 bytes less what it takes the envelope to be.
        SDKBatch(
            sdk: "analytics-java 3.5.4", path: "/v1/import/", headers: key,
            opening: #"{"batch":["#,
            closing: #"],"sentAt":"2026-01-05T10:07:30.250Z","#
                + #""context":{"library":{"name":"analytics-java","version":"3.5.4"}},"#
                + #""sequence":1,"writeKey":"wk_live_51xQ"}"#,
            calls: calls(15, of: 32_768, then: 19_257), size: 510_945),
        SDKBatch(
            sdk: "@segment/analytics-node 3.1.0", headers: key, opening: #"{"batch":["#,
            closing: #"],"writeKey":"wk_live_51xQ","sentAt":"2026-01-05T10:07:30.250Z"}"#,
            calls: calls(15, of: 32_768), size: 491_608),
        SDKBatch(
            sdk: "segment-analytics-python 2.3.4", opening: #"{"batch": ["#, separator: ", ",
            closing: #"], "sentAt": "2026-01-05T10:07:30.250119+00:00", "#
                + #""writeKey": "wk_live_51xQ"}"#,
            calls: calls(14, of: 32_768, then: 16_247, 32_768), size: 507_884),
        SDKBatch(
            sdk: "analytics-php 3.8.2", headers: key, opening: #"{"batch":["#,
            closing: #"],"sentAt":"2026-01-05T10:07:30+00:00"}"#, calls: calls(15, of: 31_999),
            size: 480_048),
    ]
}
