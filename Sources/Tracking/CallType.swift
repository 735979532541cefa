/// What a call says happened.
///
/// Source: Twilio Segment, "Segment Spec"; `delete` reaches destinations only.
package enum CallType: String, Sendable, CaseIterable {
    case identify, track, page, screen, group, alias, delete
}

extension CallType {
    /// The field that names what happened.
    var nameField: CallFields.Name? {
        switch self {
        case .track: .event
        case .page, .screen: .name
        case .identify, .group, .alias, .delete: nil
        }
    }
}
