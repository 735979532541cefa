package import Formats
package import Partners
package import Senders
internal import Tracking

/// A payload that a partner's rules let pass.
package struct Sample: Sendable {
    /// JSON.
    package let text: String
    /// What has to come with it, beside a signature.
    package let headers: [HTTPField]

    init(text: String, headers: [HTTPField] = []) { (self.text, self.headers) = (text, headers) }

    /// A sample with these values; nil if the rules are too special for one.
    package init?(for partner: Partner, of sender: any Sender, _ values: SampleValues) {
        let candidates: [Sample] =
            switch sender.guide.content {
            case .fixed(_, let example): [Sample(text: example(values))]
            case .ownRules:
                [
                    Sample.provided(partner.validation, values),
                    Sample.own(partner.validation, values),
                ].compactMap(\.self)
            }
        guard let passing = candidates.first(where: { $0.passes(partner, sender, values) }) else {
            return nil
        }
        self = passing
    }

    private func passes(
        _ partner: Partner, _ sender: any Sender, _ values: SampleValues
    ) -> Bool {
        let context = BodyContext(
            receivedAt: values.moment,
            header: { name in headers.first { $0.name == name }?.value },
            randomID: {
                var generator = SystemRandomNumberGenerator()
                return UUID(random: &generator)
            })
        return sender.reread(KeptInput(Array(text.utf8), from: partner, context: context))
            .rejects.isEmpty
    }

    /// Printable ASCII: of anything else a header would have another form.
    static func isHeaderValue(_ text: String) -> Bool {
        text.utf8.allSatisfy { 0x20..<0x7F ~= $0 }
    }
}
