internal import Formats
internal import Partners

/// A partner's row: columns by their names, with the place of each for errors.
struct RowReader {
    private let place: String
    private let values: [String: String]

    init(_ values: [String: String], at table: String) {
        self.values = values
        place = "\(table)[\((values["id"] ?? "").prefix(64))]"
    }

    /// A column that may be null.
    subscript(column: String) -> String? { values[column] }

    func text(_ column: String) throws(PartnerError) -> String {
        guard let text = values[column] else { throw mistake(column, "missing") }
        return text
    }

    func time(_ column: String) throws(PartnerError) -> Timestamp {
        guard let time = Timestamp(rfc3339: try text(column).utf8) else {
            throw mistake(column, "not a time such as 2026-01-05T10:00:00.000Z")
        }
        return time
    }

    /// A token's hash: a token itself has no business in a table.
    func hash(_ column: String) throws(PartnerError) -> TokenHash {
        let text = try text(column)
        guard text.hasPrefix("sha256:"), let hash = TokenHash(recorded: text) else {
            throw mistake(column, "not sha256: and 64 hex digits")
        }
        return hash
    }

    func status(_ column: String) throws(PartnerError) -> Partner.Status {
        guard let status = Partner.Status(rawValue: try text(column)) else {
            let known = Partner.Status.allCases.map(\.rawValue).joined(separator: ", ")
            throw mistake(column, "not one of \(known)")
        }
        return status
    }

    private func mistake(_ column: String, _ problem: String) -> PartnerError {
        .invalid(place: "\(place).\(column)", problem: problem)
    }
}
