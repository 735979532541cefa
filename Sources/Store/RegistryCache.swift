package import Formats
internal import Partners
package import Platform
package import Secrets
internal import Transport

/// The partners and their secrets, kept and refreshed.
///
/// Partners that are JSON are read as a whole, those of a database one by one, as they are asked
/// for. Nothing is read before the first call. A refresh that fails leaves the old value in use. A class:
/// one cache serves all events of the process.
package final class RegistryCache {
    /// How old a value may become before it is loaded anew.
    package static let refreshInterval = Duration.seconds(300)
    /// How long after a failed refresh the next one waits.
    package static let pauseAfterFailure = Duration.seconds(30)
    /// How long a first load that has failed is not tried again, and its error stands: longer than
    /// a request, or each would wait for the same.
    package static let pauseAfterFirstFailure = Duration.seconds(10)
    /// What a refresh may take away from the event that it happens in.
    package static let refreshBudget = Duration.seconds(1)

    /// Secrets that are kept, a few for each partner that may have signed; the next one starts anew.
    private static let maximumSecrets = 4 * PartnerLookup.maximumSigners
    /// How old what a database has said may become, where the settings do not say.
    package static let lookupLifetime = Duration.seconds(60)
    /// How old it may become while the database does not answer.
    package static let bridgedAge = LookupCache.maximumAge
    /// What a setting of it may be, for whoever has written something else.
    package static let lifetimeForm = "a number of seconds from 0 to 300"

    /// What such a setting says; nil where that is not of its form.
    package static func lifetime(_ text: String) -> Duration? {
        guard let seconds = Int(text), 0...300 ~= seconds else { return nil }
        return .seconds(seconds)
    }

    /// A value, and the failure to refresh it that has just happened, for a log line.
    package struct Reading<Value: Sendable>: Sendable {
        package let value: Value
        package let failure: StoreError?
    }

    private let source: PartnerSource
    private let reader: ReferenceReader
    private var content: Cached<PartnerContent>?
    private var secrets: [Reference: Cached<[UInt8]>] = [:]
    /// First loads that failed, so that not every event waits for the same.
    private var failures: [Reference: Failed] = [:]
    private var lookupFailure: LookupFailure?
    private let lifetime: Duration
    private var finds: LookupCache?
    /// The database that the source names, or that what it refers to does.
    private var directory: (any PartnerDirectory)?
    private var directoryURI: String?
    private let waits: (Bool) -> Void

    /// `lifetime` is how old what a database has said may become before it is asked again; `waits`
    /// is told when a look-up begins to wait for the partners, and when that is over.
    package init(
        _ source: PartnerSource, reader: ReferenceReader,
        lifetime: Duration = RegistryCache.lookupLifetime,
        waits: @escaping (Bool) -> Void = { _ in }
    ) {
        self.source = source
        self.reader = reader
        self.waits = waits
        self.lifetime = lifetime
        directory = source.database(reader.client)
    }

    /// What one event may ask; `now` is the wall clock's time, and nothing is awaited after
    /// `deadline`.
    package func lookup(at now: Timestamp, until deadline: Instant) -> PartnerLookup {
        PartnerLookup(cache: self, now: now, deadline: deadline)
    }

    /// The trouble that the look-ups since the last call have had, once.
    package func takeFailure() -> LookupFailure? { lookupFailure.take() }

    /// The partner of a token or an id.
    func partner(
        _ key: LookupCache.Key, at now: Timestamp, until deadline: Instant
    ) throws(StoreError) -> Partner? {
        switch try place(at: now, until: deadline) {
        case .registry(let registry):
            switch key {
            case .token(let hash): registry.partner(hash)
            case .id(let id): registry.partner(id: id)
            case .signingScheme: nil
            }
        case .directory(let directory):
            try find(key, in: directory, at: now, until: deadline).first
        }
    }

    func partners(
        signingScheme scheme: SigningRule.Scheme, at now: Timestamp, until deadline: Instant
    ) throws(StoreError) -> [Partner] {
        switch try place(at: now, until: deadline) {
        case .registry(let registry):
            registry.partners(signingScheme: scheme, limit: PartnerLookup.signerLimit)
        case .directory(let directory):
            try find(.signingScheme(scheme.rawValue), in: directory, at: now, until: deadline)
        }
    }

    enum Place {
        case registry(Registry)
        case directory(any PartnerDirectory)
    }

    /// Where the partners are.
    func place(at now: Timestamp, until deadline: Instant) throws(StoreError) -> Place {
        if let directory, directoryURI == nil { return .directory(directory) }
        let reading = try noting { () throws(StoreError) in
            try content(at: now, until: deadline)
        }
        note(reading.failure)
        switch reading.value {
        case .registry(let registry): return .registry(registry)
        case .database(let uri):
            if let directory, directoryURI == uri { return .directory(directory) }
            let made = SQLPartners(PostgreSQLSession(uri: uri))
            (directory, directoryURI) = (made, uri)
            return .directory(made)
        }
    }

    private func find(
        _ key: LookupCache.Key, in directory: any PartnerDirectory, at now: Timestamp,
        until deadline: Instant
    ) throws(StoreError) -> [Partner] {
        let finds = self.finds ?? LookupCache(lifetime: lifetime)
        self.finds = finds
        let reading = try noting { () throws(StoreError) in
            try finds.partners(key, at: now, until: deadline) { until throws(StoreError) in
                self.waits(true)
                defer { self.waits(false) }
                do throws(StoreError) {
                    return try directory.partners(key, until: until) { unusable in
                        self.note(unusable)
                    }
                } catch {
                    // The URI may hold a password that is no longer good.
                    if !error.isOfRecord { self.content?.expire() }
                    throw error
                }
            }
        }
        note(reading.failure)
        return reading.partners
    }

    private func noting<Value>(
        _ look: () throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        do throws(StoreError) {
            return try look()
        } catch {
            lookupFailure = LookupFailure(error: error, isBridged: false)
            throw error
        }
    }

    private func note(_ failure: StoreError?) {
        if let failure { lookupFailure = LookupFailure(error: failure, isBridged: true) }
    }

    /// Reads partners that are JSON on this machine, so that a mistake in them shows at the start.
    package func readLocal(at now: Timestamp) throws(StoreError) {
        guard source.isLocal else { return }
        _ = try content(at: now, until: .now + .seconds(1))
    }

    /// What the source says or refers to; fails only where nothing is known yet.
    ///
    /// `now` is the wall clock's time. Nothing is awaited after `deadline`.
    func content(
        at now: Timestamp, until deadline: Instant
    ) throws(StoreError) -> Reading<PartnerContent> {
        guard case .kept(let reference) = source else {
            if let content { return Reading(value: content.current, failure: nil) }
            guard case .inline(let bytes) = source else { throw .malformedSource }
            let loaded = PartnerContent.registry(try Registry(json: bytes))
            content = Cached(loaded, at: now)
            return Reading(value: loaded, failure: nil)
        }
        return try value(&content, of: reference, at: now, until: deadline) {
            until throws(StoreError) in
            self.waits(true)
            defer { self.waits(false) }
            return try PartnerContent(self.reader.read(reference, until: until))
        }
    }

    /// A secret that has been fetched, and whether it is time to fetch it anew.
    func knownSecret(
        _ reference: Reference, at now: Timestamp
    ) -> (value: [UInt8], isDue: Bool)? {
        secrets[reference].map { ($0.current, $0.isDue(at: now)) }
    }

    /// What a secret's reference names, as it is kept there.
    func secret(
        _ reference: Reference, at now: Timestamp, until deadline: Instant
    ) throws(StoreError) -> Reading<[UInt8]> {
        try secret(reference, at: now, until: deadline) { until throws(StoreError) in
            try self.reader.read(reference, until: until)
        }
    }

    private func secret(
        _ reference: Reference, at now: Timestamp, until deadline: Instant,
        load: (Instant) throws(StoreError) -> [UInt8]
    ) throws(StoreError) -> Reading<[UInt8]> {
        // Partners of a database may come to name any number in time.
        var kept = secrets[reference]
        if kept == nil, secrets.count >= Self.maximumSecrets { secrets = [:] }
        defer { secrets[reference] = kept }
        return try value(&kept, of: reference, at: now, until: deadline, load: load)
    }

    /// What several secrets' references name, fetched together; each has its own reading.
    ///
    /// What is at hand and not old, or could not be had lately, is not asked for.
    func secrets(
        _ references: [Reference], at now: Timestamp, until deadline: Instant
    ) -> [Result<Reading<[UInt8]>, StoreError>] {
        let wanted = references.filter { reference in
            if let kept = secrets[reference] { return kept.isDue(at: now) }
            return failures[reference]?.isOver(at: now) ?? true
        }
        var fetched: [Reference: Result<[UInt8], StoreError>] = [:]
        for (reference, result) in zip(wanted, reader.read(wanted, until: deadline)) {
            fetched[reference] = result
        }
        return references.map { reference in
            Result { () throws(StoreError) in
                try secret(reference, at: now, until: deadline) {
                    _ throws(StoreError) in
                    // What was not fetched has been there, and may have made room for others.
                    guard let result = fetched[reference] else {
                        return try self.reader.read(reference, until: deadline)
                    }
                    return try result.get()
                }
            }
        }
    }

    /// What is kept, loaded first where there is nothing, or anew where it is old.
    private func value<Value: Sendable>(
        _ kept: inout Cached<Value>?, of reference: Reference, at now: Timestamp,
        until deadline: Instant, load: (Instant) throws(StoreError) -> Value
    ) throws(StoreError) -> Reading<Value> {
        guard var cached = kept else {
            if let failed = failures[reference], !failed.isOver(at: now) { throw failed.error }
            do throws(StoreError) {
                let loaded = try load(deadline)
                kept = Cached(loaded, at: now)
                failures[reference] = nil
                return Reading(value: loaded, failure: nil)
            } catch {
                if failures.count >= Self.maximumSecrets { failures = [:] }
                failures[reference] = Failed(error, at: now)
                throw error
            }
        }
        guard cached.isDue(at: now) else { return Reading(value: cached.current, failure: nil) }
        do throws(StoreError) {
            let loaded = try load(min(deadline, .now + Self.refreshBudget))
            kept = Cached(loaded, at: now)
            return Reading(value: loaded, failure: nil)
        } catch {
            cached.noteFailure(at: now)
            kept = cached
            return Reading(value: cached.current, failure: error)
        }
    }
}

extension PartnerDirectory {
    /// The partners of a key: one at most, but for a signing scheme.
    ///
    /// `skip` is told of records of a signing scheme that cannot be used: they stop nobody else.
    fileprivate func partners(
        _ key: LookupCache.Key, until deadline: Instant, skip: (StoreError) -> Void
    ) throws(StoreError) -> [Partner] {
        switch key {
        case .token(let hash):
            guard let record = try partner(token: hash, until: deadline) else { return [] }
            return [try record.partner(at: record.place)]
        case .id(let id):
            guard let record = try partner(id: id, until: deadline) else { return [] }
            return [try record.partner(at: record.place)]
        case .signingScheme(let scheme):
            var found: [Partner] = []
            for reading in try partners(
                signingScheme: scheme, limit: PartnerLookup.signerLimit, until: deadline)
            {
                do throws(StoreError) {
                    let record = try reading.get()
                    found.append(try record.partner(at: record.place))
                } catch {
                    skip(error)
                }
            }
            return found
        }
    }
}

extension PartnerRecord {
    /// What error messages call it.
    fileprivate var place: String { "\(SQLPartners.table)[\(id)]" }
}
