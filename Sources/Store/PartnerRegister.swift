internal import AWS
package import Formats
package import Partners
package import Platform
package import Secrets
internal import Transport

/// What an operator does with the partners of a database.
///
/// A change is read, made and written back on condition that nobody has changed the record in
/// between; one that loses such a race is made anew on what the winner wrote.
package struct PartnerRegister {
    /// How often a change is tried that loses the race with another.
    private static let attempts = 5
    /// What is waited at most after the first lost race, so that the same do not meet again; after
    /// the next one it is as much more.
    package static let maximumPause = Duration.milliseconds(40)
    /// How long a token that has been replaced may stay valid.
    package static let maximumGrace = Duration.seconds(90 * 86400)
    /// Partners that a list may hold.
    package static let maximumPartners = 100_000

    private let store: any PartnerStore
    private let now: () -> Timestamp
    private let randomID: () -> UUID
    private let deadline: () -> Instant
    private let wait: (Duration) -> Void

    /// `deadline` gives each call to the database its end; `wait` sleeps between two attempts.
    package init(
        _ store: any PartnerStore, now: @escaping () -> Timestamp,
        randomID: @escaping () -> UUID,
        deadline: @escaping () -> Instant = { .now + .seconds(10) },
        wait: @escaping (Duration) -> Void = Threads.sleep
    ) {
        self.store = store
        self.now = now
        self.randomID = randomID
        self.deadline = deadline
        self.wait = wait
    }

    /// Sets the tables up, and returns the versions that were applied.
    package func migrate() throws(StoreError) -> [Int] { try store.migrate(until: deadline()) }

    /// Adds a partner; `config` is the text of its `validation_config`.
    package func add(
        name: String, description: String? = nil, token: TokenHash,
        status: Partner.Status = .active, config: [UInt8] = Array("{}".utf8)
    ) throws(StoreError) -> PartnerRecord {
        var record = PartnerRecord(
            id: randomID(), name: name, description: description, token: token, status: status,
            validationConfig: config, at: whole(now()))
        try record.normalise(over: nil)
        guard try store.partner(token: token, until: deadline()) == nil else { throw .tokenTaken }
        try store.insert(record, until: deadline())
        return record
    }

    /// The partner of this name.
    package func partner(name: String) throws(StoreError) -> PartnerRecord {
        guard let record = try store.partner(name: name, until: deadline()) else {
            throw .noSuchPartner
        }
        return record
    }

    /// All partners by name, with removed ones where they are asked for.
    ///
    /// `skip` is told of each record that cannot be read; the first one ends it all otherwise.
    package func partners(
        includingRemoved: Bool = false,
        skip: (StoreError) throws(StoreError) -> Void = { error throws(StoreError) in throw error }
    ) throws(StoreError) -> [PartnerRecord] {
        var found: [PartnerRecord] = []
        var mark: String?
        repeat {
            let page = try store.page(after: mark, until: deadline())
            for reading in page.records {
                switch reading {
                case .success(let record):
                    if includingRemoved || record.deletedAt == nil { found.append(record) }
                case .failure(let error): try skip(error)
                }
            }
            mark = page.mark
        } while mark != nil && found.count < Self.maximumPartners
        return found.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    }

    /// Changes name, description, status or configuration.
    ///
    /// `edit` may be called again, with what somebody else has written meanwhile.
    package func update(
        name: String, _ edit: (inout PartnerRecord) throws(StoreError) -> Void
    ) throws(StoreError) -> PartnerRecord {
        for attempt in 1..<Self.attempts {
            do throws(StoreError) {
                return try updateOnce(name: name, edit)
            } catch .changedMeanwhile {
                wait(Self.maximumPause * attempt * Double.random(in: 0...1))
            }
        }
        return try updateOnce(name: name, edit)
    }

    /// Gives a partner another token; the one that it had stays valid for `grace`.
    ///
    /// There is one such token at most.
    ///
    /// - Throws: ``StoreError/previousTokenValid(until:)`` where an earlier rotation's grace is not
    ///   over, unless `endingPrevious` says that its token may end now.
    package func rotate(
        name: String, to token: TokenHash, grace: Duration, endingPrevious: Bool = false
    ) throws(StoreError) -> PartnerRecord {
        let grace = min(max(.zero, grace), Self.maximumGrace)
        guard try store.partner(token: token, until: deadline()) == nil else { throw .tokenTaken }
        let now = now()
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

    /// Removes a partner: its name is free again, and its tokens are known as removed.
    package func remove(name: String) throws(StoreError) -> PartnerRecord {
        let now = whole(now())
        return try update(name: name) { $0.deletedAt = now }
    }

    private func updateOnce(
        name: String, _ edit: (inout PartnerRecord) throws(StoreError) -> Void
    ) throws(StoreError) -> PartnerRecord {
        let old = try partner(name: name)
        var record = old
        try edit(&record)
        // It tells one version from the next, so that it must grow.
        let next = old.modifiedAt.milliseconds + 1
        record.modifiedAt = Timestamp(milliseconds: max(now().milliseconds, next))
        try record.normalise(over: old)
        try store.replace(old, with: record, until: deadline())
        return record
    }

    /// What RFC 3339 with milliseconds can say.
    private func whole(_ time: Timestamp) -> Timestamp {
        Timestamp(milliseconds: time.milliseconds)
    }
}

extension PartnerRecord {
    /// Checks what an operator gave that is not in `old` already, and writes `validation_config` in
    /// its plainest form.
    ///
    /// What was there before stays, even where it would be refused today: whoever is suspended or
    /// removed may be so because of it.
    fileprivate mutating func normalise(over old: PartnerRecord?) throws(StoreError) {
        let place = "partner"
        var mistakes = MistakeList()
        // Swift takes two spellings of a character for the same, and databases do not.
        if old?.name.utf8.elementsEqual(name.utf8) != true {
            _ = try mistakes.gather { [name] () throws(StoreError) in
                try PartnerName.check(name, at: "\(place).name")
            }
        }
        if let description, old?.description != description {
            _ = try mistakes.gather { () throws(StoreError) in
                try Self.check(description: description, at: "\(place).description")
            }
        }
        if old?.validationConfig != validationConfig {
            let config = try mistakes.gather { [validationConfig] () throws(StoreError) in
                try Self.plain(validationConfig, at: "\(place).validation_config")
            }
            if let config { validationConfig = config }
        }
        try mistakes.check()
    }

    private static func check(
        description: String, at place: String
    ) throws(StoreError) {
        guard !description.utf8.contains(0) else {
            throw .invalid(place: place, problem: "holds a NUL character")
        }
        guard description.utf8.count <= maximumDescription else {
            throw .invalid(place: place, problem: "longer than \(maximumDescription) bytes")
        }
    }

    /// A valid configuration in its plainest form.
    private static func plain(
        _ config: [UInt8], at place: String
    ) throws(StoreError) -> [UInt8] {
        let tooLong = StoreError.invalid(
            place: place, problem: "longer than \(maximumConfig) bytes")
        guard config.count <= maximumRawConfig else { throw tooLong }
        let text: JSONText
        do throws(JSONError) {
            text = try JSONText(config)
        } catch {
            throw .invalid(place: place, problem: "not JSON: \(error.reason)")
        }
        _ = try ValidationConfig(text.root, at: place)
        var writer = JSONWriter(reserving: config.count)
        guard writer.plain(text.root) else {
            throw .invalid(place: place, problem: "holds a NUL character")
        }
        guard writer.bytes.count <= maximumConfig else { throw tooLong }
        return writer.bytes
    }
}

extension JSONWriter {
    /// Writes a value with no escapes but those that JSON asks for, numbers as they are.
    ///
    /// Databases read names in it by their characters, and keep no NUL.
    ///
    /// - Returns: false where a string holds a NUL.
    fileprivate mutating func plain(_ value: JSONValue) -> Bool {
        switch value.kind {
        case .object:
            beginObject()
            for member in value.members {
                let name = member.name.string ?? ""
                guard !name.utf8.contains(0) else { return false }
                self.name(name)
                guard plain(member.value) else { return false }
            }
            endObject()
        case .array:
            beginArray()
            for element in value.elements where !plain(element) { return false }
            endArray()
        case .string:
            let text = value.utf8 ?? []
            guard !text.contains(0) else { return false }
            string(utf8: text.span)
        case .number, .true, .false, .null:
            raw(value.raw)
        }
        return true
    }
}
