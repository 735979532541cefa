package import Formats
package import Partners

/// How a recipe's signature stands in its header, piece by piece.
package struct SignatureForm: Sendable {
    package enum Piece: Sendable, Equatable {
        case text(String)
        /// The signed time, in Unix seconds.
        case timestamp
        case signature
    }

    package let pieces: [Piece]

    package init(of recipe: SignatureRecipe) {
        var before = ""
        var pieces: [Piece] = []
        if case .elements(let separator, let equals, let name) = recipe.layout {
            if case .element(let time) = recipe.time {
                pieces += [.text("\(time)\(equals)"), .timestamp]
                before = "\(separator)"
            }
            before += "\(name)\(equals)"
        }
        if let prefix = recipe.prefix, prefix.isRequired { before += prefix.text }
        if !before.isEmpty { pieces.append(.text(before)) }
        self.pieces = pieces + [.signature]
    }
}

extension SignatureRecipe {
    /// The header fields that show a body to be signed with a key.
    ///
    /// `id` and the time are used where the recipe signs them.
    package func headers(
        signing text: ArraySlice<UInt8>, key: [UInt8], id: String, at now: Timestamp
    ) -> [HTTPField] {
        let seconds = "\(now.milliseconds / 1000)"
        let message = template.bytes(id: id, time: seconds, body: text)
        let signature = encoding.encode(algorithm.code(of: message, key: key))
        let value = SignatureForm(of: self).pieces.map { piece in
            switch piece {
            case .text(let text): text
            case .timestamp: seconds
            case .signature: signature
            }
        }.joined()
        var fields: [HTTPField] = []
        if let idHeader { fields.append(HTTPField(idHeader, id)) }
        if case .header(let name) = self.time { fields.append(HTTPField(name, seconds)) }
        return fields + [HTTPField(header, value)]
    }
}
