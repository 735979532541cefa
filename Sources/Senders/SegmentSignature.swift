internal import Formats
internal import Signing

/// The signatures of Segment's webhook destinations: HMAC-SHA1 of the JSON text as it was sent.
///
/// Source: Twilio Segment, "Webhooks (Actions)", and action-destinations' `webhook`.
enum SegmentSignature {
    /// How far a signature reaches.
    enum Coverage: Equatable {
        case whole
        /// Of a batch only the first element was signed.
        case firstElement
    }

    /// The whole of the body; nil where the header is not there.
    static let wholeHeader = "x-segment-signature"
    /// The body, or of an array the first element's text.
    static let header = "x-signature"

    /// What is proven by the headers; nil when they prove nothing.
    static func verify(
        _ body: RequestBody, values: (String) -> [String], secrets: [[UInt8]]
    ) -> Coverage? {
        let whole = values(wholeHeader)
        if !whole.isEmpty {
            return matches(whole, body.bytes[...], secrets) ? .whole : nil
        }
        guard let first = body.json.elements.first else {
            return matches(values(header), body.bytes[...], secrets) ? .whole : nil
        }
        return matches(values(header), first.raw, secrets) ? .firstElement : nil
    }

    /// True when the only value of the header is the signature by one of the secrets.
    private static func matches(
        _ values: [String], _ text: ArraySlice<UInt8>, _ secrets: [[UInt8]]
    ) -> Bool {
        guard values.count == 1, let given = Hex.decode(values[0].utf8) else { return false }
        // Every secret is tried, whichever matches.
        return secrets.reduce(false) { found, secret in
            let expected = HMAC.sha1(key: secret, message: text)
            return ConstantTime.equal(expected.span, given.span) || found
        }
    }
}
