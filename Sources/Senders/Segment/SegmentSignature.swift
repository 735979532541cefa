internal import Formats
internal import Partners

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
    /// Where the header for the whole of the body is there, it alone counts. `isSigned` tells
    /// whether one of the partner's secrets made a claim's signature.
    static func verify(
        _ calls: CallList, values: (String) -> [String],
        isSigned: (SignatureClaim) throws(Refusal) -> Bool
    ) throws(Refusal) -> Coverage? {
        func isMade(
            _ recipe: SignatureRecipe, _ text: ArraySlice<UInt8>
        ) throws(Refusal) -> Bool {
            guard let claim = try? SignatureClaim(recipe, values: values, body: text) else {
                return false
            }
            return try isSigned(claim)
        }
        if !values(SignatureRecipe.segmentWhole.header).isEmpty {
            return try isMade(.segmentWhole, calls.bytes[...]) ? .whole : nil
        }
        guard let first = calls.firstElement else {
            return try isMade(.segment, calls.bytes[...]) ? .whole : nil
        }
        return try isMade(.segment, first) ? .firstElement : nil
    }
}
