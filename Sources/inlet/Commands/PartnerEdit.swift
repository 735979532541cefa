import Formats
import Platform
import Store

extension Command {
    static let partnerEdit = Command(
        words: ["partner", "edit"], summary: "Edit a partner's record in an editor.",
        operands: [Operand(name: "NAME", kind: .partner)],
        options: [SecretReferences.offline] + Effect.options, showsProgress: false,
        details: """
            The editor of VISUAL, else EDITOR, else vi gets name, description, status and validation_config.
            Nothing is done if the text stays as it is. If it is not valid, that is said, and it can be
            edited again. Nothing is overwritten that somebody else has changed meanwhile.
            \(SecretReferences.details)
            \(Effect.details)
            """,
        examples: [
            Example("EDITOR='sed -i s/ACTIVE/SUSPENDED/' inlet partner edit crm", "by a program")
        ]
    ) { session throws(InletError) in
        let name = session.arguments.operands[0]
        let effect = try Effect(session)
        let record = try session.reading(name) { catalog throws(StoreError) in
            try catalog.register().partner(name: name)
        }
        let draft = Draft(of: record)
        let editor = try Editor(draft.text, session.system)
        var last = draft.text
        while true {
            do throws(InletError) {
                let text = try editor.edit()
                guard text != draft.text else {
                    editor.remove()
                    return session.console.note("Nothing was changed.")
                }
                last = text
                let entry = try session.store(text, draft, of: record)
                editor.remove()
                try session.tell(entry)
                return effect.tell(session)
            } catch {
                try session.askToEditAgain(error, keepsText: last != draft.text, editor)
            }
        }
    }
}

extension Session {
    /// Stores what was edited, if nobody has changed the record since it was read.
    fileprivate func store(
        _ text: [UInt8], _ draft: Draft, of old: PartnerRecord
    ) throws(InletError) -> PartnerEntry {
        var edited = old
        try draft.apply(text, to: &edited)
        if edited.validationConfig != old.validationConfig {
            try SecretReferences.check(edited.validationConfig, self)
        }
        return try change(old.name) { register throws(StoreError) in
            try register.update(name: old.name) { record throws(StoreError) in
                guard record.modifiedAt == old.modifiedAt, record.id == old.id else {
                    throw .changedMeanwhile
                }
                record.name = edited.name
                record.description = edited.description
                record.status = edited.status
                record.validationConfig = edited.validationConfig
            }
        }
    }

    fileprivate func tell(_ entry: PartnerEntry) throws(InletError) {
        if isJSON { return try show(entry) }
        try print("\(printable(entry.name)) is \(entry.state).")
        tellHints(of: entry)
    }

    /// Goes on if the person wants to edit again after a mistake; otherwise the error is thrown.
    ///
    /// A text that was edited is then kept.
    fileprivate func askToEditAgain(
        _ error: InletError, keepsText: Bool, _ editor: Editor
    ) throws(InletError) {
        if error.isMistakeOfText {
            console.note("\(error.message)")
            let answer = console.ask("Edit it again? [Y/n] ")
            if let answer, ["", "y", "yes"].contains(answer.lowercased()) { return }
        }
        if keepsText {
            console.note("What you have edited is kept in \(editor.path).")
        } else {
            editor.remove()
        }
        throw error
    }
}

extension InletError {
    /// True if other text would do.
    fileprivate var isMistakeOfText: Bool {
        switch self {
        case .notEdited, .masked, .secretMissing, .store(.partner, _), .store(.nameTaken, _): true
        default: false
        }
    }
}
