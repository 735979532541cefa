internal import Compression
internal import Formats
internal import Tracking

/// A request's body as JSON: inflated if it is gzip, without a byte order mark.
struct RequestBody {
    /// Why there is no JSON.
    enum Problem: Error, Equatable {
        case tooLarge(limit: Int)
        case notGzip
        case notJSON(reason: String)
        case noItems
        case tooManyItems(limit: Int)

        static func notJSON(_ error: JSONError) -> Problem { .notJSON(reason: error.reason) }

        /// Nothing of the request can be a message then.
        func reject(_ input: [UInt8]) -> Reject {
            Reject(outcome, code: code, message: message, input: input)
        }

        var refusal: Refusal { Refusal(outcome, code: code, message: message) }

        private var outcome: Outcome {
            switch self {
            case .tooLarge, .tooManyItems: .tooLarge
            case .notGzip, .notJSON, .noItems: .invalid
            }
        }

        private var code: String {
            switch self {
            case .tooLarge: "body_too_large"
            case .notGzip, .notJSON: "bad_request"
            case .noItems: "empty_batch"
            case .tooManyItems: "too_many_items"
            }
        }

        private var message: String {
            switch self {
            case .tooLarge(let limit): "The body is larger than \(limit) bytes."
            case .notGzip: "The body begins as gzip and cannot be inflated."
            case .notJSON(let reason): "The body is not JSON: \(reason)."
            case .noItems: "The array has no items."
            case .tooManyItems(let limit): "The array has more than \(limit) items."
            }
        }
    }

    /// What was sent, inflated.
    let bytes: [UInt8]
    let json: JSONValue

    init(_ body: [UInt8], maximum: Int) throws(Problem) {
        bytes = try Self.content(of: body, maximum: maximum)
        do throws(JSONError) {
            json = try JSONText(Self.unmarked(bytes)).root
        } catch {
            throw .notJSON(error)
        }
    }

    /// What was sent, inflated.
    ///
    /// Decides by content: SDKs send JSON as text/plain, and gateways inflate without saying so.
    static func content(of body: [UInt8], maximum: Int) throws(Problem) -> [UInt8] {
        let bytes = try inflated(body, maximum: maximum) ?? body
        guard bytes.count <= maximum else { throw .tooLarge(limit: maximum) }
        return bytes
    }

    /// The bytes without a byte order mark.
    static func unmarked(_ bytes: [UInt8]) -> [UInt8] {
        bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    }

    /// What was compressed; nil if the body is not gzip.
    static func inflated(_ body: [UInt8], maximum: Int) throws(Problem) -> [UInt8]? {
        guard Gzip.isGzip(body) else { return nil }
        do throws(GzipError) {
            return try Gzip.inflate(body, maximum: maximum)
        } catch .tooLarge(let limit) {
            throw .tooLarge(limit: limit)
        } catch {
            throw .notGzip
        }
    }
}

/// A body of any form, without the keys in it.
///
/// Of gzip that cannot be inflated, or only to more gzip, nothing is kept: a key could not be found in
/// it, and whoever reads the reject could inflate as much as there is.
struct SearchedBody {
    /// What is inflated at most: no sender takes a larger body.
    private static let maximum = CallLimits.webhookBody

    /// The keys that are there as a whole.
    let keys: [[UInt8]]
    /// The body with every key emptied.
    let remainder: [UInt8]
    /// True if the body could not be searched, and ``remainder`` has nothing of it.
    let isLeftOut: Bool

    /// Looks for write keys, for keys of these names, and for these keys.
    init(_ body: [UInt8], named names: [String] = [], values: [[UInt8]] = []) {
        let content = (try? RequestBody.content(of: body, maximum: Self.maximum)) ?? body
        guard !Gzip.isGzip(content) else {
            (keys, remainder, isLeftOut) = ([], [], true)
            return
        }
        let search = KeySearch(content, named: names, values: values)
        (keys, remainder, isLeftOut) = (search.keys, search.remainder, false)
    }
}
