import Formats
import LocalServer

/// One request to the API, and what is known of it so far.
struct RecordedRequest: Sendable {
    /// The most log lines and messages that are kept of one request.
    static let maximumParts = 3000

    /// API Gateway's id.
    let id: String
    let time: Timestamp
    let start: ContinuousClock.Instant
    let mask: CredentialMask
    /// Nil if the API has no such route.
    let route: Template.Route?
    var request: LocalRequest
    /// Nil until it is answered.
    var reply: LocalResponse?
    var duration: Duration?
    var facts = RequestFacts()
    /// Lambda's ids of the invocations for it.
    var invocations: [String] = []
    /// The functions that were invoked for it, in order.
    var functions: [String] = []
    var lines: [FunctionLine] = []
    var messages: [RecordedMessage] = []
    /// True once bodies and texts were given up for newer requests.
    var isTrimmed = false

    /// Roughly the bytes that it takes.
    var weight: Int {
        request.body.count + (reply?.body.count ?? 0)
            + messages.reduce(0) { $0 + $1.text.utf8.count }
            + lines.reduce(0) { $0 + $1.text.utf8.count }
    }

    /// Gives up what takes most of the place.
    mutating func trim() {
        isTrimmed = true
        request = LocalRequest(
            method: request.method, path: request.path, query: request.query,
            headers: request.headers, peer: request.peer, port: request.port)
        reply?.body = []
        lines = []
        for place in messages.indices { messages[place].text = "" }
    }
}

/// A message that was published for a request.
struct RecordedMessage: Sendable {
    /// SNS's id.
    let id: String
    /// The topic's name.
    let topic: String
    /// True for a message that says why an input was rejected.
    let isReject: Bool
    var text: String
    let attributes: [SNSMessage.Attribute]
    var handovers: [QueueDelivery.Handover]
    /// What functions made of it, in order: the last ones, of a message that comes again and again.
    private(set) var results: [RecordedResult] = []

    /// The most results that are kept.
    private static let maximumResults = 50

    mutating func add(_ result: RecordedResult) {
        if results.count == Self.maximumResults { results.removeFirst() }
        results.append(result)
    }
}

/// What a function that polls a queue made of a message.
struct RecordedResult: Sendable {
    let function: String
    let queue: String
    /// Lambda's id of the invocation, which may have been about other messages too.
    let invocation: String
    /// The message's id in the queue.
    let record: String
    /// False if the message comes again.
    let isDone: Bool
}
