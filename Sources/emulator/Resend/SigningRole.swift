import Formats
import Partners
import Samples
import Senders

/// A partner as a sender whose requests it signs.
struct SigningRole {
    let partner: Partner
    let sender: SenderName
    let rule: SigningRule

    /// Nil if this sender's requests are not signed by the partner's rule.
    init?(_ partner: Partner, as sender: SenderName) {
        guard let rule = partner.signing,
            sender.signedContent(of: [], headers: [], by: rule) != nil
        else { return nil }
        self.partner = partner
        self.sender = sender
        self.rule = rule
    }

    /// Whoever should have signed a request; nil if that is nobody, or one of several.
    init?(of record: RecordedRequest, _ partners: PartnerReading) {
        guard let destination = record.request.destination else { return nil }
        let sending = Sending(record: record, partners: partners, destination: destination)
        var partner = sending.partner
        if partner == nil, sending.tokens.isEmpty, sending.sender.name == .customerIO {
            let signers = (try? partners.signers(by: .customerio)) ?? []
            if signers.count == 1 { partner = signers[0] }
        }
        guard let partner else { return nil }
        self.init(partner, as: sending.sender.name)
    }

    /// A key to sign with, or why there is none.
    func key(_ partners: PartnerReading) -> Result<[UInt8], SigningKeyError> {
        let keys = partners.keys(of: rule)
        return keys.first { (try? $0.get()) != nil } ?? keys[0]
    }

    /// The fields with a new signature of the body in place of an old one; an id that was signed
    /// stays.
    func sign(
        _ headers: [HTTPField], _ body: [UInt8], key: [UInt8], at now: Timestamp
    ) -> [HTTPField] {
        let recipe = rule.recipe(of: headers)
        let id = recipe.idHeader.flatMap { headers[$0] } ?? "msg_\(RandomText.hex(bytes: 12))"
        let names = rule.headerNames.union(
            rule.scheme == .segment ? SignatureRecipe.segmentWhole.headerNames : [])
        let kept = headers.filter { !names.contains($0.name.lowercased()) }
        let family: SampleRequest.Signature.Family = recipe == .svix ? .svix : .webhook
        let signature = try? SampleRequest.Signature(
            by: rule, as: sender, family, key: key, id: id, at: now)
        return kept + (signature?.headers(of: body) ?? [])
    }

    /// Writes what the page says of it: nothing of a secret.
    func write(_ partners: PartnerReading, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("partner", partner.name)
            writer.member("sender", sender.rawValue)
            writer.member("scheme", rule.scheme.rawValue)
            var obstacle: String?
            if case .failure(let error) = key(partners) { obstacle = error.reason }
            writer.member("obstacle", obstacle)
        }
    }
}
