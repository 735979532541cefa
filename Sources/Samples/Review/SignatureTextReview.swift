import Formats
import Partners

/// Why a header's text holds no signature of a recipe's form.
struct SignatureTextReview {
    let recipe: SignatureRecipe
    /// The header's value.
    let header: String
    let example: String

    var problem: HeaderReview.Problem {
        guard let text = signatureText else {
            return HeaderReview.Problem(
                text: "\(recipe.header) holds no signature of the scheme's form",
                causes: ["It must be like: \(example)."])
        }
        return HeaderReview.Problem(
            text: "\(recipe.header) holds no \(name(recipe.encoding)) of \(length) bytes",
            causes: [cause(of: text)])
    }

    private var length: Int { recipe.algorithm.length }

    /// The first signature as it is written, without what stands before it; nil if that is not there.
    private var signatureText: Substring? {
        let texts: [Substring] =
            switch recipe.layout {
            case .single: [header[...]]
            case .list(let separator): header.split(separator: separator)
            case .elements(let separator, let equals, let name):
                header.split(separator: separator).compactMap { element in
                    element.hasPrefix("\(name)\(equals)")
                        ? element.dropFirst(name.count + 1) : nil
                }
            }
        guard let text = texts.first else { return nil }
        guard let prefix = recipe.prefix else { return text }
        if text.hasPrefix(prefix.text) { return text.dropFirst(prefix.text.count) }
        return prefix.isRequired ? nil : text
    }

    private func cause(of text: Substring) -> String {
        for encoding in SignatureRecipe.Encoding.allCases where encoding != recipe.encoding {
            if encoding.decode(text.utf8)?.count == length {
                return "It is \(name(encoding, of: text)): it must be \(name(recipe.encoding))."
            }
        }
        for algorithm in SignatureRecipe.Algorithm.allCases where algorithm != recipe.algorithm {
            if recipe.encoding.decode(text.utf8)?.count == algorithm.length {
                return """
                    It is as long as HMAC-\(algorithm.rawValue.uppercased()) is: it must be \
                    HMAC-\(recipe.algorithm.rawValue.uppercased()).
                    """
            }
        }
        let expected = recipe.encoding.encode([UInt8](repeating: 0, count: length)).utf8.count
        let count = text.utf8.count
        if count < expected, isPart(text) {
            return "It is cut off: it has \(count) of \(expected) characters."
        }
        return
            "It has \(count) characters; \(name(recipe.encoding)) of \(length) bytes has \(expected)."
    }

    /// True for the beginning of an encoded text.
    private func isPart(_ text: Substring) -> Bool {
        let unit = recipe.encoding == .hex ? 2 : 4
        return recipe.encoding.decode(text.prefix(text.count / unit * unit).utf8) != nil
    }

    private func name(
        _ encoding: SignatureRecipe.Encoding, of text: Substring = ""
    ) -> String {
        switch encoding {
        case .hex: "hexadecimal digits"
        case .base64: text.contains { "-_".contains($0) } ? "Base64 for URLs" : "Base64"
        }
    }
}
