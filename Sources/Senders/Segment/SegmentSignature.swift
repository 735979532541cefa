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
        let part = part(of: text, headers)
        guard let claim = try? SignatureClaim(part.recipe, headers: headers, body: part.text)
        else { return nil }
        return try isSigned(claim) ? part.proof : nil
    }

    /// What a signature has to cover, by the headers that are there.
    static func part(of text: SignedText, _ headers: [HTTPField]) -> Part {
        if headers[SignatureRecipe.segmentWhole.header] != nil {
            return Part(recipe: .segmentWhole, text: text.whole, proof: .all(.signed))
        }
        guard let first = text.first else {
            return Part(recipe: .segment, text: text.whole, proof: .all(.signed))
        }
        return Part(recipe: .segment, text: first, proof: .firstSigned)
    }

    /// What is signed by one of the headers, and what that proves.
    struct Part {
        let recipe: SignatureRecipe
        let text: ArraySlice<UInt8>
        let proof: Proof
    }
}
