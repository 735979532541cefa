/// What a call says happened.
///
/// Source: Twilio Segment, "Segment Spec"; `delete` reaches destinations only.
package enum CallType: String, Sendable, CaseIterable {
    case identify, track, page, screen, group, alias, delete
}
