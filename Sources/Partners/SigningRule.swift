internal import Formats
package import Secrets

/// How a partner signs what it sends.
package struct SigningRule: Sendable {
    /// The recipes that have a name, and ``custom``, whose recipe stands in the record.
    package enum Scheme: String, Sendable, CaseIterable {
        case segment
        case customerio
        case standardWebhooks = "standard-webhooks"
        case github
        case stripe
        case shopify
        case slack
        case custom
    }

    package let scheme: Scheme
    package let recipe: SignatureRecipe
    /// At least one; any of them may have signed.
    package let secrets: [Secret]
    /// How far a signed time may be from ours, if the recipe signs one; zero allows any time.
    package let tolerance: Duration
}

extension SigningRule {
    /// The recipe, and its variant under other header names if the scheme has one.
    package var recipes: [SignatureRecipe] {
        scheme == .standardWebhooks ? [recipe, .svix] : [recipe]
    }

    /// The headers that a claim is read from, whichever recipe it follows.
    package var headerNames: Set<String> {
        recipes.reduce(into: []) { $0.formUnion($1.headerNames) }
    }

    /// A day: a longer tolerance would be no protection.
    private static let maximumToleranceSeconds = 86400

    private static let keys: [String] = ["scheme", "secrets", "tolerance_seconds"]

    init(_ value: JSONValue, at place: String) throws(PartnerError) {
        let isCustom = value["scheme"]?.equals(Scheme.custom.rawValue) == true
        var mistakes = MistakeList()
        let record = try RecordReader(
            value, at: place,
            keys: isCustom ? Self.keys + SignatureRecipe.customKeys : Self.keys,
            mistakes: &mistakes)
        let scheme = try mistakes.gather { () throws(PartnerError) in try Self.scheme(record) }
        let recipe =
            try mistakes.gather { () throws(PartnerError) in
                try scheme.map { scheme throws(PartnerError) in try Self.recipe(scheme, record) }
            }
        let secrets = try mistakes.gather { () throws(PartnerError) in
            try Self.secrets(record, recipe)
        }
        let tolerance = try mistakes.gather { () throws(PartnerError) in
            try recipe.map { recipe throws(PartnerError) in try Self.tolerance(record, recipe) }
        }
        try mistakes.check()
        guard let scheme, let recipe, let secrets, let tolerance else {
            preconditionFailure("what is missing is a mistake")
        }
        self.scheme = scheme
        self.recipe = recipe
        self.secrets = secrets
        self.tolerance = tolerance
    }

    private static func scheme(_ record: RecordReader) throws(PartnerError) -> Scheme {
        if let scheme: Scheme = try record.choice("scheme") { return scheme }
        let known = Scheme.allCases.map(\.rawValue).joined(separator: ", ")
        throw .invalid(place: record.place, problem: "scheme is missing; known are \(known)")
    }

    private static func recipe(
        _ scheme: Scheme, _ record: RecordReader
    ) throws(PartnerError) -> SignatureRecipe {
        switch scheme {
        case .segment: .segment
        case .customerio: .customerio
        case .standardWebhooks: .standardWebhooks
        case .github: .github
        case .stripe: .stripe
        case .shopify: .shopify
        case .slack: .slack
        case .custom: try SignatureRecipe(custom: record)
        }
    }

    /// The secrets; of one that stands here in the clear, the key that it spells.
    ///
    /// Without a recipe, which is a mistake of its own, the secrets are checked as texts.
    private static func secrets(
        _ record: RecordReader, _ recipe: SignatureRecipe?
    ) throws(PartnerError) -> [Secret] {
        let secrets: [Secret]? = try record.list("secrets") { text, place, _ throws(PartnerError) in
            guard !text.isEmpty else { throw .invalid(place: place, problem: "empty") }
            let secret = try Self.secret(text, at: place)
            guard case .plain(let bytes) = secret, let recipe else { return secret }
            return .plain(try recipe.key.bytes(of: bytes, at: place))
        }
        guard let secrets else {
            throw .invalid(place: record.place, problem: "secrets are missing")
        }
        return secrets
    }

    private static func secret(_ text: String, at place: String) throws(PartnerError) -> Secret {
        do throws(SecretError) {
            return try Secret(text)
        } catch {
            throw .invalid(place: place, problem: error.reason)
        }
    }

    private static func tolerance(
        _ record: RecordReader, _ recipe: SignatureRecipe
    ) throws(PartnerError) -> Duration {
        let name = "tolerance_seconds"
        guard let value = record[name] else { return recipe.defaultTolerance }
        guard let seconds = value.int, 0...Self.maximumToleranceSeconds ~= seconds else {
            throw .invalid(
                place: record.place(of: name),
                problem: "not a whole number from 0 to \(Self.maximumToleranceSeconds)")
        }
        return .seconds(seconds)
    }
}
