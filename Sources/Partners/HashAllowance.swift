/// The bytes that may still be hashed to find a signer, and what each secret takes of them.
package struct HashAllowance {
    private var left: Int
    private let cost: Int

    /// For a body of this size; `maximum` is for all secrets together.
    package init(body: Int, maximum: Int) {
        left = maximum
        // Two more blocks are the key's.
        cost = body + 128
    }

    static let unlimited = HashAllowance(body: 0, maximum: .max)

    mutating func spend() -> Bool {
        guard left >= cost else { return false }
        left -= cost
        return true
    }
}
