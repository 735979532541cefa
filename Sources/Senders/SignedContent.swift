internal import Compression
package import Formats
package import Partners
internal import Tracking

/// What of a request is signed on a sender's route.
package struct SignedContent {
    /// The recipe that the request's headers follow.
    package let recipe: SignatureRecipe
    /// What may be signed, each of them; one at least.
    package let texts: [ArraySlice<UInt8>]

    /// What a body that is gzip holds; nil for others.
    package static func inflated(_ body: [UInt8]) -> [UInt8]? {
        try? RequestBody.inflated(body, maximum: CallLimits.webhookBody)
    }

    package static func isGzip(_ body: [UInt8]) -> Bool { Gzip.isGzip(body) }
}

extension SenderName {
    /// What of this body is signed by a partner's rule, when these headers come with it; nil if a
    /// request to this sender cannot be signed by the rule.
    package func signedContent(
        of body: [UInt8], headers: [HTTPField], by rule: SigningRule
    ) -> SignedContent? {
        switch (self, rule.scheme) {
        case (.partner, _):
            return SignedContent(
                recipe: rule.recipe(of: headers),
                texts: [body[...]] + (SignedContent.inflated(body).map { [$0[...]] } ?? []))
        case (.customerIO, .customerio):
            return SignedContent(recipe: .customerio, texts: [body[...]])
        case (.segmentDestination, .segment):
            let calls = try? SegmentDestination.calls(body)
            let part = SegmentSignature.part(
                of: SegmentDestination.signedText(of: body, calls), headers)
            return SignedContent(recipe: part.recipe, texts: [part.text])
        case (.segmentAPI, _), (.segmentDestination, _), (.customerIO, _): return nil
        }
    }
}
