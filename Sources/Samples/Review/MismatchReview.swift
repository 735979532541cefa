import Formats
import Partners
import Senders

/// Why no secret made a signature that has the right form: what else may have been signed, and with
/// what, is tried out.
struct MismatchReview {
    let recipe: SignatureRecipe
    let headers: [HTTPField]
    let body: [UInt8]
    /// What may be signed by the rules.
    let texts: [ArraySlice<UInt8>]
    let keys: [[UInt8]]
    /// What the sender says that it signs with.
    let sendersKey: [UInt8]?

    var causes: [String] {
        let found = recognised
        return (found.map { [$0] } ?? unknown) + inflated
    }

    /// A cause that is certain, because the signature is right under it.
    private var recognised: String? {
        if let sendersKey, texts.contains(where: { isMade(of: $0, by: sendersKey) }) {
            return """
                The given secret made the signature, and the partner has another: give one of them the \
                other's.
                """
        }
        for key in keys + [sendersKey].compactMap(\.self) {
            for other in OtherText.all(body) where isMade(of: other.bytes[...], by: key) {
                return "\(other.words)."
            }
            for other in OtherKey.all(key)
            where texts.contains(where: { isMade(of: $0, by: other.bytes) }) {
                return "The right secret was used in another form: \(other.words)."
            }
            if recipe.template != [.body], isMadeOfBodyAlone(key) {
                return "The body alone was signed: sign \(recipe.template.text)."
            }
        }
        return nil
    }

    private var unknown: [String] {
        let parts = recipe.template.parts.compactMap { part in
            switch part {
            case .id: "the id in \(recipe.idHeader ?? "")"
            case .timestamp: "the time"
            case .body: "the body"
            case .text: nil
            }
        }.joined(separator: ", ")
        guard sendersKey != nil else {
            return [
                """
                Either another secret made it, or what is signed is no longer as it was (\(parts)). The \
                sender's secret, if it is given, tells which.
                """
            ]
        }
        return [
            """
            The given secret did not make it either: what is signed is no longer as it was, at one \
            byte or more (\(parts)).
            """
        ]
    }

    /// A hint at what cannot be tried out: the compressed bytes are gone.
    private var inflated: [String] {
        guard let coding = headers["content-encoding"], coding.lowercased().contains("gzip"),
            !SignedContent.isGzip(body)
        else { return [] }
        return [
            """
            content-encoding says gzip, and the body is not: it was inflated on its way. If the \
            compressed bytes were signed, send them without compression.
            """
        ]
    }

    private func isMade(of text: ArraySlice<UInt8>, by key: [UInt8]) -> Bool {
        let claim = try? SignatureClaim(recipe, headers: headers, body: text)
        return claim?.isMade(by: key) == true
    }

    private func isMadeOfBodyAlone(_ key: [UInt8]) -> Bool {
        let claim = try? SignatureClaim(recipe.signingBodyAlone, headers: headers, body: body[...])
        return claim?.isMade(by: key) == true
    }
}

/// What may have been signed in place of what was sent.
struct OtherText {
    /// What was done.
    let words: String
    let bytes: [UInt8]

    static func all(_ body: [UInt8]) -> [OtherText] {
        var texts = [
            OtherText(
                words: "A line break was signed at the end, and not sent", bytes: body + [0x0A]),
            OtherText(words: "An empty text was signed in place of the body", bytes: []),
        ]
        if body.last == 0x0A {
            texts.append(
                OtherText(
                    words: "A line break was added at the end after it had been signed",
                    bytes: Array(body.dropLast())))
        }
        if let content = SignedContent.inflated(body) {
            texts.append(
                OtherText(
                    words: "What is compressed was signed: sign the compressed bytes that are sent",
                    bytes: content))
        }
        if SignedContent.isGzip(body) {
            texts.append(
                OtherText(
                    words: "The compressed bytes were signed: sign what is compressed", bytes: body)
            )
        } else {
            // A signature of a part is asked for where there are several calls.
            texts.append(
                OtherText(
                    words: "The whole array was signed: this header covers its first call alone",
                    bytes: body))
        }
        guard let root = (try? JSONText(body))?.root else { return texts }
        return texts
            + JSONStyle.usual.map { style in
                OtherText(
                    words: "The same JSON was signed in other bytes, written \(style.name): "
                        + "sign the bytes that are sent",
                    bytes: style.text(of: root))
            }
    }
}

/// What may have been made of a secret in place of its key.
struct OtherKey {
    let words: String
    let bytes: [UInt8]

    static func all(_ key: [UInt8]) -> [OtherKey] {
        let base64 = Base64.encode(key)
        var keys = [
            OtherKey(words: "with a line break at its end", bytes: key + [0x0A]),
            OtherKey(words: "as text, and not the bytes that it spells in Base64", bytes: base64),
            OtherKey(
                words: "as text with its prefix, and not the bytes that it spells in Base64",
                bytes: Array("whsec_".utf8) + base64),
            OtherKey(
                words: "as text, and not the bytes that its hexadecimal digits are",
                bytes: Array(Hex.encode(key).utf8)),
        ]
        if let bytes = Base64.decode(key) {
            keys.append(OtherKey(words: "decoded from Base64, and not as text", bytes: bytes))
        }
        if let bytes = Hex.decode(key) {
            keys.append(
                OtherKey(words: "decoded from hexadecimal digits, and not as text", bytes: bytes))
        }
        return keys
    }
}
