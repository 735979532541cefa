package import Formats
internal import Partners
package import Platform
package import Secrets
internal import Transport

extension RegistryCache {
    /// Asks what the partners are kept in, past everything that is kept of its answers.
    ///
    /// Partners that are JSON answer when they have been read: an older reading counts.
    ///
    /// - Throws: why it does not answer.
    package func inquire(at now: Timestamp, until deadline: Instant) throws(StoreError) {
        switch try place(at: now, until: deadline) {
        case .registry: return
        case .directory(let directory):
            do throws(StoreError) {
                _ = try directory.partner(token: Self.inquiry, until: deadline)
            } catch {
                // Whether there is such a token does not matter, nor what its record holds.
                guard error.isOfRecord else { throw error }
            }
        }
    }

    private static let inquiry = TokenHash(of: Array("inquiry".utf8))
}
