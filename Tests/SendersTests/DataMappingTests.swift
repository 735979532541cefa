import Foundation
import Testing

@testable import Senders

/// The table of the README that says what becomes of an event's members.
private struct MappingTable {
    /// The names of the first column's members, and the second column.
    let rows: [(members: [String], message: String)]

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = try ["Sources/Senders/README.md", "README.md"].compactMap { path in
            let file = root.appending(path: path)
            guard FileManager.default.fileExists(atPath: file.path) else { return String?.none }
            return try String(contentsOf: file, encoding: .utf8)
        }.joined(separator: "\n")
        let table = text.components(separatedBy: "\n| Customer.io | message |\n|---|---|\n")
        let lines = try #require(table.dropFirst().first).components(separatedBy: "\n")
        rows = lines.prefix { $0.hasPrefix("|") }.map { line in
            let cells = line.components(separatedBy: "|")
            let members = cells[1].matches(of: /`([a-z_]+)`/).map { String($0.1) }
            return (members, cells[2])
        }
    }

    /// What the rows say of a member.
    func message(of member: String) -> [String] {
        rows.filter { $0.members.contains(member) }.map(\.message)
    }
}

@Suite("Customer.io's mapping")
struct DataMappingTests {
    @Test("says of each member what the README's table says")
    func rules() throws {
        let table = try MappingTable()
        #expect(table.rows.count > 8)
        for rule in DataMapping.rules {
            let said = table.message(of: rule.member).joined(separator: " ")
            let expected: [String] =
                switch rule.use {
                case .person where rule.member == "identifiers": []
                case .person where rule.member == "customer_id": ["`userId`"]
                case .person: ["`context.traits."]
                case .rename(let name), .copyForEmail(let name): [name]
                case .asText: ["as text"]
                case .drop: ["dropped"]
                case .keepOfPreferences: ["dropped", "of changed preferences stays"]
                case .renameIfTaken: ["both are properties too"]
                case .keep: []
                }
            for words in expected { #expect(said.contains(words), "\(rule.member): \(said)") }
        }
    }

    @Test("has a rule for each member that the README's table names")
    func members() throws {
        let known = Set(DataMapping.rules.map(\.member))
        // Of the event, not of its data.
        let others: Set<String> = [
            "event_id", "timestamp", "data", "cio_", "cio_id", "sms", "whatsapp",
        ]
        for row in try MappingTable().rows {
            for member in row.members where !others.contains(member) {
                #expect(known.contains(member), "\(member)")
            }
        }
    }

    @Test("a name that others are given is known, so that it is not overwritten")
    func targets() {
        let names = DataMapping.rules.compactMap { rule -> String? in
            switch rule.use {
            case .rename(let name), .copyForEmail(let name): name
            default: nil
            }
        }
        #expect(names.count == 4)
        for name in names {
            #expect(DataMapping.rules.contains { $0.member == name && $0.use == .keep })
        }
    }
}
