import Formats
import Platform

/// One event for a function.
struct Invocation: Sendable {
    let event: [UInt8]
    let requestID: String
    /// JSON, already out of its Base64.
    let clientContext: String?
    /// `Root=1-…;Parent=…;Sampled=…`.
    let traceID: String
    /// The ids of what it is about: of the API's request, or of published messages.
    let origins: [String]

    /// Gives the event an id; without the caller's trace it starts one.
    init(
        event: [UInt8], clientContext: String? = nil, traceRoot: String? = nil,
        origins: [String] = []
    ) {
        self.event = event
        self.origins = origins
        self.clientContext = clientContext
        requestID = RandomText.uuid()
        traceID = Trace.forFunction(traceRoot ?? Trace.newRoot())
    }
}

/// What became of an invocation.
enum InvocationResult: Sendable, Equatable {
    case success([UInt8])
    /// The error as JSON, `errorMessage` and `errorType` in it.
    case failure([UInt8])
    /// All processes that the function may have are busy.
    case throttled

    /// A failure in Lambda's own words.
    static func failure(type: String, message: String) -> InvocationResult {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("errorType", type)
            writer.member("errorMessage", message)
        }
        return .failure(writer.bytes)
    }
}

/// X-Ray trace ids.
///
/// Source: AWS X-Ray Developer Guide, "Tracing header".
enum Trace {
    /// `Root=1-<epoch, hex>-<24 hex digits>`.
    static func newRoot() -> String {
        let seconds = System.wallClock().milliseconds / 1000
        return "Root=1-\(String(seconds, radix: 16))-\(RandomText.hex(bytes: 12))"
    }

    static func forFunction(_ header: String) -> String {
        var parts = header.split(separator: ";").map(String.init)
        if !parts.contains(where: { $0.hasPrefix("Parent=") }) {
            parts.append("Parent=\(RandomText.hex(bytes: 8))")
        }
        if !parts.contains(where: { $0.hasPrefix("Sampled=") }) { parts.append("Sampled=0") }
        return parts.joined(separator: ";")
    }
}
