package import Formats

/// Why an event's records cannot be read.
///
/// None of them can then be answered for.
package enum QueueEventError: Error, Equatable {
    case notJSON(JSONError)
    /// No list of records, or one that is from none of SQS, SNS and Kinesis.
    case unknownSource
    /// The record at this index has no id.
    case unreadable(index: Int)

    /// A phrase for a log line; it holds nothing of the event.
    package var reason: String {
        switch self {
        case .notJSON(let error): "the event is not JSON: \(error.reason)"
        case .unknownSource: "the event is from none of SQS, SNS and Kinesis"
        case .unreadable(let index): "Records[\(index)] has no id"
        }
    }
}

/// Records that SQS, SNS or Kinesis hands to a function.
package struct QueueEvent: Sendable {
    package enum Source: String, Sendable {
        /// An answer may name the records that failed.
        case sqs
        /// An event succeeds or fails as a whole.
        case sns
        /// An answer may name the records that failed: all comes again from the first of them on.
        case kinesis
    }

    package let source: Source
    /// In the order of the event, which groups keep.
    package let records: [QueueRecord]

    package init(_ event: [UInt8]) throws(QueueEventError) {
        let root: JSONValue
        do throws(JSONError) {
            root = try JSONText(event).root
        } catch {
            throw .notJSON(error)
        }
        guard let list = root["Records"], list.kind == .array else { throw .unknownSource }
        var source = Source.sqs
        var records: [QueueRecord] = []
        for element in list.elements {
            let record: QueueRecord?
            if element["eventSource"]?.equals("aws:sqs") == true {
                record = QueueRecord(sqs: element)
            } else if element["EventSource"]?.equals("aws:sns") == true {
                source = .sns
                record = QueueRecord(sns: element)
            } else if element["eventSource"]?.equals("aws:kinesis") == true {
                source = .kinesis
                record = QueueRecord(kinesis: element)
            } else {
                throw .unknownSource
            }
            guard let record else { throw .unreadable(index: records.count) }
            records.append(record)
        }
        self.source = source
        self.records = records
    }
}
