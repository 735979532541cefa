package import Formats
package import Transport

extension HTTPResponse {
    /// What `Retry-After` asks for, in seconds or as a date, and never longer than SDKs wait; nil if
    /// there is none.
    ///
    /// Source: RFC 9110, section 10.2.3.
    package func retryAfter(at now: Timestamp) -> Duration? {
        guard let text = headers["retry-after"] else { return nil }
        let longest = Duration.seconds(300)
        if !text.isEmpty, text.utf8.allSatisfy({ $0 &- 0x30 < 10 }) {
            return min(Int(text).map { .seconds($0) } ?? longest, longest)
        }
        guard let date = HTTPDate.parse(text) else { return nil }
        // The server's own clock tells how far off its date is.
        let clock = headers["date"].flatMap(HTTPDate.parse) ?? now
        let wait = Duration.microseconds(date.microseconds - clock.microseconds)
        return max(.zero, min(wait, longest))
    }
}
