internal import Formats
internal import Store

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

    /// What is proven by the headers; nil when they prove nothing.
    ///
    /// Where the header for the whole of the body is there, it alone counts.
    static func verify(
        _ body: RequestBody, values: (String) -> [String], keys: [[UInt8]]
    ) -> Coverage? {
        func isSigned(_ recipe: SignatureRecipe, _ text: ArraySlice<UInt8>) -> Bool {
            let claim = try? SignatureClaim(recipe, values: values, body: text)
            return claim?.isMade(by: keys) == true
        }
        if !values(SignatureRecipe.segmentWhole.header).isEmpty {
            return isSigned(.segmentWhole, body.bytes[...]) ? .whole : nil
        }
        guard let first = body.json.elements.first else {
            return isSigned(.segment, body.bytes[...]) ? .whole : nil
        }
        return isSigned(.segment, first.raw) ? .firstElement : nil
    }
}
