internal import Formats
internal import Partners
internal import Platform

/// A line of an export: one record.
package struct PartnerLine {
    /// Counted from 1.
    package let number: Int
    package let json: [UInt8]

    package init(number: Int, json: [UInt8]) {
        self.number = number
        self.json = json
    }

    /// What mistakes in it are named by.
    var place: String { "line \(number)" }
}

extension PartnerRegister {
    /// Partners that are imported at once.
    package static let maximumImport = 10_000
    /// For one import.
    private static let importPatience = Duration.seconds(60)

    /// Reads an export, and checks that the database would take it.
    ///
    /// - Throws: all mistakes, each with the number of its line.
    package func read(_ lines: [PartnerLine]) throws(StoreError) -> [PartnerRecord] {
        var mistakes = MistakeList()
        if lines.count > Self.maximumImport {
            mistakes.add(
                place: "line \(Self.maximumImport + 1)",
                problem: "more than \(Self.maximumImport) partners")
        }
        // A record that cannot be read still keeps its keys: the database itself sees to that.
        let ignore: (StoreError) -> Void = { _ in }
        var taken = TakenKeys(try partners(includingRemoved: true, skip: ignore))
        var records: [PartnerRecord] = []
        do throws(PartnerError) {
            for line in lines.prefix(Self.maximumImport) {
                let record = try mistakes.gather { () throws(PartnerError) in
                    try self.record(of: line)
                }
                guard let record else { continue }
                for (member, owner) in taken.add(record, at: line.place) {
                    mistakes.add(place: "\(line.place).\(member)", problem: "\(owner) has it")
                }
                records.append(record)
            }
            try mistakes.check()
        } catch {
            throw .partner(error)
        }
        return records
    }

    /// Adds partners that were read, all of them or none.
    package func add(_ records: [PartnerRecord]) throws(StoreError) {
        guard !records.isEmpty else { return }
        try store.insert(records, within: system.budget(of: Self.importPatience))
    }

    private func record(of line: PartnerLine) throws(PartnerError) -> PartnerRecord {
        let text = try PartnerRecord.text(line.json, at: line.place)
        return try PartnerRecord(
            exported: text.root, newID: randomID(), at: line.place,
            now: Timestamp(milliseconds: system.now().milliseconds))
    }
}

/// What no two partners may have in common, and who has it.
private struct TakenKeys {
    private var owners: [[UInt8]: String] = [:]

    init(_ records: [PartnerRecord]) {
        for record in records { _ = add(record, at: "another partner") }
    }

    /// Notes a record's keys; those that are taken already are returned, each with its owner.
    mutating func add(
        _ record: PartnerRecord, at owner: String
    ) -> [(member: String, owner: String)] {
        var keys = [("id", record.id)]
        // A removed partner's name is free.
        if record.deletedAt == nil { keys.append(("name", record.name)) }
        for hash in [record.token] + (record.previousToken.map { [$0.hash] } ?? []) {
            keys.append(("webhook_token", hash.recorded))
        }
        var found: [(member: String, owner: String)] = []
        for (member, value) in keys {
            // By bytes: databases tell apart what Swift calls equal.
            let key = Array("\(member):\(value)".utf8)
            if let known = owners[key] { found.append((member, known)) }
            owners[key] = owners[key] ?? owner
        }
        return found
    }
}
