/// Questions about bytes that most texts answer quickly, eight bytes at a time.
extension Span<UInt8> {
    /// True if there is nothing but printable ASCII, a space among it.
    public var isPrintableASCII: Bool {
        let start = firstPlace(from: 0) { $0.controls | $0.others | $0.deletes }
        for index in start..<count where !(0x20...0x7E).contains(self[index]) { return false }
        return true
    }

    /// True if there is a space, or a byte below it.
    public var hasSpaceOrControl: Bool {
        let start = firstPlace(from: 0) { $0.spacesAndControls }
        for index in start..<count where self[index] <= 0x20 { return true }
        return false
    }
}
