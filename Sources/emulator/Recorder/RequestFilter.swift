import Formats
import LocalServer

/// Which requests somebody asks for.
struct RequestFilter: Sendable {
    /// The most requests.
    let limit: Int
    private let wanted: [String: String]

    /// Reads a query, as sent: `limit`, `id`, `messageId`, `sender`, `partner`, `status` and
    /// `outcome`; an empty value asks for nothing.
    init(query: String?) {
        var wanted: [String: String] = [:]
        for pair in PercentEncoding.pairs(Array((query ?? "").utf8)) where !pair.value.isEmpty {
            wanted[String(decoding: pair.name, as: UTF8.self)] = String(
                decoding: pair.value, as: UTF8.self)
        }
        limit = max(0, wanted["limit"].flatMap { Int($0) } ?? 100)
        self.wanted = wanted
    }

    func takes(_ record: RecordedRequest) -> Bool {
        let facts = record.facts
        let status = record.reply.map { String($0.status) } ?? ""
        return has("sender", facts.sender) && has("partner", facts.partner)
            && has("outcome", facts.outcome)
            && (wanted["status"].map { $0 == status || $0 == "\(status.prefix(1))xx" } ?? true)
            && (wanted["id"].map { $0 == record.id || record.invocations.contains($0) } ?? true)
            && (wanted["messageId"].map(facts.messageIDs.contains) ?? true)
    }

    private func has(_ name: String, _ value: String?) -> Bool {
        wanted[name].map { $0 == value } ?? true
    }
}
