/// An SNS topic by its ARN, `arn:aws:sns:eu-west-1:123456789012:name`, or `….fifo`.
package struct Topic: Sendable, Hashable {
    package let arn: String
    package let region: String
    /// Keeps order in each message group, and drops repeats of a deduplication id for five minutes.
    package let isFIFO: Bool

    /// Nil for anything that is not the ARN of an SNS topic.
    package init?(arn: String) {
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[2] == "sns",
            parts.dropFirst().allSatisfy({ !$0.isEmpty }), Self.isName(parts[5])
        else { return nil }
        self.arn = arn
        region = String(parts[3])
        isFIFO = parts[5].hasSuffix(".fifo")
    }

    /// Up to 256 letters, digits, hyphens and underscores, and `.fifo` at the end of some.
    private static func isName(_ name: Substring) -> Bool {
        let stem = name.hasSuffix(".fifo") ? name.dropLast(5) : name
        return (1...256).contains(name.utf8.count) && !stem.isEmpty
            && stem.utf8.allSatisfy {
                ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == UInt8(ascii: "-")
                    || $0 == UInt8(ascii: "_")
            }
    }
}
