import AWS
import Formats
import Platform

/// SQS, by its JSON protocol.
///
/// Source: Amazon SQS API Reference, 2012-11-05.
struct QueueService {
    /// For messages of errors.
    private let what: String
    private let region: String?
    private let client: AWSClient

    /// `region` nil means the configured one.
    init(_ session: Session, _ what: String, region: String?) throws(InletError) {
        self.what = what
        self.region = region
        let settings = try session.messaging()
        client = AWSClient(settings, credentials: CredentialChain(settings))
    }

    var unreadable: InletError { .replyUnreadable(what) }

    /// A budget that begins now.
    func budget(of time: Duration) -> TimeBudget { client.system.budget(of: time) }

    /// Calls an operation with the members that `fill` writes.
    func call(
        _ operation: String, within budget: TimeBudget? = nil,
        _ fill: (inout JSONWriter) -> Void
    ) throws(InletError) -> JSONValue {
        var writer = JSONWriter()
        writer.object(fill)
        do throws(AWSError) {
            return try client.call(
                .sqs, region: region, target: "AmazonSQS.\(operation)", body: writer.bytes,
                within: budget ?? self.budget(of: Session.patience)
            ).root
        } catch {
            throw .aws("\(what) (\(operation))", error)
        }
    }
}
