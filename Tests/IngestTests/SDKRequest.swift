import Formats
import Foundation
import TestSupport
import Testing

/// A request as a client library sends it, and the messages that it must become.
///
/// The fixtures hold facts, in our own words: each says which release's sources they were read in.
struct SDKRequest: Sendable, CustomTestStringConvertible {
    /// The library and its release.
    let sdk: String
    let name: String
    let path: String
    let headers: [(name: String, value: String)]
    /// Before it is compressed.
    let body: [UInt8]
    let isGzip: Bool
    /// Each message's text, in order.
    let published: [String]

    var testDescription: String { "\(sdk): \(name)" }

    /// The request, with its body in Base64 or as text.
    func event(isBase64: Bool) -> ProxyEvent {
        var event = ProxyEvent(path, body: isGzip ? StoredGzip.encode(body) : body)
        event.headers = headers
        event.isBase64 = isBase64
        return event
    }

    static let all = (try? load()) ?? []

    static func load() throws -> [SDKRequest] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/sdks")
        let files = try FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: nil)
        return try files.sorted { $0.path < $1.path }.flatMap { file in
            let fixture = try JSONText(Array(Data(contentsOf: file))).root
            let sdk = try #require(fixture["sdk"]?.string)
            return try #require(fixture["requests"]).elements.map { try SDKRequest($0, of: sdk) }
        }
    }

    private init(_ request: JSONValue, of sdk: String) throws {
        self.sdk = sdk
        name = try #require(request["name"]?.string)
        path = try #require(request["path"]?.string)
        headers = try #require(request["headers"]).members.map {
            (try #require($0.name.string), try #require($0.value.string))
        }
        isGzip = request["gzip"]?.bool == true
        let body = try #require(request["body"]).raw
        self.body = request["spaced"]?.bool == true ? Array(body) : Self.compact(body)
        published = try #require(request["published"]).elements.map {
            String(decoding: Self.compact($0.raw), as: UTF8.self)
        }
    }

    /// JSON without the white space that makes the fixtures readable.
    private static func compact(_ json: ArraySlice<UInt8>) -> [UInt8] {
        var isString = false
        var isEscaped = false
        return json.filter { byte in
            if isString {
                isString = isEscaped || byte != UInt8(ascii: "\"")
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
                return true
            }
            isString = byte == UInt8(ascii: "\"")
            return byte > 0x20
        }
    }
}
