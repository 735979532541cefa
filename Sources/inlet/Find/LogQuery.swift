import Formats
import Tracking

/// Which lines of the functions' logs somebody looks for.
struct LogQuery {
    enum Key {
        /// The front's request id, or Lambda's own.
        case request(String)
        case message(String)
    }

    let key: Key

    private var id: String {
        switch key {
        case .request(let id), .message(let id): id
        }
    }

    /// Lines that are asked for at most.
    static let limit = 1000

    /// The query in Logs Insights' language.
    ///
    /// Only letters, digits, `-` and `_` of an id stand in it, and `.*` for all between them: how the
    /// language escapes others is not documented. What it finds is looked through by ``takes(_:)``.
    /// Source: Amazon CloudWatch Logs User Guide, "Logs Insights QL: filter".
    var text: String {
        """
        fields @timestamp, @message, @log
        | filter @message like /\(patterns.joined(separator: "|"))/
        | sort @timestamp asc
        | limit \(Self.limit)
        """
    }

    /// A request's line has hashes of its messages' ids.
    private var patterns: [String] {
        switch key {
        case .request: [pattern]
        case .message(let id): [pattern, MessageFingerprint.text(of: id)]
        }
    }

    private var pattern: String {
        var pattern = ""
        for character in id.unicodeScalars {
            let isPlain =
                character.isASCII
                && (character.properties.isAlphabetic || ("0"..."9").contains(character)
                    || character == "-" || character == "_")
            if isPlain {
                pattern.unicodeScalars.append(character)
            } else if !pattern.hasSuffix(".*") {
                pattern += ".*"
            }
        }
        return pattern
    }

    /// True for a line that is about this id.
    func takes(_ line: JSONValue) -> Bool {
        switch key {
        case .request:
            return ["requestId", "lambdaRequestId"].contains { line[$0]?.equals(id) == true }
        case .message:
            let hash = MessageFingerprint.text(of: id)
            return line["messageId"]?.equals(id) == true
                || line["messageHashes"]?.elements.contains { $0.equals(hash) } == true
        }
    }
}
