/// What a call says happened.
///
/// Source: Twilio Segment, "Segment Spec"; `delete` reaches destinations only.
package enum CallType: String, Sendable, CaseIterable {
    case identify, track, page, screen, group, alias, delete

    /// What everybody else than Segment's servers may send: they alone say `delete`.
    package static let ofClients = allCases.filter { $0 != .delete }

    /// Their names, for a sentence that lists them.
    package static var namesOfClients: String {
        ofClients.map(\.rawValue).joined(separator: ", ")
    }
}

extension CallType {
    /// The field that names what happened.
    var nameField: CallField? {
        switch self {
        case .track: .event
        case .page, .screen: .name
        case .identify, .group, .alias, .delete: nil
        }
    }
}
