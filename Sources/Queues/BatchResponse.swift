internal import Formats

/// What tells SQS or Kinesis which records to hand out again.
///
/// Source: AWS Lambda Developer Guide, "Handling errors for an SQS event source" and "Configuring
/// partial batch response with Kinesis Data Streams and Lambda".
package enum BatchResponse {
    /// The answer that keeps these records in the queue, by ``QueueRecord/id``; all others leave it.
    ///
    /// Of a stream all comes again from the first of them on.
    package static func failing(_ ids: [String]) -> [UInt8] {
        var writer = JSONWriter(reserving: 32 + ids.count * 64)
        writer.object { object in
            object.name("batchItemFailures")
            object.array { list in
                for id in ids { list.object { $0.member("itemIdentifier", id) } }
            }
        }
        return writer.bytes
    }
}
