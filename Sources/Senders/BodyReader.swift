package import Formats
package import Partners
package import Tracking

/// Reads bodies outside of requests, by the rules of today: to try one out, or to take one in that
/// had been rejected.
///
/// Nothing is authenticated here: whoever calls answers for whose the body is. Messages say `key`,
/// but those of a sender that is known by its signature alone.
package struct BodyReader {
    private let receivedAt: Timestamp
    private let randomID: () -> UUID

    package init(receivedAt: Timestamp, randomID: @escaping () -> UUID) {
        self.receivedAt = receivedAt
        self.randomID = randomID
    }

    /// Reads a whole request's body, or one item of a batch where there is an `index`.
    ///
    /// `sender` is whose protocol the body follows, and `type` the type of a call of the tracking API
    /// whose path has said it; `header` gives the value of a header that came with a webhook, named in
    /// lower case.
    package func read(
        _ bytes: [UInt8], of sender: SenderName, from partner: Partner, index: Int? = nil,
        type: CallType? = nil, header: @escaping (String) -> String? = { _ in nil }
    ) -> Intake {
        var intake = Intake(partner: partner)
        do throws(RequestBody.Problem) {
            switch sender {
            case .segmentAPI:
                let json = try RequestBody(bytes, maximum: SegmentAPI.maximumBody).json
                let calls = SegmentCalls(
                    partner: partner, receivedAt: receivedAt, sourceIP: nil, randomID: randomID)
                let isBatch = index == nil && type == nil && json["batch"]?.kind == .array
                return isBatch ? calls.batch(json) : calls.single(json, type: type, index: index)
            case .segmentDestination:
                let calls = try SegmentDestination.calls(bytes)
                SegmentDestination(randomID: randomID).read(calls, nil, into: &intake)
            case .customerIO:
                return CustomerIO(receivedAt: receivedAt, randomID: randomID)
                    .read(bytes, from: partner)
            case .partner:
                return PartnerWebhook(receivedAt: receivedAt, randomID: randomID)
                    .read(bytes, from: partner, authentication: .key, header: header)
            }
        } catch {
            intake.rejects = [error.reject(bytes)]
        }
        return intake
    }
}
