package import Formats
internal import Partners
package import Tracking

/// A field of a partner's payload that breaks a rule of its `validation_config`.
package struct RuleFailure: Sendable {
    package enum Problem: String, Sendable {
        case missing
        case notText = "not_a_string"
        case notID = "not_an_id"
        case notObject = "not_an_object"
        case notAllowed = "not_allowed"
        case unsupportedType = "unsupported_type"
        case tooLong = "too_long"
    }

    package let problem: Problem
    /// The call's field that would have been taken from there; nil for a required field.
    package let field: CallField?
    /// Where it was looked for: several places for a field with fallbacks that is nowhere.
    private let places: [WebhookMapping.Source]

    init(_ problem: Problem, _ path: FieldPath) {
        self.problem = problem
        field = nil
        places = [.path(path)]
    }

    init(
        _ problem: Problem, _ field: CallField, at places: [WebhookMapping.Source]
    ) {
        self.problem = problem
        self.field = field
        self.places = places
    }

    /// The path as the configuration spells it; of several the first.
    package var path: String { paths.first ?? field?.spelling ?? "" }

    package var code: String { problem.rawValue }

    /// A sentence for the partner; it never repeats the input.
    package var message: String {
        guard let field else { return "\(path) is required and \(phrase)." }
        let places = paths.isEmpty ? "" : " (\(paths.joined(separator: ", ")))"
        return "\(field.spelling)\(places) \(phrase)."
    }

    private var paths: [String] {
        places.compactMap { place in
            switch place {
            case .path(let path): path.text.isEmpty ? "the payload" : path.text
            case .header(let name): "the header \(name)"
            case .constant: nil
            }
        }
    }

    private var phrase: String {
        switch problem {
        case .missing: "is missing"
        case .notText: "must be a string"
        case .notID: "must be a string or a whole number"
        case .notObject: "must be an object"
        case .notAllowed: "is not one of the events that this partner may send"
        case .unsupportedType: "must be one of \(CallType.namesOfClients)"
        case .tooLong: "must not be longer than \(CallLimits.messageIDCharacters) characters"
        }
    }
}

extension [RuleFailure] {
    /// Writes them as partners and operators read them: where, which field, what is wrong.
    package func write(to writer: inout JSONWriter) {
        writer.array { list in
            for failure in self {
                list.object { entry in
                    entry.member("path", failure.path)
                    if let field = failure.field { entry.member("field", field.spelling) }
                    entry.member("code", failure.code)
                    entry.member("message", failure.message)
                }
            }
        }
    }
}
