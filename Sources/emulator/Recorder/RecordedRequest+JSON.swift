import Formats
import LocalServer
import Platform

extension JSONWriter {
    /// Writes a member whose value is null if there is none.
    mutating func member(_ name: String, _ value: String?) {
        self.name(name)
        if let value { string(value) } else { null() }
    }

    mutating func member(_ name: String, _ value: Int?) {
        self.name(name)
        if let value { number(value) } else { null() }
    }

    /// Writes the members of an array under a name.
    mutating func list<Element>(
        _ name: String, _ elements: [Element], _ write: (Element, inout JSONWriter) -> Void
    ) {
        self.name(name)
        array { writer in for element in elements { write(element, &writer) } }
    }
}

extension RecordedRequest {
    /// Writes the request at a glance, without its credentials.
    func writeSummary(to writer: inout JSONWriter) {
        writer.object { writeSummaryMembers(to: &$0) }
    }

    func writeSummaryMembers(to writer: inout JSONWriter) {
        writer.member("id", id)
        writer.member("time", time.rfc3339 ?? "")
        writer.member("method", request.method)
        writer.member("path", mask.hide(request.path))
        writer.member("status", reply?.status)
        writer.member("sender", facts.sender)
        writer.member("partner", facts.partner)
        writer.member("outcome", facts.outcome)
        writer.member("code", facts.code)
        writer.member("accepted", facts.accepted)
        writer.member("rejected", facts.rejected)
        writer.member("milliseconds", duration.map { Int($0.milliseconds) })
        writer.list("messageIds", facts.messageIDs) { $1.string($0) }
    }
}
