import Formats
import LocalServer

/// What is known of a request at a glance.
///
/// The line that the function writes about it says most. What the line does not say, or a request
/// that reached no function, is filled in from the messages and the reply.
struct RequestFacts: Sendable, Equatable {
    var sender: String?
    var partner: String?
    var outcome: String?
    var code: String?
    var reason: String?
    var accepted: Int?
    var rejected: Int?
    /// Of published messages and of rejects, in the order they were published, and then of calls
    /// that became neither.
    var messageIDs: [String] = []
    /// Published and rejected messages that were seen on topics.
    private(set) var published = 0
    private(set) var rejects = 0

    /// Takes the line that is written about each request.
    mutating func take(_ line: RequestLine) {
        sender = line["sender"] ?? sender
        partner = line["partner"] ?? partner
        outcome = line["outcome"] ?? outcome
        code = line["code"] ?? code
        reason = line["reason"] ?? reason
        accepted = line["published"].flatMap { Int($0) } ?? accepted
        rejected = line["rejected"].flatMap { Int($0) } ?? rejected
    }

    /// Takes a message that was published for it.
    mutating func take(_ message: SNSMessage, isReject: Bool) {
        func attribute(_ name: String) -> String? {
            message.attributes.first { $0.name == name }?.value
        }
        sender = sender ?? attribute("sender")
        partner = partner ?? attribute("partner")
        if isReject {
            rejects += 1
            code = code ?? attribute("code")
        } else {
            published += 1
        }
        take(messageIDs: Self.messageIDs(of: message, isReject: isReject))
    }

    /// Takes ids by which the request may be looked for.
    mutating func take(messageIDs ids: [String]) {
        let known = Set(messageIDs)
        messageIDs += ids.filter { !known.contains($0) }
    }

    /// Takes the reply.
    mutating func take(_ reply: LocalResponse) {
        let root = (try? JSONText(reply.body))?.root
        if reply.status >= 400 { code = code ?? root?["code"]?.string }
        accepted = accepted ?? root?["accepted"]?.int ?? published
        let items = root?["rejected"].map { Array($0.elements) } ?? []
        rejected = rejected ?? (items.isEmpty ? rejects : items.count)
        outcome = outcome ?? Self.outcome(of: reply.status)
        take(messageIDs: ([root] + items).compactMap { $0?["messageId"]?.string })
    }

    /// The function's word for what a status says, for replies of API Gateway itself.
    private static func outcome(of status: Int) -> String? {
        switch status {
        case 401: "not_authentic"
        case 403: "forbidden"
        case 404: "not_found"
        case 410: "gone"
        case 413: "too_large"
        case 429, 500...: "not_accepted"
        default: nil
        }
    }

    /// The ids that a message has, and those of the input that a reject is about.
    private static func messageIDs(of message: SNSMessage, isReject: Bool) -> [String] {
        guard let root = (try? JSONText(Array(message.text.utf8)))?.root else { return [] }
        guard isReject else { return text(of: root["messageId"]).map { [$0] } ?? [] }
        guard let body = root["body"]?.utf8, let input = (try? JSONText(body))?.root else {
            return []
        }
        let items = input["batch"].map { Array($0.elements) } ?? []
        return ([input] + items).compactMap { text(of: $0["messageId"]) }
    }

    private static func text(of value: JSONValue?) -> String? {
        guard let value else { return nil }
        return value.string ?? value.int.map { String($0) }
    }
}
