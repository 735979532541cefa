internal import Formats

/// A published message as the Segment tracking API takes it: an item of a batch.
///
/// Every field goes out as it was published, byte for byte, but for what Segment sets itself. It
/// corrects a call's time by `originalTimestamp` and `sentAt`, which was done when the message came
/// in. So `sentAt` stays behind, and `originalTimestamp` where it is another instant than
/// `timestamp`: Segment then keeps the published `timestamp`, and adds `originalTimestamp` and
/// `receivedAt` of its own.
package struct OutboundCall: Sendable {
    package let json: [UInt8]
    package let messageID: String?
    /// False where `integrations` names Segment, or analytics.js's `Segment.io`, and says false.
    ///
    /// `All` does not count: it is for the destinations behind Segment.
    package let isMeantForSegment: Bool

    /// Reads a published message; one without a `messageId` gets the one given, so that Segment
    /// recognises it when it is sent twice.
    package init(published text: [UInt8], messageID fallback: String) throws(CallError) {
        guard let call = (try? JSONText(text))?.root, call.kind == .object else {
            throw .notObject
        }
        guard let type = call["type"] else { throw .typeMissing }
        guard let type = type.string.flatMap(CallType.init), type != .delete else {
            throw .typeUnsupported
        }
        let id = call["messageId"]?.unlessNull
        let isNamed = id.map { !$0.equals("") } ?? false
        messageID = isNamed ? id?.string : fallback
        let integrations = call["integrations"]
        isMeantForSegment = ["Segment", "Segment.io"].allSatisfy { name in
            integrations?[name]?.bool != false
        }
        var dropped = ["receivedAt", "writeKey"]
        if let timestamp = call["timestamp"]?.unlessNull {
            dropped.append("sentAt")
            if call["sentAt"] != nil || !Self.isSame(call["originalTimestamp"], as: timestamp) {
                dropped.append("originalTimestamp")
            }
        }
        if !isNamed { dropped.append("messageId") }
        json = Self.json(call, without: dropped, messageID: isNamed ? nil : fallback)
    }

    private static func json(
        _ call: JSONValue, without dropped: [String], messageID: String?
    ) -> [UInt8] {
        var writer = JSONWriter(reserving: call.range.count + 64)
        writer.object { object in
            if let messageID { object.member("messageId", messageID) }
            for member in call.members where !dropped.contains(where: member.name.equals) {
                object.member(member)
            }
        }
        return writer.bytes
    }

    /// True for the same millisecond, which is as exact as Inlet and Segment are.
    private static func isSame(_ one: JSONValue?, as other: JSONValue) -> Bool {
        guard let one = one?.utf8.flatMap({ Timestamp(rfc3339: $0) }),
            let other = other.utf8.flatMap({ Timestamp(rfc3339: $0) })
        else { return false }
        return one.milliseconds == other.milliseconds
    }
}
