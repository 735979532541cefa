import Partners

/// How a vendor's user sets a webhook up: where to click, what to paste, and where the secret is.
///
/// Menus are called as the vendor's own documentation calls them, which each case names.
struct VendorSteps {
    let vendor: String
    private let steps: [String]

    /// Nil for a system of the partner's own.
    init?(_ sender: SenderName, _ scheme: SigningRule.Scheme?) {
        switch (sender, scheme) {
        case (.customerIO, _): self = Self.customerIO
        case (.segmentDestination, _): self = Self.segment(isSigned: scheme == .segment)
        case (.partner, .github): self = Self.github
        case (.partner, .stripe): self = Self.stripe
        case (.partner, .shopify): self = Self.shopify
        case (.partner, .slack): self = Self.slack
        case (.partner, .standardWebhooks): self = Self.svix
        case (.segmentAPI, _), (.partner, _): return nil
        }
    }

    private init(_ vendor: String, _ steps: [String]) {
        self.vendor = vendor
        self.steps = steps
    }

    /// A numbered list in Markdown.
    var text: String {
        steps.enumerated().map { "\($0 + 1). \($1)" }.joined(separator: "\n")
    }

    private static let pass =
        "Give it to us as you would a password: by a way that nobody else reads."

    /// Source: Customer.io Docs, "Reporting webhooks".
    private static let customerIO = VendorSteps(
        "Customer.io",
        [
            "Open **Data & Integrations → Integrations**, and choose **Reporting Webhooks**.",
            "Click **Add Reporting Webhook**, and paste the URL into **Webhook Endpoint**.",
            "Choose the events. Leave **Body Content** off: what your messages say is not needed.",
            "Copy the webhook's signing key, which is the secret. \(pass)",
            "When we have the key, click **Save and Enable Webhook**.",
        ])

    /// Source: Twilio Docs, "Webhooks (Actions) Destination".
    private static func segment(isSigned: Bool) -> VendorSteps {
        VendorSteps(
            "Segment",
            [
                "Open **Connections → Catalog**, search for **Webhooks (Actions)**, and choose it.",
                "Click **Configure Webhooks (Actions)**, and choose the source whose calls are sent.",
                isSigned
                    ? "Put the secret into the shared secret of **Settings → Advanced Settings**. "
                        + "Without it nothing is taken."
                    : nil,
                "Under **Mappings** add one, paste the URL into it, and leave its method as `POST`.",
                "Enable the mapping, and then the destination.",
            ].compactMap(\.self))
    }

    /// Source: GitHub Docs, "Creating webhooks".
    private static let github = VendorSteps(
        "GitHub",
        [
            "In the repository or the organization open **Settings → Webhooks**, and click **Add webhook**.",
            "Paste the URL into **Payload URL**, and choose `application/json` as **Content type**.",
            "Put the secret into **Secret**.",
            "Choose the events, leave **Active** on, and click **Add webhook**. GitHub sends a `ping` at once.",
        ])

    /// Source: Stripe Docs, "Manage event destinations".
    private static let stripe = VendorSteps(
        "Stripe",
        [
            "In the Dashboard open **Workbench → Webhooks**, and create a new destination.",
            "Choose the API version and the events, and **Webhook endpoint** as its type.",
            "Paste the URL into **Endpoint URL**, and click **Create destination**.",
            "On the destination's page reveal the signing secret, which begins with `whsec_`. \(pass)",
        ])

    /// Source: Shopify Help Center, "Webhooks".
    private static let shopify = VendorSteps(
        "Shopify",
        [
            "In the admin open **Settings → Notifications → Webhooks**, and click **Create webhook**.",
            "Choose the event, and `JSON` as the format. Paste the URL, and save. Each event needs one.",
            "Below the webhooks stands the key that they are signed with. \(pass)",
            "An app's own webhooks are signed with the app's client secret instead.",
        ])

    /// Source: Slack Developer Docs, "HTTP Request URLs" and "Verifying requests from Slack".
    private static let slack = VendorSteps(
        "Slack",
        [
            "Open your app at <https://api.slack.com/apps>.",
            "Copy the **Signing Secret** of **Basic Information → App Credentials**. \(pass)",
            "When we have it, switch **Event Subscriptions → Enable Events** on, and paste the URL into "
                + "**Request URL**. Slack checks it at once.",
            "Add the events under **Subscribe to bot events**, and click **Save Changes**.",
            "Install the app into the workspace again if Slack asks for it.",
        ])

    /// Source: Svix Docs, "Receiving webhooks" and "Consumer App Portal".
    private static let svix = VendorSteps(
        "Svix",
        [
            "In the webhook portal of the service that sends, open **Endpoints**, and add an endpoint.",
            "Paste the URL into **Endpoint URL**, choose the events, and create it.",
            "On the endpoint's page show the **Signing Secret**, which begins with `whsec_`. \(pass)",
            "Other services that follow Standard Webhooks have the same under names of their own.",
        ])
}
