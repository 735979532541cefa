import Formats
import Partners
import Tracking

/// The fields of a partner's own webhooks, in Markdown: which are required, and which are optional.
struct FieldList {
    let validation: ValidationConfig
    /// True if a vendor decides what is sent.
    let isVendors: Bool

    private var mapping: WebhookMapping { validation.mapping }

    var lines: [String] {
        guard !isVendors else {
            return [
                line(.event, "the event's name"), line(.userID, "the user's id"),
                line(.anonymousID, "or an anonymous id"), line(.timestamp, "when it happened"),
                line(.messageID, "the event's id, by which a repetition is recognised"),
            ].compactMap(\.self).map { "- \($0)" }
        }
        let own = validation.requiredFields.map { Markdown.code($0.text) }
        let required =
            (ofType + [user]).compactMap(\.self)
            + (own.isEmpty ? [] : ["\(own.joined(separator: ", ")), in every event."])
        let optional = [
            line(.timestamp, "when it happened; without it, the time of arrival counts"),
            line(.messageID, "your id of the event, by which a repetition is recognised"),
            line(.type, "the type of call, such as `identify`; without it, `track`"),
            line(hasTraits ? .traits : .properties, "an object with whatever else there is to say"),
            line(.context, "an object about the circumstances, such as `ip` and `locale`"),
        ].compactMap(\.self)
        return required.map { "- Required: \($0)" } + optional.map { "- Optional: \($0)" }
    }

    /// What the type of call asks for that the mapping gives to all.
    private var ofType: [String?] {
        switch type {
        case CallType.group.rawValue: [line(.groupID, "the group's id")]
        case CallType.alias.rawValue: [line(.previousID, "the id that the user had before")]
        case CallType.track.rawValue, nil: [line(.event, "the event's name")]
        default: []
        }
    }

    private var hasTraits: Bool {
        type == CallType.identify.rawValue || type == CallType.group.rawValue
    }

    private var type: String? {
        guard case .constant(let value) = mapping[.type].first else { return nil }
        return value.string
    }

    /// One of the ids has to be there.
    private var user: String? {
        let (known, anonymous) = (places(.userID), places(.anonymousID))
        return switch (known, anonymous) {
        case (let known?, let anonymous?):
            "\(known): the user's id, or \(anonymous): an anonymous one."
        case (let known?, nil): "\(known): the user's id."
        case (nil, let anonymous?) where mapping[.userID].isEmpty: "\(anonymous): an anonymous id."
        case (nil, _): nil
        }
    }

    private func line(_ field: CallField, _ meaning: String) -> String? {
        places(field).map { "\($0): \(meaning)." }
    }

    /// Where a field may be; nil if it is nowhere, or always the same.
    private func places(_ field: CallField) -> String? {
        let places = mapping[field].compactMap { source -> String? in
            switch source {
            case .path(let path): path.text.isEmpty ? nil : Markdown.code(path.text)
            case .header(let name): "the header \(Markdown.code(name))"
            case .constant: nil
            }
        }
        return places.isEmpty ? nil : places.joined(separator: " or ")
    }
}
