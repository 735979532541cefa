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
            parts.dropFirst().allSatisfy({ !$0.isEmpty })
        else { return nil }
        self.arn = arn
        region = String(parts[3])
        isFIFO = parts[5].hasSuffix(".fifo")
    }
}
