import Formats

/// The attributes of a queue that can be set, by SQS's names.
///
/// The emulator keeps them all and goes by those that have a property here. No message is given up
/// for its age, and nothing is encrypted.
///
/// Source: Amazon SQS API Reference, "SetQueueAttributes".
struct QueueSettings: Sendable {
    /// Bytes of a message with its attributes, and of all messages of a batch together.
    static let maximumMessageSize = 1_048_576
    /// Seconds for which a received message can be hidden.
    static let maximumVisibility = 43_200
    /// Seconds for which a call can wait for a message.
    static let maximumWait = 20
    /// Seconds for which a new message can be held back.
    static let maximumDelay = 900

    private static let numbers: [String: (range: ClosedRange<Int>, standard: Int)] = [
        "VisibilityTimeout": (0...maximumVisibility, 30),
        "DelaySeconds": (0...maximumDelay, 0),
        "ReceiveMessageWaitTimeSeconds": (0...maximumWait, 0),
        "MaximumMessageSize": (1024...maximumMessageSize, maximumMessageSize),
        "MessageRetentionPeriod": (60...1_209_600, 345_600),
        "KmsDataKeyReusePeriodSeconds": (60...86_400, 300),
    ]
    private static let documents = ["Policy", "RedrivePolicy", "RedriveAllowPolicy"]
    private static let flags = ["ContentBasedDeduplication", "SqsManagedSseEnabled"]
    private static let words = ["KmsMasterKeyId", "DeduplicationScope", "FifoThroughputLimit"]

    /// What was set, as it came.
    private(set) var texts: [String: String] = [:]
    var visibilityTimeout = Duration.seconds(30)
    var deduplicatesByContent = false

    var delay: Duration { .seconds(number("DelaySeconds")) }
    var wait: Duration { .seconds(number("ReceiveMessageWaitTimeSeconds")) }
    var maximumSize: Int { number("MaximumMessageSize") }

    /// All attributes that have a value, for whoever asks.
    var all: [NamedValue] {
        var values = texts
        for (name, number) in Self.numbers where name != "KmsDataKeyReusePeriodSeconds" {
            values[name] = values[name] ?? String(number.standard)
        }
        values["VisibilityTimeout"] = String(visibilityTimeout.components.seconds)
        if deduplicatesByContent { values["ContentBasedDeduplication"] = "true" }
        return values.sorted { $0.key < $1.key }.map { NamedValue($0.key, $0.value) }
    }

    /// Sets one attribute; an empty document takes the one that is there away.
    mutating func set(_ name: String, _ value: String) throws(SQSError) {
        if let number = Self.numbers[name] {
            guard let given = Int(value), number.range.contains(given) else {
                throw Self.invalid(name)
            }
            if name == "VisibilityTimeout" { visibilityTimeout = .seconds(given) }
        } else if Self.documents.contains(name) {
            guard !value.isEmpty else {
                texts[name] = nil
                return
            }
            guard (try? JSONText(Array(value.utf8)))?.root.kind == .object else {
                throw Self.invalid(name)
            }
        } else if Self.flags.contains(name) {
            guard value == "true" || value == "false" else { throw Self.invalid(name) }
            if name == "ContentBasedDeduplication" { deduplicatesByContent = value == "true" }
        } else if !Self.words.contains(name) {
            throw .own("InvalidAttributeName", "Unknown Attribute \(name).")
        }
        texts[name] = value
    }

    static func invalid(_ name: String) -> SQSError {
        .own("InvalidAttributeValue", "Invalid value for the parameter \(name).")
    }

    private func number(_ name: String) -> Int {
        texts[name].flatMap { Int($0) } ?? Self.numbers[name]?.standard ?? 0
    }
}
