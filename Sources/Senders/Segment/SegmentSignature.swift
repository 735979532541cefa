internal import Formats
internal import Partners
internal import Tracking

/// What Segment's servers may have signed.
struct SignedText {
    let whole: ArraySlice<UInt8>
    /// The first element, of an array that has one.
    var first: ArraySlice<UInt8>?
}

/// The signatures of Segment's webhook destinations: HMAC-SHA1 of the JSON text as it was sent.
///
/// Source: Twilio Segment, "Webhooks (Actions)", and action-destinations' `webhook`.
enum SegmentSignature {
    static let headerNames = SignatureRecipe.segmentWhole.headerNames.union(
        SignatureRecipe.segment.headerNames)

    /// What the headers prove; nil if they prove nothing.
    ///
    /// If there is a header for the whole body, it alone counts. Without it only the first element of
    /// an array is signed. `isSigned` tells whether one of the partner's secrets made a claim's
    /// signature.
    static func verify(
        _ text: SignedText, _ headers: [HTTPField],
        isSigned: (SignatureClaim) throws(Refusal) -> Bool
    ) throws(Refusal) -> Proof? {
        func isMade(
            _ recipe: SignatureRecipe, _ text: ArraySlice<UInt8>
        ) throws(Refusal) -> Bool {
            guard let claim = try? SignatureClaim(recipe, headers: headers, body: text) else {
                return false
            }
            return try isSigned(claim)
        }
        if headers[SignatureRecipe.segmentWhole.header] != nil {
            return try isMade(.segmentWhole, text.whole) ? .all(.signed) : nil
        }
        guard let first = text.first else {
            return try isMade(.segment, text.whole) ? .all(.signed) : nil
        }
        return try isMade(.segment, first) ? .firstSigned : nil
    }
}
