import Formats

/// How a library writes JSON: the same value is other bytes in each.
struct JSONStyle {
    /// In the words of whoever uses the library.
    let name: String
    private let itemSeparator: String
    private let nameSeparator: String
    /// What each level is indented by; nil for one line.
    private let indent: String?
    private var escapes = Escapes.few
    /// True if zeros at the end of a fraction are left out, as a parsed number has lost them.
    private var isShortened = false

    /// What stands in a string as an escape.
    private enum Escapes: CaseIterable {
        /// What JSON asks for.
        case few
        /// What is not ASCII, too.
        case ascii
        /// What is not ASCII, and slashes.
        case slashes
    }

    private init(
        _ name: String, _ itemSeparator: String, _ nameSeparator: String, indent: String? = nil
    ) {
        self.name = name
        self.itemSeparator = itemSeparator
        self.nameSeparator = nameSeparator
        self.indent = indent
    }

    /// What the libraries of the common languages do unless they are told otherwise.
    static let usual: [JSONStyle] = {
        let layouts = [
            JSONStyle("on one line without blanks", ",", ":"),
            JSONStyle("on one line with blanks after : and ,", ", ", ": "),
            JSONStyle("with an indent of two blanks", ",", ": ", indent: "  "),
            JSONStyle("with an indent of four blanks", ",", ": ", indent: "    "),
            JSONStyle("with an indent by tabs", ",", ": ", indent: "\t"),
        ]
        return layouts.flatMap { layout in
            Escapes.allCases.flatMap { escapes in
                [false, true].map { isShortened in
                    var style = layout
                    style.escapes = escapes
                    style.isShortened = isShortened
                    return style
                }
            }
        }
    }()

    func text(of value: JSONValue) -> [UInt8] {
        var out: [UInt8] = []
        write(value, level: 0, to: &out)
        return out
    }

    private func write(_ value: JSONValue, level: Int, to out: inout [UInt8]) {
        switch value.kind {
        case .object:
            writeList(Array(value.members), "{", "}", level, &out) { member, out in
                writeString(member.name, to: &out)
                out += nameSeparator.utf8
                write(member.value, level: level + 1, to: &out)
            }
        case .array:
            writeList(Array(value.elements), "[", "]", level, &out) { element, out in
                write(element, level: level + 1, to: &out)
            }
        case .string: writeString(value, to: &out)
        case .number: out += isShortened ? Self.shortened(value.raw) : value.raw
        case .true, .false, .null: out += value.raw
        }
    }

    private func writeList<Item>(
        _ items: [Item], _ open: String, _ close: String, _ level: Int, _ out: inout [UInt8],
        _ write: (Item, inout [UInt8]) -> Void
    ) {
        out += open.utf8
        for (place, item) in items.enumerated() {
            if place > 0 { out += itemSeparator.utf8 }
            writeLine(level + 1, &out)
            write(item, &out)
        }
        if !items.isEmpty { writeLine(level, &out) }
        out += close.utf8
    }

    private func writeLine(_ level: Int, _ out: inout [UInt8]) {
        guard let indent else { return }
        out.append(UInt8(ascii: "\n"))
        for _ in 0..<level { out += indent.utf8 }
    }

    private func writeString(_ value: JSONValue, to out: inout [UInt8]) {
        let characters = value.utf8 ?? []
        var plain: [UInt8] = []
        JSONString.append(characters.span, to: &plain)
        guard escapes != .few else {
            out += plain
            return
        }
        for unit in String(decoding: plain, as: UTF8.self).utf16 {
            if escapes == .slashes, unit == 0x2F { out.append(0x5C) }
            if unit < 0x80 {
                out.append(UInt8(unit))
            } else {
                out += "\\u".utf8
                out += Hex.encode([UInt8(unit >> 8), UInt8(unit & 255)]).utf8
            }
        }
    }

    private static func shortened(_ number: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard number.contains(UInt8(ascii: ".")), !number.contains(where: { $0 | 0x20 == 0x65 })
        else { return number }
        var number = number
        while number.last == UInt8(ascii: "0") { number.removeLast() }
        if number.last == UInt8(ascii: ".") { number.removeLast() }
        return number
    }
}
