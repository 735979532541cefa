internal import AWS
internal import Formats
internal import Transport

/// A call for the Segment API.
package struct SegmentItem: Sendable {
    /// An object, as it goes into the batch.
    let json: [UInt8]
    /// Calls of one group arrive in order; nil if order does not matter.
    let group: String?

    package init(json: [UInt8], group: String?) {
        self.json = json
        self.group = group
    }
}

/// Calls as the Segment API takes them: a batch in a request.
///
/// Source: Twilio Segment, "HTTP Tracking API Source" (batch, errors) and "Rate limits".
struct SegmentBatch: Destination {
    let items: [SegmentItem]

    private static let opening = Array(#"{"batch":["#.utf8)
    private static let ending = Array("]}".utf8)

    var count: Int { items.count }
    /// 32 KB, with the comma that follows; Segment's own SDKs fill 1024 bytes each.
    var maximumItemSize: Int { 32_768 + 1 }

    /// Of 500 KB, read as 1000 bytes each: the smaller reading is within both.
    func limits(of stream: ItemStream) -> RequestLimits {
        RequestLimits(items: 2500, size: 500_000 - Self.opening.count - Self.ending.count)
    }

    func size(of item: Int) -> Int { items[item].json.count + 1 }

    func streams(of indices: [Int]) -> [ItemStream] {
        let loose = indices.filter { items[$0].group == nil }
        let ordered = indices.filter { items[$0].group != nil }
        return (loose.isEmpty ? [] : [ItemStream(items: loose, isOrdered: false)])
            + ItemStream.ordered(ordered) { items[$0].group ?? "" }
    }

    /// Without `sentAt`: Segment would correct times by it that are correct already.
    func body(of indices: [Int]) -> [UInt8] {
        var body = Self.opening
        body.reserveCapacity(indices.reduce(16) { $0 + size(of: $1) })
        for (place, index) in indices.enumerated() {
            if place > 0 { body.append(UInt8(ascii: ",")) }
            body += items[index].json
        }
        return body + Self.ending
    }

    func answer(
        in response: HTTPResponse, to indices: [Int], at now: Timestamp
    ) -> DeliveryAnswer {
        let status = response.status
        func failed(_ kind: FailureKind, refusal: Verdict.Refusal? = nil) -> DeliveryAnswer {
            .failed(
                DeliveryFailure(
                    kind, reason: "Segment answered HTTP \(status)", refusal: refusal,
                    retryAfter: response.retryAfter(at: now)))
        }
        switch status {
        case 200: return .taken(except: [])
        case 400: return failed(.permanent, refusal: .other(code: "refused_by_segment"))
        case 413: return failed(.permanent, refusal: .tooLarge)
        case 401, 403:
            return .failed(
                DeliveryFailure(
                    .permanent, reason: "Segment does not accept the write key (HTTP \(status))"))
        case 429: return failed(.throttling)
        // Another success is none that Segment knows: whoever answered may not be Segment.
        case 201..<300, 408, 500...599: return failed(.transient)
        default: return failed(.permanent)
        }
    }
}
