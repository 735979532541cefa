import AWS
import Formats
import Partners
import Platform
import Secrets
import Store
import Transport

/// The partners as an operator reads them, in a database or in JSON.
struct PartnerCatalog {
    private let source: PartnerSource
    private let client: AWSClient

    /// Opens no database yet.
    init(_ source: PartnerSource, client: AWSClient) {
        self.source = source
        self.client = client
    }

    /// For one call.
    private var budget: TimeBudget { client.system.budget(of: Session.patience) }

    /// The register by which partners are changed.
    func register() throws(StoreError) -> PartnerRegister {
        PartnerRegister(
            try source.store(client, within: budget), system: client.system,
            randomID: Session.randomID)
    }

    /// The partner that has this name now.
    func entry(name: String) throws(StoreError) -> PartnerEntry {
        do throws(StoreError) {
            return PartnerEntry(try register().partner(name: name))
        } catch .readOnly {
            let found = try jsonEntries().first { $0.name == name && !$0.isRemoved }
            guard let found else { throw .noSuchPartner }
            return found
        }
    }

    /// The partner that has this name, else the removed ones that had it, the last one first.
    func entries(named name: String) throws(StoreError) -> [PartnerEntry] {
        do throws(StoreError) {
            return [try entry(name: name)]
        } catch .noSuchPartner {
            let removed = try entries(includingRemoved: true, skip: { _ in }).filter {
                $0.isRemoved && $0.name.utf8.elementsEqual(name.utf8)
            }
            guard !removed.isEmpty else { throw .noSuchPartner }
            return removed.sorted { $0.time("deleted_at") > $1.time("deleted_at") }
        }
    }

    /// All partners, sorted by name.
    ///
    /// `skip` is called for each record that cannot be read.
    func entries(
        includingRemoved: Bool, skip: (StoreError) -> Void
    ) throws(StoreError) -> [PartnerEntry] {
        do throws(StoreError) {
            return try register().partners(includingRemoved: includingRemoved, skip: skip).map(
                PartnerEntry.init)
        } catch .readOnly {
            return try jsonEntries().filter { includingRemoved || !$0.isRemoved }
                .sorted { $0.name < $1.name }
        }
    }

    private func jsonEntries() throws(StoreError) -> [PartnerEntry] {
        let bytes = try json()
        do throws(PartnerError) {
            let registry = try Registry(json: bytes)
            return zip(try Self.elements(of: bytes), registry.partners).map(PartnerEntry.init)
        } catch {
            throw .partner(error)
        }
    }

    /// The JSON that the partners are kept as.
    private func json() throws(StoreError) -> [UInt8] {
        switch source {
        case .inline(let text): return text
        case .kept(let reference):
            do throws(SecretError) {
                return try ReferenceReader(client).read(
                    reference, within: budget)
            } catch {
                throw .secret(error)
            }
        case .database: throw .malformedSource
        }
    }

    private static func elements(of bytes: [UInt8]) throws(PartnerError) -> JSONElements {
        do throws(JSONError) {
            return try JSONText(bytes).root.elements
        } catch {
            throw .notJSON(error)
        }
    }
}
