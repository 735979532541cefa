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
    ) throws(Problem) -> (type: CallType, call: JSONValue) {
        guard payload.kind == .object else { throw .notObject }
        var reader = PayloadReader(payload, plan(for: payload), header: header)
        for (place, path) in validation.requiredFields.enumerated()
        where !reader.hasRequired(place) {
            reader.failures.append(RuleFailure(.missing, path))
        }
        let type = reader.type()
        checkEvent(type, &reader)
        var fields: [(field: WebhookMapping.Field, value: CallField)] = []
        if let type {
            checkIdentity(type, &reader)
            for (field, isRequired) in type.fields {
                if let value = reader.value(
                    field, isRequired: isRequired, deliveryID: deliveryID)
                {
                    fields.append((field, value))
                } else if field == .messageID, let signedID {
                    fields.append((field, .text(deliveryID(signedID))))
                }
            }
        }
        guard reader.failures.isEmpty, let type else { throw .rules(reader.failures) }
        return (type, try Self.call(type, fields, reader.untouched, payload))
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

    /// Writes the call, with the payload's own bytes for values.
    private static func call(
        _ type: CallType, _ fields: [(field: WebhookMapping.Field, value: CallField)],
        _ untouched: PayloadReader.Untouched, _ payload: JSONValue
    ) throws(Problem) -> JSONValue {
        var writer = JSONWriter(reserving: payload.range.count + 256)
        writer.object { call in
            call.member(WebhookMapping.Field.type.rawValue, type.rawValue)
            for (field, value) in fields {
                switch value {
                case .raw(let bytes): call.member(field.rawValue, raw: bytes)
                case .text(let text): call.member(field.rawValue, text)
                }
            }
            write(untouched.others, to: &call)
            guard !untouched.namedAsFields.isEmpty else { return }
            call.name(spareName(beside: untouched.others))
            call.object { write(untouched.namedAsFields, to: &$0) }
        }
        do throws(JSONError) {
            return try JSONText(writer.bytes).root
        } catch {
            // Sound JSON was put together: only its depth can be too much.
            throw .tooDeep
        }
    }

    private static func write(_ members: [PayloadResidue.Member], to object: inout JSONWriter) {
        for member in members {
            object.name(raw: member.name.raw)
            object.raw(member.value)
        }
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

extension CallType {
    /// What a partner's call of this type is made of, in the order in which it is published.
    fileprivate var fields: [(field: WebhookMapping.Field, isRequired: Bool)] {
        let own: [(WebhookMapping.Field, Bool)] =
            switch self {
            case .track: [(.event, true), (.properties, false)]
            case .page, .screen: [(.name, false), (.category, false), (.properties, false)]
            case .identify: [(.traits, false)]
            case .group: [(.groupID, true), (.traits, false)]
            case .alias: [(.previousID, true)]
            case .delete: []
            }
        return [(.messageID, false), (.userID, self == .alias), (.anonymousID, false)] + own
            + [(.context, false), (.integrations, false), (.timestamp, false)]
    }
}
