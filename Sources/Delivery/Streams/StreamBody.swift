internal import Formats

/// The JSON of Kinesis's PutRecords and Firehose's PutRecordBatch, and of their answers.
///
/// Source: Amazon Kinesis Data Streams API Reference, version 2013-12-02, and Amazon Data Firehose
/// API Reference, version 2015-08-04.
enum StreamBody {
    /// Of one request: 500 records, and the 4 MB that Firehose takes; Kinesis takes more.
    static let limits = RequestLimits(items: 500, size: 4_000_000 - 500 * recordOverhead)

    /// Bytes of a record that ``Publication/size`` does not count, at most: its partition key, what
    /// stands around the message, and escapes in seven attributes of up to 256 characters.
    private static let recordOverhead = 2048

    static func encode(_ places: [Int], of items: [Publication], to sink: Sink) -> [UInt8] {
        var writer = JSONWriter(
            reserving: places.reduce(256) { $0 + items[$1].size * 4 / 3 + 256 })
        writer.object { object in
            if sink.service == .kinesis {
                object.member("StreamARN", sink.arn)
            } else {
                object.member("DeliveryStreamName", String(sink.name))
            }
            object.name("Records")
            object.array { list in
                for place in places {
                    list.object { record in
                        record.name("Data")
                        record.string(utf8: Base64.encode(data(of: items[place])).span)
                        if let key = items[place].groupID { record.member("PartitionKey", key) }
                    }
                }
            }
        }
        return writer.bytes
    }

    /// A line with the message as other sinks have it, and the attributes that records lack.
    static func data(of publication: Publication) -> [UInt8] {
        var writer = JSONWriter(reserving: publication.size + 64)
        writer.object { object in
            object.name("attributes")
            object.object { attributes in
                publication.forEachAttribute { name, value in
                    attributes.name(name.rawValue)
                    attributes.string(utf8: value)
                }
            }
            object.member("message", raw: publication.text[...])
        }
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    /// What the answer says of each record, which it has in the order of the request; nil for
    /// anything but an answer.
    static func reply(
        _ body: [UInt8], to places: [Int], _ service: Sink.Service
    ) -> PublishReply? {
        let isKinesis = service == .kinesis
        guard let root = (try? JSONText(body))?.root,
            let records = root[isKinesis ? "Records" : "RequestResponses"],
            records.kind == .array, records.elements.count(where: { _ in true }) == places.count
        else { return nil }
        var reply = PublishReply(to: places)
        for (place, record) in records.elements.enumerated() {
            if let code = record["ErrorCode"]?.string {
                // Whatever it is, the service is at fault: what is wrong with a record fails all.
                reply.take(
                    .failed(code: code, message: nil, isSenderFault: false), at: place)
            } else if record[isKinesis ? "SequenceNumber" : "RecordId"]?.string?.isEmpty == false {
                reply.take(.accepted, at: place)
            }
        }
        return reply
    }
}
