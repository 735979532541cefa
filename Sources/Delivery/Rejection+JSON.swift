internal import Formats
internal import Tracking

extension Rejection {
    /// The record's members.
    enum Member {
        static let code = "code"
        static let message = "message"
        static let index = "index"
        static let sender = "sender"
        static let partner = "partner"
        static let receivedAt = "receivedAt"
        static let requestID = "requestId"
        static let authentication = "auth"
        static let destination = "destination"
        /// Bytes of an input of which not all is kept.
        static let inputLength = "bodyBytes"
        static let text = "body"
        /// An input that is not UTF-8.
        static let base64 = "bodyBase64"
    }

    /// The published text, and whether the input had to be cut for it.
    struct Text {
        let bytes: [UInt8]
        let isCut: Bool
    }

    /// Writes the record in `maximumSize` bytes, the message's attributes included.
    ///
    /// A longer input is cut, and `bodyBytes` then tells how long it was. The rest is lost if the
    /// sender was told that all is well, as Customer.io is: whoever publishes this logs the cut.
    func text(maximumSize: Int) -> Text {
        let isText = UTF8Sequence.isValid(input)
        // Room for the attributes: four names, types and values.
        let limit = maximumSize - 1024 - partner.utf8.count
        var kept = min(input.count, limit)
        while true {
            let text = json(input[..<(isText ? boundary(kept) : kept)], isText: isText)
            if text.count <= limit || kept == 0 {
                return Text(bytes: text, isCut: kept < input.count)
            }
            // An escape takes up to six bytes for one, and base64 four for three. Each round keeps
            // at most five sixths of the one before.
            kept = kept * 5 / 6
        }
    }

    private func json(_ body: ArraySlice<UInt8>, isText: Bool) -> [UInt8] {
        var writer = JSONWriter(reserving: body.count + 512)
        writer.object { object in
            object.member(Member.code, code)
            object.member(Member.message, message)
            if let index { object.member(Member.index, index) }
            object.member(Member.sender, sender)
            object.member(Member.partner, partner)
            object.member(Member.receivedAt, receivedAt.rfc3339 ?? "")
            object.member(Member.requestID, requestID)
            if let authentication {
                object.member(Member.authentication, authentication.rawValue)
            }
            if let destination { object.member(Member.destination, destination.name) }
            if body.count < inputLength { object.member(Member.inputLength, inputLength) }
            if isText {
                object.name(Member.text)
                object.string(utf8: body.span)
            } else {
                object.name(Member.base64)
                let encoded = Base64.encode(Array(body))
                object.string(utf8: encoded.span)
            }
        }
        return writer.bytes
    }

    /// The last place not after `count` at which a character ends.
    private func boundary(_ count: Int) -> Int {
        var count = count
        while count > 0, count < input.count, input[count] & 0xC0 == 0x80 { count -= 1 }
        return count
    }
}

extension Rejection {
    /// Reads the topic's message, in SNS's envelope or, with raw delivery, by itself; nil for anything
    /// else.
    package init?(published bytes: [UInt8]) {
        guard var root = (try? JSONText(bytes))?.root else { return nil }
        if root["Type"]?.equals("Notification") == true, let inner = root["Message"]?.utf8 {
            guard let text = try? JSONText(inner) else { return nil }
            root = text.root
        }
        guard let code = root[Member.code]?.string, let sender = root[Member.sender]?.string,
            let partner = root[Member.partner]?.string, let input = Self.input(of: root),
            let time = root[Member.receivedAt]?.utf8, let receivedAt = Timestamp(rfc3339: time)
        else { return nil }
        self.init(
            code: code, message: root[Member.message]?.string ?? "",
            index: root[Member.index]?.int, sender: sender, partner: partner, partnerID: nil,
            receivedAt: receivedAt, requestID: root[Member.requestID]?.string ?? "",
            destination: root[Member.destination].map { Destination($0.string ?? "") },
            authentication: root[Member.authentication]?.string.flatMap(
                Origin.Authentication.init(rawValue:)),
            input: input, inputLength: root[Member.inputLength]?.int)
    }

    private static func input(of root: JSONValue) -> [UInt8]? {
        root[Member.text]?.utf8 ?? root[Member.base64]?.utf8.flatMap { Base64.decode($0) }
    }
}
