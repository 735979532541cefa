/// Why PostgreSQL gave no result.
///
/// No text in it holds a password or a value that was bound.
package enum PostgreSQLError: Error, Equatable {
    /// The URI cannot be read, or it holds characters that must be percent-encoded.
    case malformedURI
    /// The URI leaves it to the server whether its password is encrypted on the way.
    case sslModeMissing
    /// No connection; `reason` is the server's or the library's.
    case cannotConnect(reason: String)
    case timedOut
    /// The connection ended while an answer was awaited: whether the statement was run is unknown.
    case connectionLost
    /// The server refused the statement.
    case refused(Refusal)

    /// What the server said.
    package struct Refusal: Sendable, Equatable {
        /// Five characters.
        package let state: String
        /// The constraint that would not hold any more.
        package let constraint: String?
        /// The server's words, if they cannot hold a value.
        package let message: String?
    }

    /// True if the statement was certainly not run, so that it may be sent on another connection.
    package var mayBeRepeated: Bool {
        guard case .refused(let refusal) = self else { return false }
        // The server ends.
        return ["57P01", "57P02", "57P03"].contains(refusal.state)
    }
}
