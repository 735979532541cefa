package import Platform

/// The partners as one event sees them: what a token, an id or a signature may stand for.
package struct PartnerLookup {
    /// Signers of one scheme that are tried: each of their secrets costs a hash of the body.
    package static let maximumSigners = 1000
    /// One more than are tried shows that there are more.
    package static let signerLimit = maximumSigners + 1

    private let book: any PartnerBook
    private let context: LookupContext

    package init(_ book: any PartnerBook, _ context: LookupContext) {
        self.book = book
        self.context = context
    }

    /// Nothing is awaited after it.
    package var deadline: Instant { context.time.deadline }

    /// What was found for a token or an id on a sender's route.
    package enum Finding: Sendable {
        case partner(Partner)
        /// A partner whose senders do not open the route. The reply is the one for an unknown token;
        /// the name is for a log line.
        case otherSender(name: String)
        case nobody
    }

    /// The partner that has this token and may use it on the sender's route; looked up by its hash.
    package func partner(
        token: some Collection<UInt8>, for sender: SenderName
    ) throws(LookupFailure) -> Finding {
        let hash = TokenHash(of: token)
        guard let partner = try book.partner(.token(hash), in: context),
            partner.owns(hash, at: context.time.now)
        else { return .nobody }
        return Finding(partner, for: sender)
    }

    /// The partner of an id that may send on the sender's route.
    ///
    /// A `token`, if there is one, must be the partner's now: the authorizer that named the id may
    /// have checked it minutes ago.
    package func partner(
        id: String, token: [UInt8]? = nil, for sender: SenderName
    ) throws(LookupFailure) -> Finding {
        guard let partner = try book.partner(.id(id), in: context),
            token.map({ partner.owns(TokenHash(of: $0), at: context.time.now) }) ?? true
        else { return .nobody }
        return Finding(partner, for: sender)
    }

    /// The partners that sign by some scheme.
    package struct Signers: Sendable {
        /// ``maximumSigners`` at most: the active ones first.
        package let partners: [Partner]
        /// False when there are more.
        package let isComplete: Bool

        package init(_ found: [Partner], for sender: SenderName) {
            partners = found.prefix(PartnerLookup.maximumSigners)
                .filter { $0.maySend(as: sender) }
            isComplete = found.count <= PartnerLookup.maximumSigners
        }
    }

    /// The partners that sign by this scheme on the sender's routes, whether their status lets them
    /// send or not; removed ones are left out.
    package func signers(
        by scheme: SigningRule.Scheme, for sender: SenderName
    ) throws(LookupFailure) -> Signers {
        Signers(try book.signers(by: scheme, in: context), for: sender)
    }
}

extension PartnerLookup.Finding {
    fileprivate init(_ partner: Partner, for sender: SenderName) {
        self =
            partner.maySend(as: sender) ? .partner(partner) : .otherSender(name: partner.name)
    }
}
