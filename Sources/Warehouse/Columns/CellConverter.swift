internal import Formats

/// Makes a property fit the column that it belongs in.
package struct CellConverter: Sendable {
    /// True if the database keeps every digit of a number.
    private let hasExactNumbers: Bool

    package init(hasExactNumbers: Bool) { self.hasExactNumbers = hasExactNumbers }

    /// Why a value does not fit.
    struct Refusal: Error {
        let reason: DiscardReason
    }

    func convert(_ value: JSONValue, to kind: Catalog.Kind) -> Result<Cell, Refusal> {
        switch (kind, value.kind) {
        case (.text, _): .success(.text(CleanText(value).bytes))
        case (.json, _): .success(.json(value.raw))
        case (.time, .string):
            Timestamp(storable: value).map { .success(.time($0)) }
                ?? .failure(Refusal(reason: .typeConflict))
        case (.number, .number): number(value.raw)
        case (.integer, .number):
            value.int.map { .success(.number(Array(String($0).utf8)[...])) }
                ?? .failure(Refusal(reason: .typeConflict))
        case (.boolean, .true): .success(.boolean(true))
        case (.boolean, .false): .success(.boolean(false))
        default: .failure(Refusal(reason: .typeConflict))
        }
    }

    /// Digits that a double keeps for certain.
    private static let exactDigits = 15

    private func number(_ text: ArraySlice<UInt8>) -> Result<Cell, Refusal> {
        guard !hasExactNumbers else { return .success(.number(text)) }
        let written = String(decoding: text, as: UTF8.self)
        if Int64(written) != nil { return .success(.number(text)) }
        let mantissa = text.prefix { $0 | 0x20 != UInt8(ascii: "e") }
        var digits = mantissa.filter { $0 &- UInt8(ascii: "0") < 10 }[...]
            .drop { $0 == UInt8(ascii: "0") }
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        // Very small numbers have fewer digits, or become zero.
        guard digits.count <= Self.exactDigits,
            digits.isEmpty || Double(written)?.isNormal == true
        else {
            return .failure(Refusal(reason: .inexact))
        }
        return .success(.number(text))
    }
}

extension Catalog.Kind {
    /// The kind of a column as the schema has it.
    var column: Column.Kind {
        switch self {
        case .text, .other: .text
        case .time: .time
        case .number, .integer: .number
        case .boolean: .boolean
        case .json: .json
        }
    }
}
