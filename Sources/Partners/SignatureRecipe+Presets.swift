extension SignatureRecipe {
    /// Segment's webhook destinations, one call at a time.
    ///
    /// Source: Twilio Segment, "Webhooks (Actions)".
    package static let segment = SignatureRecipe(algorithm: .sha1, header: "x-signature")

    /// Segment's webhook destinations with the setting that makes the signature cover all.
    package static let segmentWhole = SignatureRecipe(
        algorithm: .sha1, header: "x-segment-signature")

    /// Customer.io's reporting webhooks.
    ///
    /// Its documentation does not say how the signature is spelled: `v0=` is seen elsewhere.
    /// Source: Customer.io, "Reporting webhooks"; customerio-node, `lib/webhooks.ts`.
    package static let customerio = SignatureRecipe(
        header: "x-cio-signature", prefix: Prefix(text: "v0=", isRequired: false),
        template: [.text("v0:"), .timestamp, .text(":"), .body],
        time: .header("x-cio-timestamp"))

    /// Source: Standard Webhooks, specification 1.0.0, symmetric signatures.
    package static let standardWebhooks = SignatureRecipe(
        key: Key(encoding: .base64, prefix: "whsec_"), header: "webhook-signature",
        layout: .elements(separator: " ", equals: ",", name: "v1"), encoding: .base64,
        template: [.id, .text("."), .timestamp, .text("."), .body], idHeader: "webhook-id",
        time: .header("webhook-timestamp"))

    /// Standard Webhooks under the names that Svix, who has made it, gives to its headers.
    ///
    /// Source: Svix Docs, "Verifying webhooks manually".
    package static let svix = SignatureRecipe(
        key: standardWebhooks.key, header: "svix-signature", layout: standardWebhooks.layout,
        encoding: standardWebhooks.encoding, template: standardWebhooks.template,
        idHeader: "svix-id", time: .header("svix-timestamp"))

    /// Source: GitHub Docs, "Validating webhook deliveries".
    package static let github = SignatureRecipe(
        header: "x-hub-signature-256", prefix: Prefix(text: "sha256=", isRequired: true))

    /// Source: Stripe Docs, "Verify webhook signatures manually".
    package static let stripe = SignatureRecipe(
        header: "stripe-signature",
        layout: .elements(separator: ",", equals: "=", name: "v1"),
        template: [.timestamp, .text("."), .body], time: .element("t"))

    /// Source: Shopify, "Verify webhook deliveries".
    package static let shopify = SignatureRecipe(
        header: "x-shopify-hmac-sha256", encoding: .base64)

    /// Source: Slack, "Verifying requests from Slack".
    package static let slack = SignatureRecipe(
        header: "x-slack-signature", prefix: Prefix(text: "v0=", isRequired: true),
        template: [.text("v0:"), .timestamp, .text(":"), .body],
        time: .header("x-slack-request-timestamp"))
}
