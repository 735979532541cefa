internal import Formats
internal import Store
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

    init(_ validation: ValidationConfig) { self.validation = validation }

    /// Checks every rule, so that all that is wrong is told at once.
    ///
    /// `messageID` is for a payload in which the mapping finds none.
    func map(
        _ payload: JSONValue, messageID: String? = nil
    ) throws(Problem) -> (type: CallType, call: JSONValue) {
        guard payload.kind == .object else { throw .notObject }
        var reader = PayloadReader(payload, validation.mapping)
        for path in validation.requiredFields
        where path.pointer.value(in: payload)?.unlessNull == nil {
            reader.failures.append(RuleFailure(.missing, path))
        }
        let type = reader.type()
        checkEvent(type, &reader)
        var fields: [(field: WebhookMapping.Field, value: CallField)] = []
        if let type {
            checkIdentity(type, &reader)
            for (field, isRequired) in type.fields {
                if let value = reader.value(field, isRequired: isRequired) {
                    fields.append((field, value))
                } else if field == .messageID, let messageID {
                    fields.append((field, .text(messageID)))
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

    private static func write(_ members: [JSONMember], to object: inout JSONWriter) {
        for member in members {
            object.name(raw: member.name.raw)
            object.raw(member.value.raw)
        }
    }

    /// `payload`, with as many underscores before it as it takes to be nobody else's name.
    private static func spareName(beside members: [JSONMember]) -> String {
        var name = "payload"
        // Each step passes one of the members by at least.
        while members.contains(where: { $0.name.equals(name) }) { name = "_" + name }
        return name
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
