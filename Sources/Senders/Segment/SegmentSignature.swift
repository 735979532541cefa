internal import Formats
internal import Partners
internal import Tracking

/// The signatures of Segment's webhook destinations: HMAC-SHA1 of the JSON text as it was sent.
///
/// Source: Twilio Segment, "Webhooks (Actions)", and action-destinations' `webhook`.
enum SegmentSignature {
    /// What the headers prove; nil if they prove nothing.
    ///
    /// If there is a header for the whole body, it alone counts. Without it only the first element of
    /// an array is signed. `isSigned` tells whether one of the partner's secrets made a claim's
    /// signature.
    static func verify(
        _ calls: CallList, values: (String) -> [String],
        isSigned: (SignatureClaim) throws(Refusal) -> Bool
    ) throws(Refusal) -> Proof? {
        func isMade(
            _ recipe: SignatureRecipe, _ text: ArraySlice<UInt8>
        ) throws(Refusal) -> Bool {
            guard let claim = try? SignatureClaim(recipe, values: values, body: text) else {
                return false
            }
            return try isSigned(claim)
        }
        if !values(SignatureRecipe.segmentWhole.header).isEmpty {
            return try isMade(.segmentWhole, calls.bytes[...]) ? .all(.signed) : nil
        }
        guard let first = calls.firstElement else {
            return try isMade(.segment, calls.bytes[...]) ? .all(.signed) : nil
        }
        return try isMade(.segment, first) ? .firstSigned : nil
    }
}
