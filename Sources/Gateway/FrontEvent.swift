internal import Formats

/// An event as a front builds it: API Gateway, a function URL or a load balancer.
enum FrontEvent {
    /// The event's JSON; nil for anything else.
    ///
    /// Clients may send any byte in a header, a path or a body, and not every front converts it
    /// to UTF-8. Such bytes stay as they are: one header in Latin-1 is no reason to lose a call.
    static func root(of bytes: [UInt8]) -> JSONValue? {
        do throws(JSONError) {
            return try JSONText(bytes, unescaping: "body").root
        } catch {
            guard error.problem == .badUTF8 else { return nil }
            return try? JSONText(bytes, malformedUTF8: .kept, unescaping: "body").root
        }
    }
}
