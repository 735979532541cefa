extension Command {
    /// All commands, in the order that help lists them.
    static let all: [Command] = [
        partnerAdd, partnerList, partnerShow, partnerUpdate, partnerSuspend, partnerActivate,
        partnerDeactivate, partnerRotate, partnerEdit, partnerSecretAdd, partnerSecretDrop,
        partnerRemove, partnerExport, partnerImport, partnerGuide, check, send, verify, find,
        doctor, migrate, rejectedList, rejectedReplay, rejectedDrop, archiveReplay, tail,
        warehouseMigrate, warehouseStatus, warehouseCheck, contextAdd, contextList, contextShow,
        contextUse, contextRemove, version, completion,
    ]

    /// Each group of commands, and what it is about.
    static let groups: [(words: [String], summary: String)] = [
        (["partner"], "Who may send, and what was agreed with them."),
        (["partner", "secret"], "The secrets that a partner may sign by."),
        (["rejected"], "Authentic input that was not valid."),
        (["archive"], "Published messages as they are kept in S3."),
        (["warehouse"], "Where published messages become rows."),
        (["context"], "Settings that are used together, of a stack or of an emulator."),
    ]
}
