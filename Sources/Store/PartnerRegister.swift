package import Formats
package import Partners
package import Platform
internal import Transport

/// What an operator does with the partners of a database.
///
/// A change reads the record and writes it back on condition that no other program has changed it in
/// between. After a conflict the change is made again on what the other program wrote.
package struct PartnerRegister {
    /// How a change is tried that conflicts with others.
    private static let conflicts = RetryPolicy(
        maximumAttempts: 5, pause: .growing(upTo: maximumPause))
    /// Upper bound of the random back-off after the first conflict; it grows linearly.
    package static let maximumPause = Duration.milliseconds(40)
    /// How long a replaced token may stay valid.
    package static let maximumGrace = Duration.seconds(90 * 86400)
    /// Partners that a list may hold.
    package static let maximumPartners = 100_000

    let store: any PartnerStore
    let system: System
    let randomID: () -> UUID
    private let patience: Duration

    /// `patience` is for each call to the database.
    package init(
        _ store: any PartnerStore, system: System, randomID: @escaping () -> UUID,
        patience: Duration = .seconds(10)
    ) {
        self.store = store
        self.system = system
        self.randomID = randomID
        self.patience = patience
    }

    private var budget: TimeBudget { system.budget(of: patience) }

    /// Sets the tables up, and returns the versions that were applied.
    package func migrate() throws(StoreError) -> [Int] { try store.migrate(within: budget) }

    /// Adds a partner; `config` is the text of its `validation_config`.
    package func add(
        name: String, description: String? = nil, token: TokenHash,
        status: Partner.Status = .active, config: [UInt8] = Array("{}".utf8)
    ) throws(StoreError) -> PartnerRecord {
        var record = PartnerRecord(
            id: randomID(), name: name, description: description, token: token, status: status,
            validationConfig: config, at: whole(system.now()))
        try normalise(&record, over: nil)
        guard try store.partner(token: token, within: budget) == nil else { throw .tokenTaken }
        try store.insert(record, within: budget)
        return record
    }

    /// The partner of this name.
    package func partner(name: String) throws(StoreError) -> PartnerRecord {
        guard let record = try store.partner(name: name, within: budget) else {
            throw .noSuchPartner
        }
        return record
    }

    /// All partners by name, without removed ones unless they are asked for.
    ///
    /// `skip` is told of each record that cannot be read; without it, the first one is thrown.
    package func partners(
        includingRemoved: Bool = false,
        skip: (StoreError) throws(StoreError) -> Void = { error throws(StoreError) in throw error }
    ) throws(StoreError) -> [PartnerRecord] {
        var found: [PartnerRecord] = []
        var mark: String?
        repeat {
            let page = try store.page(after: mark, within: budget)
            for reading in page.records {
                switch reading {
                case .success(let record):
                    if includingRemoved || record.deletedAt == nil { found.append(record) }
                case .failure(let error): try skip(.partner(error))
                }
            }
            mark = page.mark
        } while mark != nil && found.count < Self.maximumPartners
        return found.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    }

    /// Changes name, description, status or configuration.
    ///
    /// `edit` may be called again, on what another program has written meanwhile.
    package func update(
        name: String, _ edit: (inout PartnerRecord) throws(StoreError) -> Void
    ) throws(StoreError) -> PartnerRecord {
        var retries = RetryState(policy: Self.conflicts)
        while true {
            do throws(StoreError) {
                return try updateOnce(name: name, edit)
            } catch {
                guard case .changedMeanwhile = error, retries.pause(by: system) else {
                    throw error
                }
            }
        }
    }

    /// Gives a partner another token; the one that it had stays valid for `grace`.
    ///
    /// A partner has one previous token at most.
    ///
    /// - Throws: ``StoreError/previousTokenValid(until:)`` while the grace of an earlier rotation
    ///   lasts, unless `endingPrevious` says that its token may end now.
    package func rotate(
        name: String, to token: TokenHash, grace: Duration, endingPrevious: Bool = false
    ) throws(StoreError) -> PartnerRecord {
        let grace = min(max(.zero, grace), Self.maximumGrace)
        guard try store.partner(token: token, within: budget) == nil else { throw .tokenTaken }
        let now = system.now()
        return try update(name: name) { record throws(StoreError) in
            if !endingPrevious, let expiry = record.previousToken?.expiresAt,
                now.microseconds < expiry.microseconds
            {
                throw .previousTokenValid(until: expiry)
            }
            let end = now.microseconds + grace.microseconds
            record.previousToken =
                grace == .zero
                ? nil
                : PartnerToken(
                    hash: record.token, expiresAt: whole(Timestamp(microseconds: end)))
            record.token = token
        }
    }

    /// Removes a partner: its name is free again, and its tokens still tell that it was removed.
    package func remove(name: String) throws(StoreError) -> PartnerRecord {
        let now = whole(system.now())
        return try update(name: name) { $0.deletedAt = now }
    }

    private func updateOnce(
        name: String, _ edit: (inout PartnerRecord) throws(StoreError) -> Void
    ) throws(StoreError) -> PartnerRecord {
        let old = try partner(name: name)
        var record = old
        try edit(&record)
        // The time tells one version from the next, so it must grow.
        let next = old.modifiedAt.milliseconds + 1
        record.modifiedAt = Timestamp(milliseconds: max(system.now().milliseconds, next))
        try normalise(&record, over: old)
        try store.replace(old, with: record, within: budget)
        return record
    }

    private func normalise(
        _ record: inout PartnerRecord, over old: PartnerRecord?
    ) throws(StoreError) {
        do throws(PartnerError) {
            try record.normalise(over: old)
        } catch {
            throw .partner(error)
        }
    }

    /// The time as RFC 3339 with milliseconds can say it.
    private func whole(_ time: Timestamp) -> Timestamp {
        Timestamp(milliseconds: time.milliseconds)
    }
}
