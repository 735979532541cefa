import Formats
import Synchronization

/// A bucket of S3 on a socket, with S3's replies, that can also fail in S3's ways.
///
/// It does not check signatures: moto does.
package final class S3StandIn: Sendable {
    /// What becomes of a call, by its number, counted from 1, and its target; nil is success.
    package typealias Fault = @Sendable (Int, String) -> SocketServer.Reply?

    package let server: SocketServer
    package var url: String { server.url }
    /// The bucket's name.
    package static let bucket = "archive"

    /// `page` is how many keys a page has at most, as S3 may have it too; `changes` are objects that
    /// are others once a part of them was read; `tag` is the ETag of all, as the listing has it.
    package init(
        _ objects: [String: [UInt8]], page: Int = 1000, changes: [String: [UInt8]] = [:],
        tag: String? = nil, fault: @escaping Fault = { _, _ in nil }
    ) throws {
        let count = Mutex(0)
        let read = Mutex<Set<String>>([])
        server = try SocketServer { request in
            let number = count.withLock { count in
                count += 1
                return count
            }
            if let reply = fault(number, request.target) { return reply }
            let parts = request.target.split(separator: "?", maxSplits: 1).map(String.init)
            let path = String(
                decoding: PercentEncoding.decode(parts[0].utf8.span), as: UTF8.self)
            if path == "/\(Self.bucket)" {
                return Self.list(
                    objects, query: parts.count > 1 ? parts[1] : "", page: page, tag: tag)
            }
            let key = String(path.dropFirst(Self.bucket.count + 2))
            let isChanged = read.withLock { !$0.insert(key).inserted }
            guard path.hasPrefix("/\(Self.bucket)/"),
                let object = isChanged ? changes[key] ?? objects[key] : objects[key]
            else {
                return path.hasPrefix("/\(Self.bucket)/")
                    ? Self.error(404, "NoSuchKey") : Self.error(404, "NoSuchBucket")
            }
            if let tag = request["if-match"], tag != Self.entityTag(of: object) {
                return Self.error(412, "PreconditionFailed")
            }
            guard let range = request["range"] else {
                return .response(status: 200, body: object)
            }
            // `bytes=0-9`, as it is asked for here.
            let ends = range.dropFirst("bytes=".count).split(separator: "-").compactMap { Int($0) }
            guard ends.count == 2, ends[0] < object.count else {
                return Self.error(416, "InvalidRange")
            }
            return .response(
                status: 206, body: Array(object[ends[0]...min(ends[1], object.count - 1)]))
        }
    }

    package func stop() { server.stop() }

    /// The targets of all calls so far, in order, percent-encoding undone.
    package var targets: [String] {
        server.requests.map {
            String(decoding: PercentEncoding.decode($0.target.utf8.span), as: UTF8.self)
        }
    }

    /// What S3 calls these bytes, in quotation marks.
    private static func entityTag(of object: [UInt8]) -> String {
        "\"\(object.count)-\(object.prefix(64).hashValue)\""
    }

    /// An error in S3's form.
    package static func error(
        _ status: Int, _ code: String, _ message: String = "No."
    ) -> SocketServer.Reply {
        .text(
            status,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>\(code)</Code>"
                + "<Message>\(message)</Message><RequestId>1</RequestId></Error>",
            [("Content-Type", "application/xml")])
    }

    private static func list(
        _ objects: [String: [UInt8]], query: String, page: Int, tag: String?
    ) -> SocketServer.Reply {
        var values: [String: String] = [:]
        for pair in PercentEncoding.pairs(Array(query.utf8)) {
            values[String(decoding: pair.name, as: UTF8.self)] =
                String(decoding: pair.value, as: UTF8.self)
        }
        // The token of this stand-in is the last key of the page before.
        let start = values["continuation-token"] ?? values["start-after"] ?? ""
        let found = objects.keys.filter { key in
            key.hasPrefix(values["prefix"] ?? "")
                && start.utf8.lexicographicallyPrecedes(key.utf8)
        }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let shown = found.prefix(min(page, values["max-keys"].flatMap { Int($0) } ?? 1000))
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult "
        text += "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>\(bucket)</Name>"
        for key in shown {
            text += "<Contents><Key>\(PercentEncoding.encode(key))</Key>"
            let object = objects[key] ?? []
            let tag = (tag ?? entityTag(of: object)).replacing("\"", with: "&quot;")
            text += "<ETag>\(tag)</ETag>"
            text += "<Size>\(object.count)</Size></Contents>"
        }
        text += "<KeyCount>\(shown.count)</KeyCount>"
        text += "<IsTruncated>\(shown.count < found.count)</IsTruncated>"
        if shown.count < found.count {
            text += "<NextContinuationToken>\(shown.last ?? "")</NextContinuationToken>"
        }
        return .text(200, text + "</ListBucketResult>", [("Content-Type", "application/xml")])
    }
}

/// Lines as Firehose writes them of what SNS delivers.
package enum ArchiveLine {
    /// SNS's envelope around a message; `at` is when SNS took it.
    package static func envelope(
        _ id: String, partner: String = "web-app", type: String = "track",
        at time: String = "2026-01-05T10:00:00.000Z", text: String? = nil
    ) -> String {
        var writer = JSONWriter()
        writer.object { object in
            object.member("Type", "Notification")
            object.member("MessageId", "0b8f4f0e-6f0a-4a55-8a6e-0d4be1c1f0aa")
            object.member("TopicArn", "arn:aws:sns:us-east-1:123456789012:messages")
            object.member("Message", text ?? message(id, type: type))
            object.member("Timestamp", time)
            object.name("MessageAttributes")
            object.object { list in
                for (name, value) in [
                    ("type", type), ("partner", partner), ("sender", "segment-api"),
                    ("auth", "key"), ("messageId", id), ("requestId", "r-\(id)"),
                ] {
                    list.name(name)
                    list.object { attribute in
                        attribute.member("Type", "String")
                        attribute.member("Value", value)
                    }
                }
            }
        }
        return writer.text
    }

    /// A message as Inlet publishes it.
    package static func message(_ id: String, type: String = "track") -> String {
        let name = type == "track" ? #""event":"Order Shipped","# : ""
        return #"{"type":"\#(type)","messageId":"\#(id)","userId":"u-42",\#(name)"#
            + #""properties":{"total":12.50,"text":"ä \" \\ 😀"},"#
            + #""receivedAt":"2026-01-05T10:00:00.500Z"}"#
    }

    /// The line of a record that Firehose found no place for.
    package static func failed(_ line: String) -> String {
        var writer = JSONWriter()
        writer.object { object in
            object.member("attemptsMade", 1)
            object.member("errorCode", "DynamicPartitioning.ActivePartitionsExceeded")
            object.member(
                "rawData", String(decoding: Base64.encode(Array(line.utf8)), as: UTF8.self))
        }
        return writer.text
    }

    /// The bytes of a file with these lines, as `gzip` makes them without compressing.
    package static func gzip(_ lines: [String]) -> [UInt8] {
        gzip(Array(lines.map { $0 + "\n" }.joined().utf8))
    }

    private static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]
        var rest = bytes[...]
        repeat {
            // A stored block has 65,535 bytes at most.
            let block = rest.prefix(65_535)
            rest = rest.dropFirst(block.count)
            out.append(rest.isEmpty ? 1 : 0)
            let length = UInt16(block.count)
            for number in [length, ~length] {
                out.append(UInt8(number & 0xFF))
                out.append(UInt8(number >> 8))
            }
            out += block
        } while !rest.isEmpty
        var sum: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum >> 1 ^ (sum & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
        for number in [~sum, UInt32(bytes.count)] {
            for shift in [0, 8, 16, 24] { out.append(UInt8(number >> UInt32(shift) & 0xFF)) }
        }
        return out
    }
}
