import Formats
import LocalServer

/// The credentials in a request, each with a mark that is shown in its place.
///
/// A page is shared on screens and in screenshots, and its text stays in a browser's caches. So a
/// token leaves the emulator no more than it gets into a log; sending a request again does not need
/// it outside, because the marks are taken back here.
struct CredentialMask: Sendable {
    /// The credentials, longest first, so that none is hidden as a part of another.
    private let secrets: [[UInt8]]

    /// Finds the credentials of a request.
    ///
    /// They are in `Authorization` and other headers for credentials, in the path, in the query and
    /// in members named `writeKey`, or `token`, as Slack has one.
    init(_ request: LocalRequest) {
        var found = Self.inHeaders(of: request) + Self.inQuery(of: request)
        found += Self.inPath(request.path) + Self.inCalls(request.calls)
        var seen: Set<[UInt8]> = []
        secrets = found.filter { !$0.isEmpty && seen.insert($0).inserted }
            .sorted { $0.count > $1.count }
    }

    /// The text with marks in place of credentials.
    func hide(_ bytes: [UInt8]) -> [UInt8] {
        secrets.enumerated().reduce(bytes) { text, secret in
            Self.replace(secret.element, by: Self.mark(secret.offset), in: text)
        }
    }

    func hide(_ text: String) -> String {
        String(decoding: hide(Array(text.utf8)), as: UTF8.self)
    }

    /// The text with credentials in place of marks.
    func reveal(_ text: String) -> String {
        let bytes = secrets.enumerated().reduce(Array(text.utf8)) { text, secret in
            Self.replace(Self.mark(secret.offset), by: secret.element, in: text)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func mark(_ place: Int) -> [UInt8] { Array("‹key-\(place + 1)›".utf8) }

    // MARK: - Where credentials are

    private static func inHeaders(of request: LocalRequest) -> [[UInt8]] {
        var found: [[UInt8]] = []
        for field in request.headers {
            let name = field.name.lowercased()
            guard name != "authorization" else {
                let parts = field.value.split(separator: " ", maxSplits: 1)
                guard let value = parts.last else { continue }
                found.append(Array(value.utf8))
                let user = Base64.decode(value.utf8)?.split(separator: UInt8(ascii: ":")) ?? []
                found += user.map { Array($0) }
                continue
            }
            let isSecret = ["cookie", "token", "secret", "api-key", "apikey", "password"]
                .contains { name.contains($0) }
            if isSecret { found.append(Array(field.value.utf8)) }
        }
        return found
    }

    private static func inQuery(of request: LocalRequest) -> [[UInt8]] {
        guard let query = request.query else { return [] }
        // A pixel's `data` is Base64 of a call with its key.
        let names = ["writekey", "key", "token", "api_key", "data"]
        return query.split(separator: "&").compactMap { pair in
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, names.contains(parts[0].lowercased()) else { return nil }
            return Array(parts[1].utf8)
        }
    }

    /// What stands in a path behind `webhook/<sender>`, or is no plain word.
    ///
    /// A short word is shown, so that a mistyped route can be seen.
    private static func inPath(_ path: String) -> [[UInt8]] {
        let segments = path.split(separator: "/")
        let webhook = segments.firstIndex { $0 == "webhook" }
        return segments.enumerated().compactMap { place, segment in
            let isWord =
                segment == "v1"
                || segment.utf8.count <= 16
                    && segment.utf8.allSatisfy { $0 &- UInt8(ascii: "a") < 26 }
            let isToken = webhook.map { place > $0 + 1 } == true
            return isWord && !isToken ? nil : Array(segment.utf8)
        }
    }

    private static func inCalls(_ calls: [UInt8]) -> [[UInt8]] {
        guard let root = (try? JSONText(calls))?.root else { return inText(calls) }
        let items = root["batch"].map { Array($0.elements) } ?? []
        let keys = ([root] + items).flatMap { $0.members(ignoringCase: "writekey") }
        return (keys + root.members(ignoringCase: "token")).map { Array($0.content) }
    }

    /// The value behind `"writeKey":` in a text that is no JSON.
    private static func inText(_ body: [UInt8]) -> [[UInt8]] {
        let name = Array("\"writekey\"".utf8)
        let lower = body.map { $0 &- UInt8(ascii: "A") < 26 ? $0 | 0x20 : $0 }
        return places(of: name, in: lower).compactMap { place in
            let value = body[(place + name.count)...].drop { $0 != UInt8(ascii: "\"") }.dropFirst()
            return Array(value.prefix { $0 != UInt8(ascii: "\"") })
        }
    }

    // MARK: - Bytes

    private static func replace(_ old: [UInt8], by new: [UInt8], in text: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        var rest = 0
        for place in places(of: old, in: text) where place >= rest {
            out += text[rest..<place] + new
            rest = place + old.count
        }
        return rest == 0 ? text : out + text[rest...]
    }

    private static func places(of part: [UInt8], in text: [UInt8]) -> [Int] {
        guard let first = part.first, text.count >= part.count else { return [] }
        let span = text.span
        var places: [Int] = []
        for place in 0...(text.count - part.count) where span[place] == first {
            if text[place...].starts(with: part) { places.append(place) }
        }
        return places
    }
}
