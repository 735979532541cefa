import AWS
import Formats
import Partners
import Platform
import Senders
import Store

extension Command {
    static let partnerGuide = Command(
        words: ["partner", "guide"],
        summary: "Print an integration guide for a partner, in Markdown.",
        operands: [Operand(name: "NAME", kind: .partner)], options: [WebhookAddress.option],
        details: """
            The guide has, for each of the partner's senders: the URL with a placeholder for the token,
            an example that passes the rules, how to sign, and what the answers mean. It holds no
            secret.
            """,
        examples: [Example("inlet partner guide crm >crm.md", "a page to send to the partner")]
    ) { session throws(InletError) in
        let name = session.arguments.operands[0]
        let (entry, partner) = try session.reading(name) { catalog throws(StoreError) in
            let entry = try catalog.entry(name: name)
            return (entry, try entry.partner())
        }
        let address = try WebhookAddress(session)
        let senders = partner.validation.senders
        let guides = senders.map { sender in
            IntegrationGuide(
                partner: partner, sender: RouteTable.sender(sender),
                networks: entry.allowedNetworks, address: address
            ).text
        }
        let guide = guides.joined(separator: "\n\n")
        if session.isJSON {
            return try session.print(json: { writer in
                writer.object { object in
                    object.member("name", partner.name)
                    object.member("url", address.url(nil, of: partner.mainSender))
                    object.member("guide", guide)
                }
            })
        }
        try session.print(guide)
        if address.isPlaceholder { session.console.note(WebhookAddress.hint) }
    }
}

extension PartnerEntry {
    fileprivate var allowedNetworks: [String] {
        let networks = self["validation_config"]?["allowed_ips"]?.unlessNull
        return networks.map { $0.elements.compactMap(\.string) } ?? []
    }
}
