package import Formats
package import Partners
internal import Senders
internal import Tracking

/// A request as a partner's own system would make it: where to, with which headers, which bytes.
package struct SampleRequest: Sendable {
    package let method = "POST"
    /// From the API's root on; it holds the token if the sender's URL does.
    package let path: String
    package let headers: [HTTPField]
    package let body: [UInt8]

    /// A request of a partner as this sender; `headers` come with the body.
    ///
    /// `token` goes where the sender has it. `signature` is nil if the sender's requests are not
    /// signed.
    ///
    /// - Throws: ``SampleError/tokenMissing(_:)`` if nothing else tells whose the request is.
    package init(
        _ body: [UInt8], headers: [HTTPField], as sender: SenderName, token: String?,
        _ signature: Signature?
    ) throws(SampleError) {
        guard let path = Self.path(body, as: sender, token: token) else {
            throw .tokenMissing(sender)
        }
        self.path = path
        self.body = body
        var fields = headers
        if fields["content-type"] == nil {
            fields.insert(HTTPField("content-type", "application/json"), at: 0)
        }
        if case .writeKey = RouteTable.sender(sender).guide.credentials, let token {
            let user = Base64.encode(Array("\(token):".utf8))
            fields.append(
                HTTPField("authorization", "Basic \(String(decoding: user, as: UTF8.self))"))
        }
        self.headers = fields + (signature?.headers(of: body) ?? [])
    }

    /// The path of a sender's route; a tracking call's depends on what is in it.
    private static func path(_ body: [UInt8], as sender: SenderName, token: String?) -> String? {
        guard let token else { return RouteTable.pathWithoutToken(to: sender) }
        guard case .writeKey(let usual) = RouteTable.sender(sender).guide.credentials else {
            return RouteTable.path(to: sender, token: PercentEncoding.encode(token))
        }
        let call = (try? JSONText(body))?.root
        if call?["batch"]?.kind == .array { return "/v1/batch" }
        let type = call?["type"]?.string.flatMap(CallType.init(rawValue:))
        let isClients = type.map(CallType.ofClients.contains) ?? false
        return "/v1/\((isClients ? type : nil)?.rawValue ?? usual.rawValue)"
    }
}

extension SampleRequest {
    /// What a request is signed with.
    package struct Signature: Sendable {
        /// The names of the headers, of a scheme that has two families of them.
        package enum Family: String, Sendable, CaseIterable {
            case webhook, svix
        }

        private let sender: SenderName
        private let rule: SigningRule
        private let family: Family
        private let key: [UInt8]
        private let id: String
        private let now: Timestamp

        /// A signature by a partner's rule with the key of one of its secrets.
        ///
        /// - Throws: ``SampleError`` if this sender's requests are not signed by that rule.
        package init(
            by rule: SigningRule, as sender: SenderName, _ family: Family = .webhook, key: [UInt8],
            id: String, at now: Timestamp
        ) throws(SampleError) {
            guard sender.signedContent(of: [], headers: [], by: rule) != nil else {
                throw .notSigned(sender, by: rule.scheme)
            }
            guard family == .webhook || rule.scheme == .standardWebhooks else {
                throw .oneFamily(rule.scheme)
            }
            self.sender = sender
            self.rule = rule
            self.family = family
            self.key = key
            self.id = id
            self.now = now
        }

        /// The header fields that show a body to be signed.
        package func headers(of body: [UInt8]) -> [HTTPField] {
            guard let content = sender.signedContent(of: body, headers: [], by: rule) else {
                return []
            }
            let recipe = family == .svix ? SignatureRecipe.svix : content.recipe
            return content.texts.first.map {
                recipe.headers(signing: $0, key: key, id: id, at: now)
            } ?? []
        }
    }
}

/// Why there is no sample request.
package enum SampleError: Error, Equatable {
    /// The sender's requests are not signed, or not by that scheme.
    case notSigned(SenderName, by: SigningRule.Scheme)
    case oneFamily(SigningRule.Scheme)
    case tokenMissing(SenderName)

    package var reason: String {
        switch self {
        case .notSigned(let sender, let scheme):
            "\(sender.rawValue) is not signed by the scheme \(scheme.rawValue)"
        case .tokenMissing(let sender): "a request to \(sender.rawValue) needs the partner's token"
        case .oneFamily(let scheme):
            "only standard-webhooks has headers of two names, and not \(scheme.rawValue)"
        }
    }
}
