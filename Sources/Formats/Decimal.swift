extension [UInt8] {
    /// Appends a number in decimal digits.
    public mutating func append(decimal number: Int) {
        guard number >= 10 else {
            guard number >= 0 else { return append(contentsOf: String(number).utf8) }
            return append(UInt8(ascii: "0") + UInt8(number))
        }
        append(decimal: number / 10)
        append(UInt8(ascii: "0") + UInt8(number % 10))
    }
}
