/// Columns of text, each as wide as its longest cell.
struct Table {
    private var rows: [[String]]

    init(_ heading: String...) { rows = [heading] }

    init(heading: [String]) { rows = [heading] }

    mutating func add(_ cells: String...) { add(cells) }

    mutating func add(_ cells: [String]) { rows.append(cells.map(printable)) }

    /// Without colours.
    var text: String { text(in: .plain) }

    /// The status words among the cells have the palette's colours.
    func text(in palette: Palette) -> String {
        let widths = (rows.first ?? []).indices.map { column in
            rows.map { $0[column].count }.max() ?? 0
        }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                line += palette.status(cell)
                guard row[(column + 1)...].contains(where: { !$0.isEmpty }) else { break }
                line += String(repeating: " ", count: widths[column] - cell.count + 2)
            }
            return line + "\n"
        }.joined()
    }
}

/// A text without characters that would move a terminal's cursor or hide a part of it.
func printable(_ text: String) -> String {
    var out = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate:
            out.append("\u{FFFD}")
        default: out.append(scalar)
        }
    }
    return String(out)
}
