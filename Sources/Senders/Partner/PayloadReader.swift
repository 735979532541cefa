internal import Formats
internal import Partners
internal import Tracking

/// Takes a call's fields from a payload, and notes what is wrong with them.
struct PayloadReader {
    var failures: [RuleFailure] = []

    private let payload: JSONValue
    private let plan: PayloadPlan
    private let header: (String) -> String?
    /// What the plan's pointers have found.
    private let values: [JSONValue?]
    /// The paths of what has become a call's field.
    private var used: [[String]] = []
    private var mapping: WebhookMapping { plan.mapping }

    /// `header` gives a header's value, named in lower case.
    init(_ payload: JSONValue, _ plan: PayloadPlan, header: @escaping (String) -> String?) {
        self.payload = payload
        self.plan = plan
        self.header = header
        values = plan.pointers.values(in: payload)
    }

    /// Whether the required field at this place among them is there.
    func hasRequired(_ place: Int) -> Bool { values[place]?.unlessNull != nil }

    mutating func fail(
        _ problem: RuleFailure.Problem, _ field: CallField,
        at source: WebhookMapping.Source? = nil
    ) {
        failures.append(
            RuleFailure(problem, field, at: source.map { [$0] } ?? mapping[field]))
    }

    /// The first value that a field's sources have; null and empty strings are none.
    func found(
        _ field: CallField
    ) -> (value: JSONValue, source: WebhookMapping.Source)? {
        let found = first(of: plan.places(of: field))
        guard found == nil, field == .anonymousID, first(of: plan.places(of: .userID)) == nil
        else { return found }
        return first(of: plan.subjectPlaces)
    }

    private func first(
        of places: [PayloadPlan.Place]
    ) -> (value: JSONValue, source: WebhookMapping.Source)? {
        for (source, pointer) in places {
            let value: JSONValue? =
                switch source {
                case .path: pointer.flatMap { values[$0] }
                case .header(let name): header(name).flatMap(Self.text)
                case .constant(let constant): constant
                }
            if let value = value?.unlessNull, !value.equals("") { return (value, source) }
        }
        return nil
    }

    /// A header's value as JSON.
    private static func text(_ value: String) -> JSONValue? {
        var writer = JSONWriter()
        writer.string(value)
        return try? JSONText(writer.bytes).root
    }

    /// The call's type: track where the mapping does not say; nil for one that is not supported.
    mutating func type() -> CallType? {
        guard !mapping[.type].isEmpty else { return .track }
        guard let (value, source) = found(.type) else {
            fail(.missing, .type)
            return nil
        }
        guard let name = value.string, let type = CallType(rawValue: name),
            CallType.ofClients.contains(type)
        else {
            fail(.unsupportedType, .type, at: source)
            return nil
        }
        use(source)
        return type
    }

    /// A field's value in the form that a call needs; nil where it has none, or none that is right.
    ///
    /// `deliveryID` makes a messageId of what a header says of the whole delivery.
    mutating func value(
        _ field: CallField, isRequired: Bool, deliveryID: (String) -> String
    ) -> DraftValue? {
        guard let (value, source) = found(field) else {
            if isRequired { fail(.missing, field) }
            return nil
        }
        use(source)
        if field == .messageID, case .header = source {
            return .text(deliveryID(value.string ?? ""))
        }
        let (result, problem): (DraftValue?, RuleFailure.Problem) =
            switch field {
            case .userID, .anonymousID, .messageID, .groupID, .previousID:
                (Self.id(value), .notID)
            case .type, .event, .name, .category:
                (value.kind == .string ? .json(value) : nil, .notText)
            case .timestamp, .originalTimestamp, .sentAt, .receivedAt, .writeKey:
                (Self.time(value), .notText)
            case .properties, .traits, .context, .integrations:
                (isMap(value) ? published(value) : nil, .notObject)
            }
        if result == nil { fail(problem, field, at: source) }
        // A number's digits are as long as its bytes.
        let length = value.string?.unicodeScalars.count ?? value.range.count
        if field == .messageID, result != nil, length > CallLimits.messageIDCharacters {
            fail(.tooLong, field, at: source)
        }
        return result
    }

    /// What of a payload is in no field of its call.
    struct Untouched {
        var others: [PayloadResidue.Member] = []
        /// Unmapped members whose name is a call field's.
        ///
        /// Published as one object, so that no consumer mistakes them for that field.
        var namedAsFields: [PayloadResidue.Member] = []
    }

    /// What must be kept: all but what is in the call, nulls, which count as absent, and write keys.
    var untouched: Untouched {
        var untouched = Untouched()
        guard !used.contains([]) else { return untouched }
        let residue = PayloadResidue(without: used + mapping.withheld.map { [$0] })
        for member in payload.members {
            guard let rest = residue.rest(of: member) else { continue }
            if !isCallField(member.name) {
                untouched.others.append(rest)
            } else if !member.value.isNull, !isWriteKey(member.name) {
                untouched.namedAsFields.append(rest)
            }
        }
        return untouched
    }

    /// An object as it is published: of the whole payload, without what is withheld and write keys.
    private func published(_ value: JSONValue) -> DraftValue {
        guard value.range == payload.range else { return .json(value) }
        let keys = payload.members.filter { isWriteKey($0.name) }.compactMap(\.name.string)
        let left = mapping.withheld + keys
        guard !left.isEmpty else { return .json(value) }
        return .object(PayloadResidue(without: left.map { [$0] }).rest(of: value))
    }

    /// Refuses a payload that would be nested more deeply in its call than JSON may be.
    func checkDepth(_ untouched: Untouched) throws(JSONError) {
        // The whole of it becomes a field, or some of it an object of its own.
        if used.contains([]) { try payload.check(below: 1) }
        for member in untouched.namedAsFields { try member.check(below: 2) }
    }

    private mutating func use(_ source: WebhookMapping.Source) {
        if case .path(let path) = source { used.append(path.pointer.tokens) }
    }

    /// A string or a whole number.
    private static func id(_ value: JSONValue) -> DraftValue? {
        value.kind == .string || value.isWholeNumber ? .json(value) : nil
    }

    /// A time as it was written, a number as RFC 3339: other readers expect text.
    ///
    /// A call is not refused for one that cannot be read.
    private static func time(_ value: JSONValue) -> DraftValue {
        guard value.kind == .number, let text = Timestamp(reading: value)?.rfc3339 else {
            return .json(value)
        }
        return .text(text)
    }
}
