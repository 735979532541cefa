import LocalServer

/// SQS and SNS at one address, for programs that are given it as `AWS_ENDPOINT_URL`.
struct AWSDesk: Sendable {
    /// The address's path; queues have theirs behind it.
    static let path = "/_aws"

    let sqs: SQSEndpoint
    let sns: SNSEndpoint

    static func takes(_ request: LocalRequest) -> Bool {
        request.path == path || request.path.hasPrefix(path + "/")
    }

    /// Answers a call; the two services are told apart by their protocols.
    func answer(_ request: LocalRequest) -> LocalResponse {
        SQSEndpoint.takes(request) ? sqs.answer(request) : sns.answer(request)
    }
}
