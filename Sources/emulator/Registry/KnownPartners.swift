import AWS
import Formats
import Partners
import Platform
import Secrets
import Store

/// The partners that the functions know, as the emulator reads them for its page.
///
/// It reads them where the functions do, whatever fault is on, and keeps nothing of them.
struct KnownPartners: Sendable {
    /// For all that one page asks.
    private static let patience = Duration.seconds(2)
    /// The most that are listed.
    private static let maximum = 1000

    private let source: PartnerSource
    private let system: System

    /// The partners of a function with these variables, each `NAME=value`; nil if it has none that
    /// can be understood.
    init?(_ variables: [String]) {
        var values: [String: String] = [:]
        for variable in variables {
            guard let end = variable.firstIndex(of: "=") else { continue }
            values[String(variable[..<end])] = String(variable[variable.index(after: end)...])
        }
        guard let setting = values[RegistrySwitch.variable],
            let source = try? PartnerSource(setting)
        else { return nil }
        self.source = source
        let known = values
        system = System(environment: { known[$0] })
    }

    private var client: AWSClient {
        let settings = AWSSettings(system)
        return AWSClient(settings, credentials: CredentialChain(settings))
    }

    /// A look into them; nil if they cannot be read.
    func reading() -> PartnerReading? {
        let client = client
        guard let book = try? source.book(client, at: system.now()) else { return nil }
        return PartnerReading(
            book, ReferenceReader(client),
            LookupContext(time: system.budget(of: Self.patience)))
    }

    /// All that are not removed; empty if they cannot be read.
    func list() -> [Partner] {
        let budget = system.budget(of: Self.patience)
        return ((try? stored(within: budget)) ?? listed(within: budget))
            .filter { $0.standing != .deleted }
    }

    /// The partners of a database.
    private func stored(within budget: TimeBudget) throws(StoreError) -> [Partner] {
        let store = try source.store(client, within: budget)
        var found: [Partner] = []
        var mark: String?
        repeat {
            let page = try store.page(after: mark, within: budget)
            // A record that cannot be used is none that could send.
            found += page.records.compactMap { try? $0.get().partner(at: "partner") }
            mark = page.mark
        } while mark != nil && found.count < Self.maximum
        return found
    }

    /// The partners of a list.
    private func listed(within budget: TimeBudget) -> [Partner] {
        let bytes: [UInt8]?
        switch source {
        case .inline(let json): bytes = json
        case .kept(let reference):
            bytes = try? ReferenceReader(client).read(reference, within: budget)
        case .database: bytes = nil
        }
        return bytes.flatMap { try? Registry(json: $0) }?.partners ?? []
    }
}

/// One look into the registry, for as long as its time lasts.
struct PartnerReading {
    private let book: any PartnerBook
    private let reader: ReferenceReader
    private let context: LookupContext

    init(_ book: any PartnerBook, _ reader: ReferenceReader, _ context: LookupContext) {
        self.book = book
        self.reader = reader
        self.context = context
    }

    /// Whoever has, or had, this token.
    func owner(of token: [UInt8]) throws(LookupFailure) -> Partner? {
        try book.partner(.token(TokenHash(of: token)), in: context)
    }

    /// The partners that sign by a scheme.
    func signers(by scheme: SigningRule.Scheme) throws(LookupFailure) -> [Partner] {
        try book.signers(by: scheme, in: context)
    }

    /// The key that each secret of a rule spells, or why there is none.
    func keys(of rule: SigningRule) -> [Result<[UInt8], SigningKeyError>] {
        rule.keys(by: reader, within: context.time)
    }
}
