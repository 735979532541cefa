import Formats
import Partners
import Samples
import Senders
import Tracking

/// What a partner is told, in Markdown: where to send, what, how signed, and what the answers mean.
struct IntegrationGuide {
    let partner: Partner
    /// One of the partner's.
    let sender: any Sender
    /// The networks of `allowed_ips` as they are written there.
    let networks: [String]
    let address: WebhookAddress

    private var guide: SenderGuide { sender.guide }

    var text: String {
        var sections = [title, send]
        if let vendor {
            sections.append("## Where to click in \(vendor.vendor)\n\n\(vendor.text)")
        }
        sections.append("## What to send\n\n\(rules)")
        if let signing {
            let guide = SignatureGuide(recipe: signing.recipe, tolerance: signing.tolerance)
            let warning = unsignedHeaders(signing).map { "\n\n\($0)" } ?? ""
            sections.append("## Signature\n\n\(guide.words)\(warning)")
        }
        sections.append("## Try it\n\n\(example)")
        sections.append("## Answers\n\n\(answers)")
        sections.append("## Sending again\n\n\(retries)")
        return sections.joined(separator: "\n\n")
    }

    /// The steps of the vendor whose webhooks these are; nil for a system of the partner's own.
    private var vendor: VendorSteps? { VendorSteps(sender.name, partner.signing?.scheme) }

    /// Of several senders each has a guide of its own.
    private var title: String {
        let title = "# \(guide.subject) of \(Markdown.text(partner.name))"
        guard let provider = guide.provider, partner.validation.senders.count > 1 else {
            return title
        }
        return "\(title), by \(provider)"
    }

    /// The rule that signatures are checked by; the tracking API has none.
    private var signing: SigningRule? {
        switch guide.credentials {
        case .token: partner.signing
        case .writeKey: nil
        }
    }

    /// A warning about headers that give the call values and that nothing signs; nil without any.
    private func unsignedHeaders(_ signing: SigningRule) -> String? {
        guard case .ownRules = guide.content else { return nil }
        let signed = signing.recipes.flatMap { recipe in
            var names = [recipe.idHeader].compactMap(\.self)
            if case .header(let name) = recipe.time { names.append(name) }
            return names
        }
        var names: [String] = []
        for field in WebhookMapping.fields {
            for case .header(let name) in partner.validation.mapping[field]
            where !signed.contains(name) && !names.contains(name) {
                names.append(name)
            }
        }
        guard !names.isEmpty else { return nil }
        return """
            These headers are not signed: \(names.map(Markdown.code).joined(separator: ", ")). Whoever captures a
            request can send it again with other values in them.
            """
    }

    private var url: String { address.url(nil, of: sender.name) }

    private var send: String {
        """
        \(guide.instruction)

            POST \(url)

        \(credentials) A new one can be had at any time, and the old one then stays valid for a while.
        """
    }

    private var credentials: String {
        let token = "`\(WebhookAddress.tokenPlaceholder)` stands for the"
        guard case .writeKey = guide.credentials else {
            return """
                \(token) token that you were given. Whoever has it can send in your name: keep it as you
                keep a password.
                """
        }
        return """
            \(token) write key that you were given. It is the user name of HTTP Basic, with no password,
            or `writeKey` in the body; an SDK of Segment's takes it with `\(address.base)` for its host.
            The other calls have paths of their own, from `/v1/identify` to `/v1/batch`.
            """
    }

    private var rules: String {
        var lines = ["- JSON in UTF-8, plain or gzip."]
        let validation = partner.validation
        switch guide.content {
        case .ownRules(let maximumItems, let maximumCall):
            lines += [
                "- An object, or an array of up to \(maximumItems) objects.",
                "- Up to \(validation.maximumBytes) bytes, inflated, and \(maximumCall) of each event.",
            ]
            lines += FieldList(validation: validation, isVendors: vendor != nil).lines
            if vendor != nil, !validation.requiredFields.isEmpty {
                let paths = validation.requiredFields.map { Markdown.code($0.text) }
                lines.append("- Every event has: \(paths.joined(separator: ", ")).")
            }
            if let events = validation.eventTypes {
                lines.append(
                    "- These events and no others: \(events.map(Markdown.code).joined(separator: ", "))."
                )
            }
        case .fixed(let sentence, _): lines.append("- \(sentence)")
        }
        if !networks.isEmpty {
            let texts = networks.map(Markdown.code).joined(separator: ", ")
            lines.append("- From these addresses only: \(texts).")
        }
        return lines.joined(separator: "\n")
    }

    private var example: String {
        guard let payload = Sample(for: partner, of: sender, .shown) else {
            return "`inlet check` tells whether a payload of yours would pass: ask us."
        }
        guard let signing else {
            // The tracking API's key is the user name.
            let key =
                if case .writeKey = guide.credentials {
                    " -u \(WebhookAddress.tokenPlaceholder):"
                } else {
                    ""
                }
            return """
                ```sh
                curl -sS\(key) \(url) \(SignatureGuide.options(for: payload.headers)) \\
                  -d \(shellWord(payload.text))
                ```
                """
        }
        return signedExample(of: payload, by: signing)
    }

    private func signedExample(of payload: Sample, by signing: SigningRule) -> String {
        let guide = SignatureGuide(recipe: signing.recipe, tolerance: signing.tolerance)
        let program = """
            ```python
            import base64, hashlib, hmac, time, urllib.request, uuid

            url = \(SignatureGuide.quoted(url))
            secret = \(SignatureGuide.quoted(SignatureGuide.secretPlaceholder))
            body = \(SignatureGuide.quoted(payload.text)).encode()
            headers = \(SignatureGuide.dictionary(of: payload.headers))
            \(guide.program)
            request = urllib.request.Request(url, body, headers, method="POST")
            with urllib.request.urlopen(request) as response:
                print(response.status, response.read().decode())
            ```
            """
        guard let commands = guide.shellProgram(url: url, headers: payload.headers) else {
            return program
        }
        return """
            ```sh
            secret=\(shellWord(SignatureGuide.secretPlaceholder))
            body=\(shellWord(payload.text))
            \(commands)
            ```

            The same as a program:

            \(program)
            """
    }

    /// A row for each status that the sender's contract has.
    private var answers: String {
        var rows: [(status: Int, meanings: [String])] = []
        func add(_ outcome: Outcome, _ meaning: String) {
            let status = sender.status(for: outcome)
            if let at = rows.firstIndex(where: { $0.status == status }) {
                rows[at].meanings.append(meaning)
            } else {
                rows.append((status, [meaning]))
            }
        }
        for outcome in Outcome.allCases { add(outcome, meaning(outcome)) }
        add(
            sender.heldPartner(named: partner.name, .inactive).outcome,
            "sending is switched off for you")
        rows.sort { $0.status < $1.status }
        let lines = rows.map { "| \($0.status) | \($0.meanings.joined(separator: "; ")) |" }
        return """
            | status | meaning |
            |---|---|
            \(lines.joined(separator: "\n"))

            The body of an error is `{"code":"…","message":"…"}`, with `details` where several things
            are wrong.
            """
    }

    private func meaning(_ outcome: Outcome) -> String {
        switch outcome {
        case .published: guide.stored
        case .invalid: "nothing in it is valid: correct it"
        case .unsupportedType: "this type of call is not taken"
        case .tooLarge: "too large: send less at once"
        case .notAuthentic: "credentials or signature are missing or wrong"
        case .forbidden: "not allowed from this address"
        case .notFound: "the token is not known"
        case .gone: "your webhook has been removed: stop sending"
        case .notAccepted: "not stored: send all of it again"
        }
    }

    private var retries: String {
        let status = sender.status(for: .notAccepted)
        return """
            Send again after \(status), another 5xx, 429 or no answer within 30 seconds: first after the
            `Retry-After` of the answer, or some seconds, then after twice as long each time, for a day at
            least. Do not send again after another 4xx before something has been corrected. Give every
            event an id of its own and send it with the same id again: then a repetition does no harm.
            """
    }
}
