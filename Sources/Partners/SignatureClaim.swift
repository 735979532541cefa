package import Formats
internal import Platform
internal import Signing

/// Why a request is not shown to be signed.
package enum SignatureProblem: Error, Equatable, Sendable {
    case headerMissing(String)
    case headerRepeated(String)
    /// The header has no signature of the recipe's form in it.
    case malformed(String)
    case tooMany(String, limit: Int)
    case timeMalformed
    /// The signed time is too far from ours.
    case outsideWindow
    /// None of the keys made a signature of these bytes.
    case mismatch

    /// A phrase for a log line; it holds nothing of the request.
    package var reason: String {
        switch self {
        case .headerMissing(let name): "\(name) is missing"
        case .headerRepeated(let name): "\(name) is given more than once"
        case .malformed(let name): "\(name) holds no signature"
        case .tooMany(let name, let limit):
            "\(name) holds too many signatures: more than \(limit)"
        case .timeMalformed: "the signed time is not a number of seconds"
        case .outsideWindow: "the signed time is outside of the tolerance"
        case .mismatch: "no secret of the partner made the signature"
        }
    }
}

/// What a request says about who signed it, read by a recipe and ready to be compared.
///
/// What is signed is used as it came: nothing is parsed before the comparison.
package struct SignatureClaim {
    /// Signatures in one header: senders give one for each secret that they are rotating.
    private static let maximumSignatures = 16
    /// Digits that a number of seconds may have.
    private static let maximumDigits = 18

    private let algorithm: SignatureRecipe.Algorithm
    private let signatures: [[UInt8]]
    /// Unix seconds; nil when the recipe signs no time.
    package let seconds: Int64?
    private let message: ArraySlice<UInt8>
    /// The signed id, by which a resend is recognised; nil when the recipe signs none.
    package let id: String?

    /// Reads the claim; `headers` are those that the recipe names, or more.
    package init(
        _ recipe: SignatureRecipe, headers: [HTTPField], body: ArraySlice<UInt8>
    ) throws(SignatureProblem) {
        let header = try Self.only(recipe.header, headers)
        id = if let name = recipe.idHeader { try Self.only(name, headers) } else { nil }
        let time: String? =
            switch recipe.time {
            case nil: nil
            case .header(let name): try Self.only(name, headers)
            case .element(let name): try Self.element(name, of: header, recipe)
            }
        if let time {
            seconds = try Self.seconds(time)
        } else {
            seconds = nil
        }
        signatures = try Self.signatures(header, recipe)
        algorithm = recipe.algorithm
        message = recipe.template.bytes(id: id, time: time, body: body)
    }

    /// Refuses a signed time that is more than the tolerance before or after ours; zero lets any in.
    package func check(at now: Timestamp, tolerance: Duration) throws(SignatureProblem) {
        guard let seconds, tolerance > .zero else { return }
        let distance = abs(seconds - now.milliseconds / 1000)
        guard distance <= tolerance.seconds else { throw .outsideWindow }
    }

    /// How much each key has to hash.
    package var signedBytes: Int { message.count }

    /// True when the key made one of the signatures; each is compared, whichever matches.
    package func isMade(by key: [UInt8]) -> Bool {
        let expected = algorithm.code(of: message, key: key)
        var isFound = false
        for signature in signatures where ConstantTime.equal(expected, signature) {
            isFound = true
        }
        return isFound
    }

    /// The value of a header that must be there once.
    private static func only(
        _ name: String, _ headers: [HTTPField]
    ) throws(SignatureProblem) -> String {
        let values = headers.values(name)
        guard let value = values.first, !value.isEmpty else { throw .headerMissing(name) }
        guard values.count == 1 else { throw .headerRepeated(name) }
        return value
    }

    /// The value of an element that must be there once.
    private static func element(
        _ name: String, of header: String, _ recipe: SignatureRecipe
    ) throws(SignatureProblem) -> String {
        guard case .elements(let separator, let equals, _) = recipe.layout else {
            preconditionFailure("only elements have names")
        }
        let found = elements(name, of: header, separator, equals)
        guard let value = found.first else { throw .malformed(recipe.header) }
        guard found.count == 1 else { throw .headerRepeated(recipe.header) }
        return String(value)
    }

    private static func elements(
        _ name: String, of header: String, _ separator: Character, _ equals: Character
    ) -> [Substring] {
        header.split(separator: separator).compactMap { element in
            guard let end = element.firstIndex(of: equals),
                element[..<end].utf8.elementsEqual(name.utf8)
            else { return nil }
            return element[end...].dropFirst()
        }
    }

    private static func seconds(_ text: String) throws(SignatureProblem) -> Int64 {
        // Int64 by itself would take a sign.
        guard (1...maximumDigits).contains(text.utf8.count),
            text.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }), let seconds = Int64(text)
        else { throw .timeMalformed }
        return seconds
    }

    /// The signatures in a header; ignores entries that do not match the recipe's form.
    private static func signatures(
        _ header: String, _ recipe: SignatureRecipe
    ) throws(SignatureProblem) -> [[UInt8]] {
        let texts: [Substring] =
            switch recipe.layout {
            case .single: [header[...]]
            case .list(let separator): header.split(separator: separator)
            case .elements(let separator, let equals, let name):
                elements(name, of: header, separator, equals)
            }
        let signatures = texts.compactMap { signature($0, recipe) }
        guard !signatures.isEmpty else { throw .malformed(recipe.header) }
        guard signatures.count <= maximumSignatures else {
            throw .tooMany(recipe.header, limit: maximumSignatures)
        }
        return signatures
    }

    /// One signature's bytes; nil for another length than the algorithm's.
    private static func signature(_ text: Substring, _ recipe: SignatureRecipe) -> [UInt8]? {
        var digits = text.utf8
        if let prefix = recipe.prefix {
            if digits.starts(with: prefix.text.utf8) {
                digits = digits.dropFirst(prefix.text.utf8.count)
            } else if prefix.isRequired {
                return nil
            }
        }
        let bytes = recipe.encoding.decode(digits)
        return bytes?.count == recipe.algorithm.length ? bytes : nil
    }
}

extension SigningRule {
    /// What a request says about who signed it, checked against the clock but not yet against keys.
    ///
    /// `headers` are those of ``headerNames``, or more; `body` is as it was sent. Nothing is hashed
    /// before the headers are right, because a body may be large.
    package func claim(
        of body: ArraySlice<UInt8>, headers: [HTTPField], at now: Timestamp
    ) throws(SignatureProblem) -> SignatureClaim {
        let claim = try SignatureClaim(recipe(of: headers), headers: headers, body: body)
        try claim.check(at: now, tolerance: tolerance)
        return claim
    }

    /// The recipe whose signature is there: it names all other headers too, so none are mixed.
    package func recipe(of headers: [HTTPField]) -> SignatureRecipe {
        recipes.first { recipe in
            headers.values(recipe.header).contains { !$0.isEmpty }
        } ?? recipe
    }
}
