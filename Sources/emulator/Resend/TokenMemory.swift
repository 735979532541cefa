import Formats
import LocalServer

/// The partners' tokens that the emulator has seen or was given; it shows none of them.
final class TokenMemory: Sendable {
    /// The most partners; a further one takes the place of another.
    private static let capacity = 1000

    private let tokens: Monitor<[String: [UInt8]]>

    /// Begins with tokens by the partners' names.
    init(_ given: [NamedValue] = []) {
        tokens = Monitor(Dictionary(given.map { ($0.name, Array($0.value.utf8)) }) { $1 })
    }

    /// The token of the partner of that name.
    subscript(partner: String) -> [UInt8]? { tokens.sync { $0[partner] } }

    /// Remembers the token by which the function has found out whose a request is.
    func learn(from record: RecordedRequest) {
        guard let partner = record.facts.partner, let destination = record.request.destination
        else { return }
        let found = SentToken.tokens(
            of: record.request, to: destination.sender, destination.word)
        let different = Set(found.map(\.token))
        guard different.count == 1, let token = different.first else { return }
        tokens.sync { tokens in
            if tokens[partner] == nil, tokens.count >= Self.capacity { _ = tokens.popFirst() }
            tokens[partner] = token
        }
    }
}
