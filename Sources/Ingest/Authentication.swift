internal import Formats
internal import Gateway
internal import Partners
internal import Senders

/// Who a request comes from, and whether that partner may send it.
enum Authentication {
    /// The partner that the custom authorizer let in.
    ///
    /// Where the front has run none, or one of somebody else's, the same check is made here. What it
    /// has said may be minutes old, and of another route: the partner's senders and tokens count as
    /// they are now, so that a key that has leaked is of no use as soon as it is replaced.
    static func caller(
        of request: Request, in partners: PartnerLookup, sender: SenderName
    ) throws(Refusal) -> Partner {
        var key: [UInt8]?
        if case .key(let given) = BasicCredentials(request.headers["authorization"]) { key = given }
        if let context = request.authorizer,
            let id = context["partnerId"]?.string
        {
            return try active { () throws(LookupFailure) in
                try partners.partner(id: id, token: key, for: sender)
            }
        }
        guard let key else { throw unknown }
        return try active { () throws(LookupFailure) in
            try partners.partner(token: key, for: sender)
        }
    }

    /// The partner whose token is in the path.
    ///
    /// Whatever the token looks like it is hashed and looked up, and who has made it up waits for
    /// that as its owner does.
    static func owner(
        of token: String, in partners: PartnerLookup, sender: SenderName,
        unknown: Refusal = Authentication.unknown, deleted: Refusal = Authentication.unknown
    ) throws(Refusal) -> Partner {
        try active(unknown: unknown, deleted: deleted) { () throws(LookupFailure) in
            try partners.partner(token: Array(token.utf8), for: sender)
        }
    }

    /// Refuses an address that the partner's `allowed_ips` do not hold.
    ///
    /// It is checked here and not by the authorizer, whose answers are cached by key.
    static func check(_ sourceIP: String?, mayActFor partner: Partner) throws(Refusal) {
        guard partner.allows(sourceIP.flatMap(IPAddress.init)) else {
            throw Refusal(
                .forbidden, code: "ip_not_allowed",
                message: "This partner may not send from this address.", partner: partner.name)
        }
    }

    private static let unknown = Refusal(
        .notAuthentic, code: "unauthorized",
        message: "The API key or token is missing or not known.")

    private static func active(
        unknown: Refusal = Authentication.unknown, deleted: Refusal = Authentication.unknown,
        _ lookUp: () throws(LookupFailure) -> PartnerLookup.Finding
    ) throws(Refusal) -> Partner {
        let partner = try Refusal.whereUnreachable(lookUp).partner(orElse: unknown)
        try checkStanding(of: partner, deleted: deleted)
        return partner
    }

    /// Refuses a partner that may not send, saying why.
    static func checkStanding(
        of partner: Partner, deleted: Refusal = Authentication.unknown
    ) throws(Refusal) {
        switch partner.standing {
        case .active: return
        case .deleted: throw deleted
        case .inactive:
            throw Refusal(
                .forbidden, code: "partner_inactive", message: "This partner is not active.",
                partner: partner.name)
        case .suspended:
            throw Refusal(
                .forbidden, code: "partner_suspended", message: "This partner is suspended.",
                partner: partner.name)
        }
    }
}
