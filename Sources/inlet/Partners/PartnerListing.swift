import Formats
import Partners
import Platform
import Store

/// The partners that are listed, and what is wrong with the records of some.
struct PartnerListing {
    let entries: [PartnerEntry]
    /// Why records cannot be read whose names cannot be read either.
    let nameless: [StoreError]
    /// What is wrong with each of the entries; nil for one that can be used.
    private let problems: [StoreError?]

    private static let unreadable = "UNREADABLE"

    init(_ entries: [PartnerEntry], nameless: [StoreError]) {
        self.entries = entries
        self.nameless = nameless
        problems = entries.map(\.problem)
    }

    /// True if each record can be used.
    var isReadable: Bool { nameless.isEmpty && problems.allSatisfy { $0 == nil } }

    /// What is wrong, a line for each record, where no table says it.
    var notes: [String] {
        let named = zip(entries, problems).compactMap { entry, problem in
            problem.map { "\(Self.unreadable): \(printable(entry.name)): \(printable($0.reason))" }
        }
        return named + nameless.map { "\(Self.unreadable): \(printable($0.reason))" }
    }

    func table(isWide: Bool) -> Table {
        let further = isWide ? ["MODIFIED", "ID"] : []
        let heading = ["NAME", "STATUS", "SENDERS", "SIGNED BY", "CREATED"]
        var table = Table(heading: heading + further + ["DESCRIPTION"])
        for (entry, problem) in zip(entries, problems) {
            let cells = [
                entry.name, problem == nil ? entry.state : Self.unreadable,
                SenderName.list(entry.senders),
                entry["validation_config"]?["signing"]?["scheme"]?.string ?? "",
                entry.time("created_at"),
            ]
            let details = isWide ? [entry.time("modified_at"), entry["id"]?.string ?? ""] : []
            table.add(cells + details + [problem?.reason ?? entry.description ?? ""])
        }
        for problem in nameless {
            let empty = [String](repeating: "", count: 3 + further.count)
            table.add(["", Self.unreadable] + empty + [problem.reason])
        }
        return table
    }
}
