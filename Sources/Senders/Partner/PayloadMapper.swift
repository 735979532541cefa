internal import Formats
internal import Partners
internal import Tracking

/// Makes a Segment call of one payload, by a partner's mapping and rules.
struct PayloadMapper {
    /// Why there is no call.
    enum Problem: Error {
        case notObject
        /// At least one.
        case rules([RuleFailure])
        case tooDeep
    }

    private let validation: ValidationConfig
    private let header: (String) -> String?
    /// Made when a payload first needs one.
    private var plans: [(preset: WebhookPreset?, plan: PayloadPlan)] = []

    /// `header` gives a header's value, named in lower case.
    init(_ validation: ValidationConfig, header: @escaping (String) -> String?) {
        self.validation = validation
        self.header = header
    }

    private mutating func plan(for payload: JSONValue) -> PayloadPlan {
        let preset = WebhookPreset(validation.signing?.scheme, payload: payload, header: header)
        if let known = plans.first(where: { $0.preset == preset }) { return known.plan }
        let plan = PayloadPlan(validation, preset)
        plans.append((preset, plan))
        return plan
    }

    /// Checks every rule, so that all that is wrong is told at once.
    ///
    /// `signedID` is for a payload in which the mapping finds no messageId; `deliveryID` makes one of
    /// what the request says of all its payloads.
    mutating func map(
        _ payload: JSONValue, signedID: String?, deliveryID: (String) -> String
    ) throws(Problem) -> MappedCall {
        guard payload.kind == .object else { throw .notObject }
        var reader = PayloadReader(payload, plan(for: payload), header: header)
        for (place, path) in validation.requiredFields.enumerated()
        where !reader.hasRequired(place) {
            reader.failures.append(RuleFailure(.missing, path))
        }
        let type = reader.type()
        checkEvent(type, &reader)
        var draft = CallDraft(madeOf: payload)
        if let type {
            checkIdentity(type, &reader)
            for rule in type.mappedFields {
                if let value = reader.value(
                    rule.field, isRequired: rule.isRequired, deliveryID: deliveryID)
                {
                    draft.set(rule.field, value)
                } else if rule.field == .messageID, let signedID {
                    draft.set(.messageID, .text(deliveryID(signedID)))
                }
            }
        }
        guard reader.failures.isEmpty, let type else { throw .rules(reader.failures) }
        try Self.keep(reader.untouched, of: reader, in: &draft)
        return MappedCall(type: type, draft: draft)
    }

    /// The event must be allowed whatever call it becomes.
    private func checkEvent(_ type: CallType?, _ reader: inout PayloadReader) {
        guard let allowed = validation.eventTypes else { return }
        guard let event = reader.found(.event) else {
            // A track call's event is required anyway.
            if type != .track { reader.fail(.missing, .event) }
            return
        }
        guard allowed.contains(where: event.value.equals) else {
            return reader.fail(.notAllowed, .event, at: event.source)
        }
    }

    private func checkIdentity(_ type: CallType, _ reader: inout PayloadReader) {
        guard type != .alias, reader.found(.userID) == nil, reader.found(.anonymousID) == nil
        else { return }
        reader.fail(.missing, .userID)
        reader.fail(.missing, .anonymousID)
    }

    /// Adds what no field has taken.
    private static func keep(
        _ untouched: PayloadReader.Untouched, of reader: PayloadReader, in draft: inout CallDraft
    ) throws(Problem) {
        do throws(JSONError) {
            try reader.checkDepth(untouched)
        } catch {
            throw .tooDeep
        }
        for member in untouched.others {
            draft.add(CallDraft.Member(.json(member.name), member.value))
        }
        guard !untouched.namedAsFields.isEmpty else { return }
        let name = spareName(beside: untouched.others)
        draft.add(
            CallDraft.Member(
                .text(name),
                .object { object in
                    for member in untouched.namedAsFields { object.member(member) }
                }))
    }

    /// `payload`, with as many underscores before it as it takes to be nobody else's name.
    private static func spareName(beside members: [PayloadResidue.Member]) -> String {
        let name = "payload"
        var taken = members.compactMap { underscores(in: $0.name, before: name.utf8) }
        taken.sort()
        var count = 0
        for used in taken where used == count { count += 1 }
        return String(repeating: "_", count: count) + name
    }

    /// How many underscores and nothing else stand before a text in a name; nil for another name.
    private static func underscores(in name: JSONValue, before text: String.UTF8View) -> Int? {
        let bytes = name.plainContent ?? (name.utf8 ?? [])[...]
        let count = bytes.count - text.count
        guard count >= 0, bytes.suffix(text.count).elementsEqual(text),
            bytes.prefix(count).allSatisfy({ $0 == UInt8(ascii: "_") })
        else { return nil }
        return count
    }
}

/// A call as a partner's mapping makes it.
struct MappedCall {
    let type: CallType
    let draft: CallDraft
}

/// A field that a partner's call has or may have.
private struct MappedField {
    let field: CallField
    var isRequired = false
}

extension CallType {
    /// What a partner's call of this type is made of.
    fileprivate var mappedFields: [MappedField] {
        let own: [MappedField] =
            switch self {
            case .track:
                [MappedField(field: .event, isRequired: true), MappedField(field: .properties)]
            case .page, .screen:
                [
                    MappedField(field: .name), MappedField(field: .category),
                    MappedField(field: .properties),
                ]
            case .identify: [MappedField(field: .traits)]
            case .group:
                [MappedField(field: .groupID, isRequired: true), MappedField(field: .traits)]
            case .alias: [MappedField(field: .previousID, isRequired: true)]
            case .delete: []
            }
        return [
            MappedField(field: .messageID), MappedField(field: .userID, isRequired: self == .alias),
            MappedField(field: .anonymousID),
        ] + own + [
            MappedField(field: .context), MappedField(field: .integrations),
            MappedField(field: .timestamp),
        ]
    }
}
