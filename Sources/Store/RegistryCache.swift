package import Formats
package import Transport

/// The registry and the partners' secrets, kept and refreshed.
///
/// Nothing is read before the first call. A refresh that fails leaves the old value in use. A class:
/// one cache serves all events of the process.
package final class RegistryCache {
    /// How old a value may become before it is loaded anew.
    package static let refreshInterval = Duration.seconds(300)
    /// How long after a failed refresh the next one waits.
    package static let pauseAfterFailure = Duration.seconds(30)
    /// How long a first load that has failed is not tried again, and its error stands.
    package static let pauseAfterFirstFailure = Duration.seconds(2)
    /// What a refresh may take away from the event that it happens in.
    package static let refreshBudget = Duration.seconds(1)

    /// A value, and the failure to refresh it that has just happened, for a log line.
    package struct Reading<Value: Sendable>: Sendable {
        package let value: Value
        package let failure: StoreError?
    }

    /// The secrets that a partner may sign with.
    package struct Secrets: Sendable {
        /// The keys that the record's secrets are or spell, in its order.
        package let values: [[UInt8]]
        /// Why a secret is missing in ``values``; a signature that none of them made may be good.
        package let missing: StoreError?
        /// A refresh that has just failed, for a log line; the old secret is in ``values``.
        package let failure: StoreError?
    }

    private let source: PartnerSource
    private let reader: ReferenceReader
    private var registry: Cached<Registry>?
    private var secrets: [Reference: Cached<[UInt8]>] = [:]
    /// First loads that failed, so that not every event waits for the same.
    private var failures: [Reference: Failed] = [:]
    private var lookupFailure: LookupFailure?
    private let waits: (Bool) -> Void

    /// `waits` is told when a look-up begins to wait for the partners, and when that is over.
    package init(
        _ source: PartnerSource, reader: ReferenceReader,
        waits: @escaping (Bool) -> Void = { _ in }
    ) {
        self.source = source
        self.reader = reader
        self.waits = waits
    }

    /// What one event may ask; `now` is the wall clock's time, and nothing is awaited after
    /// `deadline`.
    package func lookup(at now: Timestamp, until deadline: Instant) -> PartnerLookup {
        PartnerLookup(cache: self, now: now, deadline: deadline)
    }

    /// The trouble that the look-ups since the last call have had, once.
    package func takeFailure() -> LookupFailure? { lookupFailure.take() }

    func partners(at now: Timestamp, until deadline: Instant) throws(StoreError) -> Registry {
        do throws(StoreError) {
            let reading = try registry(at: now, until: deadline)
            if let failure = reading.failure {
                lookupFailure = LookupFailure(error: failure, isBridged: true)
            }
            return reading.value
        } catch {
            lookupFailure = LookupFailure(error: error, isBridged: false)
            throw error
        }
    }

    /// The registry; fails only where there is none yet.
    ///
    /// `now` is the wall clock's time. Nothing is awaited after `deadline`.
    package func registry(
        at now: Timestamp, until deadline: Instant
    ) throws(StoreError) -> Reading<Registry> {
        switch source {
        case .inline(let bytes):
            if let registry { return Reading(value: registry.current, failure: nil) }
            let loaded = try Registry(json: bytes)
            registry = Cached(loaded, at: now)
            return Reading(value: loaded, failure: nil)
        case .kept(let reference):
            return try value(&registry, of: reference, at: now, until: deadline) {
                until throws(StoreError) in
                self.waits(true)
                defer { self.waits(false) }
                return try Registry(json: self.reader.read(reference, until: until))
            }
        }
    }

    /// The secrets of a rule, fetched where they are kept elsewhere.
    package func secrets(
        of rule: SigningRule, at now: Timestamp, until deadline: Instant
    ) -> Secrets {
        var values: [[UInt8]] = []
        var missing: StoreError?
        var failure: StoreError?
        for secret in rule.secrets {
            switch secret {
            case .plain(let key):
                values.append(key)
            case .kept(let reference):
                do throws(StoreError) {
                    var kept = secrets[reference]
                    defer { secrets[reference] = kept }
                    let reading = try value(&kept, of: reference, at: now, until: deadline) {
                        until throws(StoreError) in
                        try self.reader.read(reference, until: until)
                    }
                    failure = reading.failure ?? failure
                    values.append(
                        try rule.recipe.key.bytes(of: reading.value, at: reference.description))
                } catch {
                    missing = error
                }
            }
        }
        return Secrets(values: values, missing: missing, failure: failure)
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
