internal import Formats

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
    /// How far a signed time may be from ours, where the recipe signs one; zero lets any time in.
    package let tolerance: Duration
}

extension SigningRule {
    /// The recipe, and the same under other headers' names where senders have both.
    package var recipes: [SignatureRecipe] {
        scheme == .standardWebhooks ? [recipe, .svix] : [recipe]
    }

    /// A day: a longer tolerance would be no protection.
    private static let maximumToleranceSeconds = 86400

    private static let keys: [String] = ["scheme", "secrets", "tolerance_seconds"]

    init(_ value: JSONValue, at place: String) throws(StoreError) {
        let isCustom = value["scheme"]?.equals(Scheme.custom.rawValue) == true
        let record = try RecordReader(
            value, at: place,
            keys: isCustom ? Self.keys + SignatureRecipe.customKeys : Self.keys)
        guard let scheme: Scheme = try record.choice("scheme") else {
            let known = Scheme.allCases.map(\.rawValue).joined(separator: ", ")
            throw .invalid(place: place, problem: "scheme is missing; known are \(known)")
        }
        self.scheme = scheme
        recipe = try Self.recipe(scheme, record)
        secrets = try Self.secrets(record, recipe)
        tolerance = try Self.tolerance(record, recipe)
    }

    private static func recipe(
        _ scheme: Scheme, _ record: RecordReader
    ) throws(StoreError) -> SignatureRecipe {
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
    private static func secrets(
        _ record: RecordReader, _ recipe: SignatureRecipe
    ) throws(StoreError) -> [Secret] {
        guard let texts = try record.texts("secrets") else {
            throw .invalid(place: record.place, problem: "secrets are missing")
        }
        var secrets: [Secret] = []
        for (text, place) in texts {
            guard !text.isEmpty else { throw .invalid(place: place, problem: "empty") }
            switch try Secret(text, at: place) {
            case .plain(let bytes):
                secrets.append(.plain(try recipe.key.bytes(of: bytes, at: place)))
            case .kept(let reference): secrets.append(.kept(reference))
            }
        }
        return secrets
    }

    private static func tolerance(
        _ record: RecordReader, _ recipe: SignatureRecipe
    ) throws(StoreError) -> Duration {
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
