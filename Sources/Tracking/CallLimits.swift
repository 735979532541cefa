/// How much one request may hold.
///
/// Source: Twilio Segment, "Rate limits" and "HTTP API"; their KB is read as 1024 bytes, because
/// SDKs fill requests up to that.
package enum CallLimits {
    /// Unicode scalars.
    package static let messageIDCharacters = 100
    /// One call through the tracking API, in bytes as it was sent.
    package static let call = 32_768
    /// A batch's own context and integrations together, which every item is given.
    package static let shared = 32_768
    /// What the items of one batch may grow by, in bytes, when they are given that.
    package static let sharedGrowth = 8 << 20
}
