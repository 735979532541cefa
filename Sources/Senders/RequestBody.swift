internal import Compression
internal import Formats

/// A request's body as JSON: inflated where it is gzip, without a byte order mark.
struct RequestBody {
    /// Why there is no JSON.
    enum Problem: Error, Equatable {
        case tooLarge(limit: Int)
        case notGzip
        case notJSON(reason: String)

        /// Nothing of the request can be a message then.
        func reject(_ input: [UInt8]) -> Reject {
            switch self {
            case .tooLarge: Reject(.tooLarge, code: code, message: message, input: input)
            case .notGzip, .notJSON: Reject(.invalid, code: code, message: message, input: input)
            }
        }

        var refusal: Refusal {
            switch self {
            case .tooLarge: Refusal(.tooLarge, code: code, message: message)
            case .notGzip, .notJSON: Refusal(.invalid, code: code, message: message)
            }
        }

        private var code: String {
            switch self {
            case .tooLarge: "body_too_large"
            case .notGzip, .notJSON: "bad_request"
            }
        }

        private var message: String {
            switch self {
            case .tooLarge(let limit): "The body is larger than \(limit) bytes."
            case .notGzip: "The body begins as gzip and cannot be inflated."
            case .notJSON(let reason): "The body is not JSON: \(reason)."
            }
        }
    }

    /// What was sent, inflated.
    let bytes: [UInt8]
    let json: JSONValue

    /// Decides by content: SDKs send JSON as text/plain, and gateways inflate without saying so.
    init(_ body: [UInt8], maximum: Int) throws(Problem) {
        var bytes = body
        if Gzip.isGzip(body) {
            do throws(GzipError) {
                bytes = try Gzip.inflate(body, maximum: maximum)
            } catch .tooLarge(let limit) {
                throw .tooLarge(limit: limit)
            } catch {
                throw .notGzip
            }
        }
        guard bytes.count <= maximum else { throw .tooLarge(limit: maximum) }
        self.bytes = bytes
        let isMarked = bytes.starts(with: [0xEF, 0xBB, 0xBF])
        do throws(JSONError) {
            json = try JSONText(isMarked ? Array(bytes.dropFirst(3)) : bytes).root
        } catch {
            throw .notJSON(reason: error.reason)
        }
    }
}
