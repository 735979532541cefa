import Formats
import LocalServer
import Partners
import Platform
import Samples
import Senders

/// Samples of what partners send: `GET /_inlet/partners` and `POST /_inlet/sample`.
struct SampleDesk: Sendable {
    /// Nil if the functions have no registry.
    let partners: KnownPartners?
    let tokens: TokenMemory

    /// Whom a sample can be of: each partner with each of its senders.
    func list() -> LocalResponse {
        var writer = JSONWriter()
        writer.array { writer in
            for partner in partners?.list() ?? [] {
                for sender in partner.validation.senders {
                    writer.object { writer in
                        writer.member("partner", partner.name)
                        writer.member("sender", sender.rawValue)
                        writer.member("isTokenAsked", isTokenAsked(of: partner, as: sender))
                    }
                }
            }
        }
        return .fresh(writer)
    }

    /// Composes a sample, with a mark in place of the token; it is sent by `/_inlet/send`.
    func sample(_ asked: LocalRequest) -> LocalResponse {
        let root = (try? JSONText(asked.body))?.root
        guard let name = root?["partner"]?.string, let partner = partner(named: name),
            let sender = root?["sender"]?.string.flatMap(SenderName.init(rawValue:)),
            let reading = partners?.reading()
        else { return ResendError.noSuchPartner.response }
        let values = SampleValues(id: "sample-\(RandomText.uuid())", at: System.wallClock())
        guard let sample = Sample(for: partner, of: RouteTable.sender(sender), values) else {
            return ResendError.noSample.response
        }
        let isTokenLeftOut = tokens[name] == nil && isKnownBySignature(partner, sender)
        let request = try? SampleRequest(
            Array(sample.text.utf8), headers: sample.headers, as: sender,
            token: isTokenLeftOut ? nil : TokenMark.text, nil)
        guard let request else { return ResendError.noSample.response }
        return response(request, of: partner, as: sender, reading)
    }

    private func response(
        _ request: SampleRequest, of partner: Partner, as sender: SenderName,
        _ reading: PartnerReading
    ) -> LocalResponse {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("partner", partner.name)
            writer.member("sender", sender.rawValue)
            writer.member("isTokenAsked", isTokenAsked(of: partner, as: sender))
            writer.member("method", request.method)
            writer.member(
                "target",
                request.path.replacing(
                    PercentEncoding.encode(TokenMark.text), with: TokenMark.text))
            writer.list("headers", request.headers) { field, writer in
                writer.object { writer in
                    writer.member("name", field.name)
                    writer.member(
                        "value",
                        field.isNamed("authorization") ? "Basic \(TokenMark.text)" : field.value)
                }
            }
            writer.member("body", String(decoding: request.body, as: UTF8.self))
            writer.name("signing")
            if let role = SigningRole(partner, as: sender) {
                role.write(reading, to: &writer)
            } else {
                writer.null()
            }
        }
        return .fresh(writer)
    }

    /// The partner that has this name now.
    func partner(named name: String) -> Partner? {
        partners?.list().first { $0.name == name }
    }

    /// True if a request needs a token that nobody has told yet.
    private func isTokenAsked(of partner: Partner, as sender: SenderName) -> Bool {
        tokens[partner.name] == nil && !isKnownBySignature(partner, sender)
    }

    /// True for a sender that has a route without a token, if the partner signs.
    private func isKnownBySignature(_ partner: Partner, _ sender: SenderName) -> Bool {
        RouteTable.pathWithoutToken(to: sender) != nil
            && SigningRole(partner, as: sender) != nil
    }
}
