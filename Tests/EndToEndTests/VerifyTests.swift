import Formats
import Foundation
import Partners
import Platform
import Samples
import TestSupport
import Testing
import Transport

@testable import inlet

/// A request that is signed, and what is made of it.
private struct Draft {
    var headers: [HTTPField]
    var body: [UInt8]

    init(_ request: SampleRequest) { (headers, body) = (request.headers, request.body) }

    /// Changes the value of a header; nil takes the header away.
    mutating func change(_ name: String, _ change: (String) -> String?) {
        headers = headers.compactMap { field in
            guard field.isNamed(name) else { return field }
            return change(field.value).map { HTTPField(field.name, $0) }
        }
    }
}

/// What is wrong with a request, how it came about, and what `verify` has to say.
private enum Spoiling: CaseIterable {
    case changedByte, otherSecret, missing, empty, twice, wrongEncoding, truncated, oldTime,
        futureTime, timeNotDigits, otherScheme, reencoded, compressed, changedID

    /// False for what a scheme does not have.
    func applies(to scheme: SignedPartners.Case) -> Bool {
        switch self {
        case .oldTime, .futureTime, .timeNotDigits: scheme.time != nil
        case .changedID: scheme.id != nil
        default: true
        }
    }

    func draft(_ scheme: SignedPartners.Case, at now: Timestamp) throws -> Draft {
        let body = Array(scheme.body.utf8)
        func signed(
            _ body: [UInt8], key: [UInt8]? = nil, seconds: Int64 = 0
        ) throws -> Draft {
            let time = Timestamp(milliseconds: now.milliseconds + seconds * 1000)
            return Draft(try scheme.request(body, key: key, at: time))
        }
        var draft = try signed(body)
        let header = scheme.header
        switch self {
        case .changedByte: draft.body[draft.body.count - 3] ^= 1
        case .otherSecret: draft = try signed(body, key: Array("another".utf8))
        case .missing: draft.change(header) { _ in nil }
        case .empty: draft.change(header) { _ in "" }
        case .twice: draft.headers.append(HTTPField(header, draft.headers[header] ?? ""))
        case .wrongEncoding: draft.change(header) { Self.recoded($0, toHex: scheme.isBase64) }
        case .truncated: draft.change(header) { String($0.dropLast(4)) }
        case .oldTime: draft = try signed(body, seconds: -400)
        case .futureTime: draft = try signed(body, seconds: 400)
        case .timeNotDigits:
            let date = "2026-01-05T10:00:00Z"
            draft.change(scheme.time ?? "") { value in
                guard scheme.time == header else { return date }
                return "t=\(date)," + value.split(separator: ",").dropFirst().joined()
            }
        case .otherScheme:
            let other = SignedPartners.cases.first {
                $0.header != header && ["github", "shopify"].contains($0.name)
            }
            draft.change(header) { _ in nil }
            let found = try other.map { other in
                let signed = try other.request(body, key: try scheme.key(), at: now)
                return signed.headers[other.header] ?? ""
            }
            draft.headers.append(HTTPField(other?.header ?? "", found ?? ""))
        case .reencoded:
            // As Python's json.dumps writes it.
            let text = String(decoding: body, as: UTF8.self)
            draft.body = Array(
                text.replacing("\":", with: "\": ").replacing(",\"", with: ", \"")
                    .replacing("ü", with: "\\u00fc").replacing("ß", with: "\\u00df").utf8)
        case .compressed:
            let gzip = StoredGzip.encode(body)
            for field in try scheme.headers(signing: gzip, at: now) {
                draft.change(field.name) { _ in field.value }
            }
            // Segment signs the text, whether it is compressed or not; the others what they send.
            if scheme.sender == .segmentDestination { draft.body = gzip }
            draft.headers.append(HTTPField("content-encoding", "gzip"))
        case .changedID: draft.change(scheme.id ?? "") { _ in "msg_2" }
        }
        return draft
    }

    /// A header's value with its signature in hexadecimal digits, or in Base64 for URLs.
    private static func recoded(_ value: String, toHex: Bool) -> String {
        let start = value.lastIndex { "=, ".contains($0) && $0 != value.last }
        let end = start.map { value.index(after: $0) } ?? value.startIndex
        let text = value[end...]
        let bytes = (toHex ? Base64.decode(text.utf8) : Hex.decode(text.utf8)) ?? []
        guard !toHex else { return value[..<end] + Hex.encode(bytes) }
        let base64 = String(decoding: Base64.encode(bytes), as: UTF8.self)
        return value[..<end] + base64.replacing("+", with: "-").replacing("/", with: "_")
    }

    /// The step that fails, and words that must stand in what is printed.
    func explanation(_ scheme: SignedPartners.Case) -> (step: String, words: [String]) {
        let header = scheme.header
        return switch self {
        case .changedByte: ("secret", ["Either another secret made it"])
        case .otherSecret: ("secret", ["Either another secret made it"])
        case .missing: ("header", ["\(header) is missing"])
        case .empty: ("header", ["\(header) is there and empty"])
        case .twice: ("header", ["\(header) is there 2 times"])
        case .wrongEncoding:
            (
                "form",
                scheme.isBase64
                    ? ["It is hexadecimal digits: it must be Base64"]
                    : ["It is Base64", "it must be hexadecimal digits"]
            )
        case .truncated: ("form", ["It is cut off: it has"])
        case .oldTime: ("clock", ["400 s before it arrived", "signed anew"])
        case .futureTime: ("clock", ["400 s after it arrived", "clock is fast"])
        case .timeNotDigits: ("time", ["is not a number of seconds"])
        case .otherScheme:
            (
                "header",
                [
                    "\(header) is missing", "is there, which the scheme",
                    "a secret of the partner made its signature",
                ]
            )
        case .reencoded: ("secret", ["The same JSON was signed in other bytes"])
        case .compressed:
            (
                "secret",
                scheme.sender == .segmentDestination
                    ? ["The compressed bytes were signed"]
                    : ["content-encoding says gzip", "it was inflated on its way"]
            )
        case .changedID: ("secret", ["the id in \(scheme.id ?? "")", "Either another secret"])
        }
    }
}

@Suite("Why a request is refused", .timeLimit(.minutes(60)))
final class VerifyTests {
    private let inlet: LocalInlet
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        inlet = try LocalInlet(partners: SignedPartners.registry)
    }

    deinit { inlet.stop() }

    /// What `verify` says of a request, as JSON, and its exit code.
    private func verify(
        _ scheme: SignedPartners.Case, _ draft: Draft, _ options: String...
    ) throws -> (code: Int32, output: JSONValue) {
        let lines = draft.headers.map { "\($0.name): \($0.value)\r\n" }.joined()
        let headers = try directory.write("headers", lines)
        let body = "\(directory.path)/body"
        try Data(draft.body).write(to: URL(filePath: body))
        let (output, notes) = (Recorder<String>(), Recorder<String>())
        let console = Console(
            write: { text in
                output.append(text)
                return true
            },
            note: { notes.append($0) }, read: { .success([]) }, ask: { _ in nil })
        let code = Inlet.run(
            ["verify", scheme.name, "--headers", headers, "--body", body, "--json"] + options,
            System(environment: { $0 == "INLET_PARTNERS" ? SignedPartners.registry : nil }),
            console)
        let text = output.all.joined()
        #expect(!(text + notes.all.joined()).contains(scheme.secret))
        return (code, try parse(text))
    }

    private func send(_ scheme: SignedPartners.Case, _ draft: Draft) throws -> Int {
        let path = try scheme.request(draft.body, at: System.wallClock()).path
        return try http("POST", inlet.url + path, headers: draft.headers, body: draft.body).status
    }

    @Test("a request that is accepted passes each step", arguments: SignedPartners.cases)
    func accepted(scheme: SignedPartners.Case) throws {
        let draft = Draft(try scheme.request(Array(scheme.body.utf8), at: System.wallClock()))
        #expect(try send(scheme, draft) == 200)
        let said = try verify(scheme, draft)
        #expect(said.code == 0 && said.output["passes"]?.bool == true)
        let steps = said.output["steps"].map { Array($0.elements) } ?? []
        #expect(steps.allSatisfy { $0["passed"]?.bool == true })
        #expect(steps.last?["text"]?.string == "secret 1 of 1 made the signature")
    }

    @Test(
        "a spoilt one is refused by the functions, and explained", arguments: SignedPartners.cases)
    func spoilt(scheme: SignedPartners.Case) throws {
        for spoiling in Spoiling.allCases where spoiling.applies(to: scheme) {
            let now = System.wallClock()
            let draft = try spoiling.draft(scheme, at: now)
            #expect(try send(scheme, draft) == 401, "\(spoiling)")
            let said = try verify(scheme, draft, "--at", now.rfc3339 ?? "")
            #expect(said.code == 1 && said.output["passes"]?.bool == false, "\(spoiling)")
            let (step, words) = spoiling.explanation(scheme)
            let steps = said.output["steps"].map { Array($0.elements) } ?? []
            let failed = steps.filter { $0["passed"]?.bool == false }
            let text = said.output.written
            #expect(failed.map { $0["step"]?.string } == [step], "\(spoiling): \(text)")
            for word in words { #expect(text.contains(word), "\(spoiling): \(word): \(text)") }
        }
    }

    @Test("the sender's own secret tells a wrong secret from changed bytes")
    func sendersSecret() throws {
        for scheme in SignedPartners.cases where !scheme.isBase64 {
            let other = try directory.write("other", "another\n")
            let own = try directory.write("own", "\(scheme.secret)\n")
            let now = System.wallClock()
            let wrong = try Spoiling.otherSecret.draft(scheme, at: now)
            let found = try verify(scheme, wrong, "--secret-file", other).output.written
            #expect(found.contains("The given secret made the signature"), "\(found)")
            let changed = try Spoiling.changedByte.draft(scheme, at: now)
            let kept = try verify(scheme, changed, "--secret-file", own).output.written
            #expect(kept.contains("The given secret did not make it either"), "\(kept)")
        }
    }

    @Test("a request that was captured is judged by when it arrived")
    func captured() throws {
        let scheme = SignedPartners.cases[1]
        let time = Timestamp(milliseconds: 1_767_607_200_000)
        let draft = Draft(try scheme.request(Array(scheme.body.utf8), at: time))
        #expect(try verify(scheme, draft).code == 1)
        #expect(try verify(scheme, draft, "--at", "2026-01-05T10:01:00Z").code == 0)
    }
}
