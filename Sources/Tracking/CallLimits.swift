/// How much one request may hold.
///
/// Source: Twilio Segment, "Rate limits" and "HTTP API"; their KB is read as 1024 bytes, because
/// SDKs fill requests up to that.
package enum CallLimits {
    /// Unicode scalars.
    package static let messageIDCharacters = 100
    /// One call through the tracking API, in bytes as it was sent.
    package static let call = 32_768
    /// One call in any other form, in bytes; a larger one does not fit into an SNS message.
    package static let webhookCall = 256 << 10
    /// One request with such calls, in bytes after inflation: Lambda takes 6 MB, and Base64 adds a
    /// third.
    package static let webhookBody = 5 << 20
    /// A batch's own context and integrations together, which every item is given.
    package static let shared = 32_768
    /// What the items of one batch may grow by, in bytes, when they are given that.
    package static let sharedGrowth = 8 << 20
}
