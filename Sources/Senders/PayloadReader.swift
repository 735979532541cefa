internal import Formats
internal import Store
internal import Tracking

/// A field of a call under construction.
enum CallField {
    /// A JSON value as the partner wrote it.
    case raw(ArraySlice<UInt8>)
    /// Characters that become a JSON string.
    case text(String)
}

/// Takes a call's fields from a payload, and notes what is wrong with them.
struct PayloadReader {
    var failures: [RuleFailure] = []

    private let payload: JSONValue
    private let mapping: WebhookMapping
    /// Top-level fields of the payload that have become a call's field as a whole.
    private var roots: [String] = []
    private var isWhole = false

    init(_ payload: JSONValue, _ mapping: WebhookMapping) {
        self.payload = payload
        self.mapping = mapping
    }

    mutating func fail(
        _ problem: RuleFailure.Problem, _ field: WebhookMapping.Field,
        at source: WebhookMapping.Source? = nil
    ) {
        failures.append(
            RuleFailure(problem, field, at: source.map { [$0] } ?? mapping[field]))
    }

    /// The first value that a field's sources have; null and empty strings are none.
    func found(
        _ field: WebhookMapping.Field
    ) -> (value: JSONValue, source: WebhookMapping.Source)? {
        for source in mapping[field] {
            let value: JSONValue? =
                switch source {
                case .path(let path): path.pointer.value(in: payload)
                case .constant(let constant): constant
                }
            if let value = value?.unlessNull, !value.equals("") { return (value, source) }
        }
        return nil
    }

    /// The call's type: track where the mapping does not say; nil for one that is not supported.
    mutating func type() -> CallType? {
        guard !mapping[.type].isEmpty else { return .track }
        guard let (value, source) = found(.type) else {
            fail(.missing, .type)
            return nil
        }
        guard let name = value.string, WebhookMapping.callTypes.contains(name),
            let type = CallType(rawValue: name)
        else {
            fail(.unsupportedType, .type, at: source)
            return nil
        }
        use(source)
        return type
    }

    /// A field's value in the form that a call needs; nil where it has none, or none that is right.
    mutating func value(_ field: WebhookMapping.Field, isRequired: Bool) -> CallField? {
        guard let (value, source) = found(field) else {
            if isRequired { fail(.missing, field) }
            return nil
        }
        use(source)
        let (result, problem): (CallField?, RuleFailure.Problem) =
            switch field {
            case .userID, .anonymousID, .messageID, .groupID, .previousID:
                (Self.id(value), .notID)
            case .type, .event, .name, .category:
                (value.kind == .string ? .raw(value.raw) : nil, .notText)
            case .timestamp: (Self.time(value), .notText)
            case .properties, .traits, .context, .integrations:
                (isMap(value) ? .raw(value.raw) : nil, .notObject)
            }
        if result == nil { fail(problem, field, at: source) }
        // A number's digits are as long as its bytes.
        let length = value.string?.unicodeScalars.count ?? value.range.count
        if field == .messageID, result != nil, length > CallLimits.messageIDCharacters {
            fail(.tooLong, field, at: source)
        }
        return result
    }

    /// Top-level fields that are not all in the call already.
    struct Untouched {
        var others: [JSONMember] = []
        /// Named as a field of a call that they are not: they are kept where nobody takes them for it.
        var namedAsFields: [JSONMember] = []
    }

    /// What must be kept: all but nulls, which count as absent, and write keys.
    var untouched: Untouched {
        var untouched = Untouched()
        guard !isWhole else { return untouched }
        for member in payload.members where !roots.contains(where: member.name.equals) {
            if !isCallField(member.name) {
                untouched.others.append(member)
            } else if !member.value.isNull, !isWriteKey(member.name) {
                untouched.namedAsFields.append(member)
            }
        }
        return untouched
    }

    private mutating func use(_ source: WebhookMapping.Source) {
        guard case .path(let path) = source else { return }
        switch path.pointer.tokens.count {
        case 0: isWhole = true
        case 1: roots += path.pointer.tokens
        // What is beside the value would be lost.
        default: break
        }
    }

    /// A string or a whole number.
    private static func id(_ value: JSONValue) -> CallField? {
        value.kind == .string || value.isWholeNumber ? .raw(value.quoted) : nil
    }

    /// A time as it was written, a number as RFC 3339: other readers expect text.
    ///
    /// A call is not refused for one that cannot be read.
    private static func time(_ value: JSONValue) -> CallField {
        guard value.kind == .number, let text = Timestamp(reading: value)?.rfc3339 else {
            return .raw(value.raw)
        }
        return .text(text)
    }
}
