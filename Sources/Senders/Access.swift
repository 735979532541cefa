package import Gateway
internal import Formats
package import Partners
internal import Platform

/// Who a request comes from, and whether that partner may send it: the same checks for all senders.
///
/// Each sender makes those that its protocol has, in the order in which its answers count, and ends
/// with ``admit(_:)``: without an ``Admission`` there is no ``Intake``.
package struct Access {
    let sender: any Sender
    let partners: PartnerLookup
    let search: SignerSearch
    private let request: Request

    /// Checks one request on the sender's route.
    package init(
        to sender: any Sender, for request: Request, partners: PartnerLookup, search: SignerSearch
    ) {
        self.sender = sender
        self.request = request
        self.partners = partners
        self.search = search
    }

    /// The time for reading the request: half of what is left, from now on.
    var readingTime: ReadingTime { ReadingTime(until: partners.deadline) }

    /// The active partner whose token this is, if it may send by this route.
    ///
    /// Whatever the token looks like, it is hashed and looked up, so that a made-up one takes as long
    /// as a real one.
    func owner(of token: [UInt8]) throws(Refusal) -> Claimant {
        let partner = try activePartner { () throws(LookupFailure) in
            try partners.partner(token: token, for: sender.name)
        }
        return Claimant(partner: partner, token: token)
    }

    /// The partner that the custom authorizer let in.
    ///
    /// If no authorizer of ours ran, the key is checked here. The authorizer's answer may be minutes
    /// old, and of another route: the partner's senders and tokens count as they are now, so that a
    /// leaked key is of no use as soon as it is replaced.
    func caller() throws(Refusal) -> Claimant {
        var key: [UInt8]?
        if case .key(let given) = BasicCredentials(request.headers["authorization"]) { key = given }
        if let id = request.authorizer?["partnerId"]?.string {
            let partner = try activePartner { () throws(LookupFailure) in
                try partners.partner(id: id, token: key, for: sender.name)
            }
            return Claimant(partner: partner, token: key)
        }
        guard let key else { throw sender.unknownPartner }
        return try owner(of: key)
    }

    /// Whether a secret of the partner's rule made the signature; `isMade` tells it of one key.
    ///
    /// - Throws: ``Refusal/notChecked`` if a secret that could not be had may have made it.
    func isSigned(by rule: SigningRule, _ isMade: ([UInt8]) -> Bool) throws(Refusal) -> Bool {
        switch search.signer(among: [rule], isMade: { isMade($1) }) {
        case .signed: return true
        case .unsigned: return false
        case .undecided, .tooCostly: throw .notChecked
        }
    }

    /// Lets a partner in that has shown who it is, from an address of its `allowed_ips`.
    ///
    /// The authorizer cannot check the address: its answers are cached by key.
    func admit(_ claimant: Claimant) throws(Refusal) -> Admission {
        let partner = claimant.partner
        guard partner.allows(request.sourceIP.flatMap(IPAddress.init)) else {
            throw Refusal(
                .forbidden, code: "ip_not_allowed",
                message: "This partner may not send from this address.", partner: partner.name)
        }
        return Admission(of: claimant)
    }

    /// The partner that is found, if it may send.
    private func activePartner(
        _ lookUp: () throws(LookupFailure) -> PartnerLookup.Finding
    ) throws(Refusal) -> Partner {
        let finding = try Refusal.notCheckedIfUnreachable(lookUp)
        let partner = try finding.partner(orElse: sender.unknownPartner)
        try checkStanding(of: partner)
        return partner
    }

    /// Refuses a partner that may not send, as its sender must be told.
    func checkStanding(of partner: Partner) throws(Refusal) {
        switch partner.standing {
        case .active: return
        case .deleted: throw sender.removedPartner
        case .inactive, .suspended:
            throw sender.heldPartner(named: partner.name, partner.status)
        }
    }
}

/// The partner that a request says it comes from, and the token by which it says so.
struct Claimant {
    let partner: Partner
    /// Nil if a signature alone says it.
    let token: [UInt8]?
}

/// A partner whose input is taken in.
package struct Admission: Sendable {
    package let partner: Partner
    /// What of the request must not be kept with its rejects.
    let token: [UInt8]?

    /// For bodies outside of requests; requests have ``Access/admit(_:)``.
    package init(vouchedFor partner: Partner) { (self.partner, token) = (partner, nil) }

    fileprivate init(of claimant: Claimant) {
        (partner, token) = (claimant.partner, claimant.token)
    }
}
