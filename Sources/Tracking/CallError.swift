/// Why a call is not valid.
///
/// Codes are Segment's own where it has one. Source: Twilio Segment, "Delivery overview", discards.
package enum CallError: Error, Equatable, Sendable {
    case notObject
    case typeMissing
    case typeUnsupported
    case identityMissing
    case identityNotString
    case userIDMissing
    case eventMissing
    case eventNotString
    case propertiesNotObject
    case traitsNotObject
    case contextNotObject
    case integrationsNotObject
    case nameNotString
    case categoryNotString
    case groupIDMissing
    case groupIDNotString
    case previousIDMissing
    case previousIDNotString
    case messageIDNotString
    case messageIDTooLong
    case tooLarge(limit: Int)

    package var code: String {
        switch self {
        case .notObject: "bad_request"
        case .typeMissing: "type_not_defined"
        case .typeUnsupported: "unsupported_type"
        case .identityMissing: "no_user_anon_id"
        case .identityNotString: "id_not_string"
        case .userIDMissing: "user_id_required"
        case .eventMissing: "event_not_defined"
        case .eventNotString: "event_not_string"
        case .propertiesNotObject: "properties_not_object"
        case .traitsNotObject: "traits_not_object"
        case .contextNotObject: "context_not_object"
        case .integrationsNotObject: "integrations_not_object"
        case .nameNotString: "name_not_string"
        case .categoryNotString: "category_not_string"
        case .groupIDMissing: "group_id_required"
        case .groupIDNotString: "group_id_not_string"
        case .previousIDMissing: "previous_id_required"
        case .previousIDNotString: "previous_id_not_string"
        case .messageIDNotString: "message_id_not_string"
        case .messageIDTooLong: "message_id_too_long"
        case .tooLarge: "message_too_large"
        }
    }

    /// A sentence for the sender; it never repeats the input.
    package var message: String {
        switch self {
        case .notObject: "A call must be a JSON object."
        case .typeMissing: "The call has no type."
        case .typeUnsupported: "This type of call is not supported here."
        case .identityMissing: "The call needs a userId or an anonymousId."
        case .identityNotString: "userId and anonymousId must be strings or whole numbers."
        case .userIDMissing: "The call needs a userId."
        case .eventMissing: "A track call needs the event's name."
        case .eventNotString: "event must be a string."
        case .propertiesNotObject: "properties must be an object."
        case .traitsNotObject: "traits must be an object."
        case .contextNotObject: "context must be an object."
        case .integrationsNotObject: "integrations must be an object."
        case .nameNotString: "name must be a string."
        case .categoryNotString: "category must be a string."
        case .groupIDMissing: "A group call needs a groupId."
        case .groupIDNotString: "groupId must be a string or a whole number."
        case .previousIDMissing: "An alias call needs a previousId."
        case .previousIDNotString: "previousId must be a string or a whole number."
        case .messageIDNotString: "messageId must be a string or a whole number."
        case .messageIDTooLong:
            "messageId must not be longer than \(CallLimits.messageIDCharacters) characters."
        case .tooLarge(let limit): "The call is larger than \(limit) bytes."
        }
    }
}
