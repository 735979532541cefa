internal import Formats
internal import Signing

/// How requests of one signing scheme are signed: data, which one verifier reads.
package struct SignatureRecipe: Sendable, Equatable {
    /// The hash below the HMAC.
    package enum Algorithm: String, Sendable, CaseIterable {
        case sha1, sha256, sha512

        /// Bytes of a signature.
        package var length: Int {
            switch self {
            case .sha1: 20
            case .sha256: 32
            case .sha512: 64
            }
        }

        /// The HMAC of these bytes.
        package func code(of message: ArraySlice<UInt8>, key: [UInt8]) -> [UInt8] {
            switch self {
            case .sha1:
                let code = HMAC.sha1(key: key, message: message)
                return code.indices.map { code[$0] }
            case .sha256:
                let code = HMAC.sha256(key: key, message: message)
                return code.indices.map { code[$0] }
            case .sha512:
                let code = HMAC.sha512(key: key, message: message)
                return code.indices.map { code[$0] }
            }
        }
    }

    /// How bytes stand in a header.
    package enum Encoding: String, Sendable, CaseIterable {
        /// Either case.
        case hex
        /// Either alphabet, padded or not.
        case base64

        package func decode(_ text: Substring.UTF8View) -> [UInt8]? {
            switch self {
            case .hex: Hex.decode(text)
            case .base64: Base64.decode(text)
            }
        }

        package func encode(_ bytes: [UInt8]) -> String {
            switch self {
            case .hex: Hex.encode(bytes)
            case .base64: String(decoding: Base64.encode(bytes), as: UTF8.self)
            }
        }
    }

    /// How the HMAC's key comes out of a secret.
    package struct Key: Sendable, Equatable {
        package enum Encoding: String, Sendable, CaseIterable {
            /// The secret's own bytes.
            case text
            case base64
            case hex

            var name: String {
                switch self {
                case .text: "a key"
                case .base64: "Base64"
                case .hex: "hexadecimal digits"
                }
            }
        }

        package let encoding: Encoding
        /// Removed from a secret that begins with it.
        package let prefix: String

        /// The key of a secret, which must have this form and leave at least one byte.
        package func bytes(of secret: [UInt8], at place: String) throws(PartnerError) -> [UInt8] {
            let isPrefixed = !prefix.isEmpty && secret.starts(with: prefix.utf8)
            let text = secret.dropFirst(isPrefixed ? prefix.utf8.count : 0)
            let key: [UInt8]? =
                switch encoding {
                case .text: Array(text)
                case .base64: Base64.decode(text)
                case .hex: Hex.decode(text)
                }
            guard let key, !key.isEmpty else {
                throw .invalid(place: place, problem: "not \(encoding.name)")
            }
            return key
        }
    }

    /// What a header's value is made of.
    package enum Layout: Sendable, Equatable {
        /// One signature.
        case single
        /// Signatures with a separator between them.
        case list(separator: Character)
        /// Elements such as `v1=…`, of which those with this name are signatures.
        case elements(separator: Character, equals: Character, name: String)
    }

    /// What stands before a signature.
    package struct Prefix: Sendable, Equatable {
        package let text: String
        /// Where it is not, a signature may also stand alone.
        package let isRequired: Bool
    }

    /// Where the signed time is, in Unix seconds.
    package enum TimePlace: Sendable, Equatable {
        case header(String)
        /// An element of the signature's own header.
        case element(String)
    }

    package let algorithm: Algorithm
    package let key: Key
    /// Lower case, like every header's name here.
    package let header: String
    package let layout: Layout
    package let prefix: Prefix?
    package let encoding: Encoding
    package let template: SignatureTemplate
    package let idHeader: String?
    /// Nil when no time is signed: an old request then cannot be told from a new one.
    package let time: TimePlace?
    package let defaultTolerance: Duration

    init(
        algorithm: Algorithm = .sha256, key: Key = Key(encoding: .text, prefix: ""),
        header: String, layout: Layout = .single, prefix: Prefix? = nil, encoding: Encoding = .hex,
        template: SignatureTemplate = [.body], idHeader: String? = nil, time: TimePlace? = nil,
        defaultTolerance: Duration = .seconds(300)
    ) {
        self.algorithm = algorithm
        self.key = key
        self.header = header
        self.layout = layout
        self.prefix = prefix
        self.encoding = encoding
        self.template = template
        self.idHeader = idHeader
        self.time = time
        self.defaultTolerance = defaultTolerance
    }

    /// The same recipe for the body alone, whatever else this one signs.
    package var signingBodyAlone: SignatureRecipe {
        SignatureRecipe(
            algorithm: algorithm, key: key, header: header, layout: layout, prefix: prefix,
            encoding: encoding, idHeader: idHeader, time: time)
    }

    /// The headers that a claim is read from.
    package var headerNames: Set<String> {
        var names: Set = [header]
        if let idHeader { names.insert(idHeader) }
        if case .header(let name) = time { names.insert(name) }
        return names
    }
}
