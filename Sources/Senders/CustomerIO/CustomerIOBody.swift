internal import Formats

/// A reporting webhook's JSON, no larger than a call may be.
///
/// With Body Content switched on an event holds a whole email, and may be much larger. What becomes
/// no part of its call is then taken out before the event is indexed.
struct CustomerIOBody {
    let json: JSONValue
    /// True if `content` and `headers` of `data` have been made null.
    let isWithoutContent: Bool

    /// Nil for a text that is too large also without those.
    init?(_ text: [UInt8], maximumCall: Int) throws(JSONError) {
        guard text.count > maximumCall else {
            json = try JSONText(text).root
            isWithoutContent = false
            return
        }
        // The event, its data, and the members of that. A name or a value has two bytes at least,
        // with what stands before or after it.
        let outline = try JSONText(
            outlining: text, depth: 2, maximumNodes: maximumCall / 2 + 1)
        guard !outline.isCut else { return nil }
        let shorter = Self.withoutContents(outline.root)
        guard shorter.count <= maximumCall else { return nil }
        json = try JSONText(shorter).root
        isWithoutContent = true
    }

    private static func withoutContents(_ event: JSONValue) -> [UInt8] {
        var out: [UInt8] = []
        var at = event.range.lowerBound
        for data in event.members where data.name.equals("data") {
            for member in data.value.members where DataMapping.isContent(member.name) {
                out += event.text.bytes[at..<member.value.range.lowerBound]
                out += Array("null".utf8)
                at = member.value.range.upperBound
            }
        }
        return out + event.text.bytes[at..<event.range.upperBound]
    }
}
