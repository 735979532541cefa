extension Command {
    /// All commands, in the order that help lists them.
    static let all: [Command] = [
        partnerAdd, partnerList, partnerShow, partnerUpdate, partnerSuspend, partnerActivate,
        partnerDeactivate, partnerRotate, partnerRemove, partnerGuide, check, migrate, rejectedList,
        rejectedReplay,
        completion,
    ]

    /// What the groups of commands are about.
    static let groups: [(words: [String], summary: String)] = [
        (["partner"], "Who may send, and what was agreed with them."),
        (["rejected"], "Input that was authentic and not valid."),
    ]
}
