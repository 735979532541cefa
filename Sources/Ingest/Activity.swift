/// What a handler is doing, for the log line of an event that runs out of time.
package enum Activity: Int, CaseIterable, Sendable {
    case handling, partners, secrets, publishing

    package var name: String {
        switch self {
        case .handling: "the handler"
        case .partners: "the partners"
        case .secrets: "a signing secret"
        case .publishing: "SNS"
        }
    }
}
