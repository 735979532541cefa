package import LambdaRuntime

/// What a handler is doing.
package enum Activity: Sendable {
    case handling, partners, secrets, publishing

    package var wait: Wait {
        switch self {
        case .handling: .handler
        case .partners: .partners
        case .secrets: .signingSecret
        case .publishing: .sns
        }
    }
}
