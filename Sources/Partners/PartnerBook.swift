package import Platform

/// What partners are found in: a list, a database, or what a reference names.
///
/// Partners that may not send are found too: the answer depends on why. A look-up throws only when
/// nothing is known and what the partners are kept in does not answer in time.
package protocol PartnerBook {
    func partner(
        _ key: PartnerKey, in context: LookupContext
    ) throws(LookupFailure) -> Partner?

    /// The partners that sign by this scheme, ``PartnerLookup/signerLimit`` at most: the active ones
    /// come before those that may not send. Removed ones are not among them.
    func signers(
        by scheme: SigningRule.Scheme, in context: LookupContext
    ) throws(LookupFailure) -> [Partner]

    /// Asks what the partners are kept in, past everything that is cached of its answers.
    ///
    /// A list answers when it has been read: an older reading counts.
    ///
    /// - Throws: why it does not answer.
    func inquire(in context: LookupContext) throws(LookupFailure)
}

/// What tells one partner from all others.
package enum PartnerKey: Hashable, Sendable {
    case token(TokenHash)
    case id(String)
}

/// What a look-up is given by the event that it is made for.
package struct LookupContext {
    package let time: TimeBudget
    package let events: LookupEvents

    package init(time: TimeBudget, events: LookupEvents = LookupEvents()) {
        self.time = time
        self.events = events
    }
}
