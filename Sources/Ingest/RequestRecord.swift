internal import Delivery
internal import Formats
internal import Gateway
internal import LambdaRuntime
internal import Partners
internal import Platform
internal import Senders
internal import Tracking
internal import Transport

/// What an operator sees of one request: a log line, and the metrics that CloudWatch takes from it.
///
/// It holds counts, names, codes and times; never a payload, a token or a header's value.
struct RequestRecord {
    private let sender: SenderName
    private let outcome: Outcome
    private let status: Int
    /// Nil if the partner is not known.
    private let partner: String?
    /// The code of the error that the sender was told, or of the first reject.
    private let code: String?
    /// How many rejects have each code.
    private let codes: [LogCount]
    /// Why something failed; a phrase without payload.
    private let reason: String?
    private let counts: Counts
    /// Bytes of the request's body, as it was sent.
    private let bytes: Int
    /// Decoding, authenticating and normalising.
    private let readTime: Duration
    /// Waiting for SNS.
    private let publishTime: Duration
    /// All of it, from the event on.
    private let totalTime: Duration
    /// What SNS was asked.
    private let effort: DeliveryEffort
    /// True for a request whose sender holds back what follows until this one is taken.
    private let isStall: Bool
    /// For lines of requests that were turned away.
    private let trace: RequestTrace?
    /// What was accepted or refused by SNS, and the ids of rejects: for whoever looks for one.
    private let messages: [Message]
    private let rejectedIDs: [String]
    /// A line names no more messages; the request's id finds it as well.
    private static let maximumMessages = 500

    private struct Counts {
        /// Calls in the request, as far as it could be read.
        var received = 0
        var published = 0
        var rejected = 0
        /// Calls that were neither published nor kept: their sender was told to send them again.
        var failed = 0
        /// Requests that could not be read, and are kept nowhere because their sender is not known.
        var discarded = 0
        /// Times, in calls that were published, that could not be read.
        var unreadableTimes = 0
    }

    /// The record of a request that was read: all, some or none of it was published.
    init(
        _ submission: Submission, of sender: any Sender, _ request: Request,
        _ invocation: Invocation
    ) {
        let intake = submission.intake
        self.sender = sender.name
        outcome = submission.outcome
        status = sender.status(for: outcome)
        partner = intake.partner.name
        codes = Self.codes(of: submission.rejects)
        code = submission.rejects.first?.code
        reason = submission.failure
        counts = Counts(
            received: intake.messages.count + intake.rejects.count,
            published: submission.accepted, rejected: submission.rejects.count,
            failed: submission.failed, unreadableTimes: intake.warnings.count)
        bytes = request.body.count
        let now = Instant.now
        readTime = submission.start - invocation.received
        publishTime = now - submission.start
        totalTime = now - invocation.received
        effort = submission.effort
        isStall = sender.isStalled(by: status, request)
        messages = intake.messages
        rejectedIDs = submission.rejects.compactMap(\.messageID)
        trace = nil
    }

    /// The record of a request that was refused.
    init(
        _ refusal: Refusal, of sender: any Sender, _ request: Request, _ invocation: Invocation
    ) {
        self.sender = sender.name
        outcome = refusal.outcome
        status = sender.status(for: outcome)
        partner = refusal.partner
        code = refusal.code
        codes = []
        reason = refusal.reason
        // How many calls there were is not known.
        counts = Counts(
            failed: outcome == .notAccepted ? 1 : 0, discarded: refusal.isOfContent ? 1 : 0)
        bytes = request.body.count
        totalTime = .now - invocation.received
        readTime = totalTime
        publishTime = .zero
        effort = DeliveryEffort()
        isStall = sender.isStalled(by: status, request)
        messages = []
        rejectedIDs = []
        trace = Self.isTurnedAway(status) ? RequestTrace(request) : nil
    }

    /// The record of a request that was not answered in time.
    init(cutOff request: Request, of sender: any Sender, _ invocation: Invocation) {
        self.init(
            Refusal(
                .notAccepted, code: "not_accepted", message: "",
                reason: "the request was cut off: its time was up, or the environment ended"),
            of: sender, request, invocation)
    }

    /// True if an operator wants to know where a request came from: its sender may have the wrong
    /// token, or may not send from there.
    private static func isTurnedAway(_ status: Int) -> Bool {
        switch status {
        case 401, 403, 404, 405, 410: true
        default: false
        }
    }

    private static func codes(of rejects: [Reject]) -> [LogCount] {
        // Few requests have rejects, and a dictionary's type takes time to make.
        guard !rejects.isEmpty else { return [] }
        var counts: [String: Int] = [:]
        for reject in rejects { counts[reject.code, default: 0] += 1 }
        return counts.sorted { $0.key < $1.key }.map { LogCount($0.key, $0.value) }
    }

    var level: LogLevel {
        switch outcome {
        case .published: reason == nil ? counts.rejected == 0 ? .info : .warn : .error
        case .notAccepted: .error
        case .invalid, .unsupportedType, .tooLarge, .notAuthentic, .forbidden, .notFound, .gone:
            .warn
        }
    }

    /// How many fields the line of a published request has.
    private static let usualFields = 18

    /// The fields of the line, those of ``metrics`` among them.
    var fields: [LogField] {
        var fields: [LogField] = []
        fields.reserveCapacity(Self.usualFields)
        fields.append(LogField("sender", .text(sender.rawValue)))
        if let partner { fields.append(LogField("partner", .text(partner))) }
        fields += [
            LogField("outcome", .text(outcome.rawValue)), LogField("status", .number(status)),
        ]
        if let code { fields.append(LogField("code", .text(code))) }
        if !codes.isEmpty { fields.append(LogField("codes", .counts(codes))) }
        if let reason { fields.append(LogField("reason", .text(reason))) }
        fields += [
            LogField("requests", .number(1)), LogField("received", .number(counts.received)),
            LogField("published", .number(counts.published)),
            LogField("rejected", .number(counts.rejected)),
            LogField("failed", .number(counts.failed)),
            LogField("attempts", .number(effort.attempts)),
            LogField("throttled", .number(effort.throttled)),
            LogField("bytes", .number(bytes)), LogField("readMs", .duration(readTime)),
            LogField("publishMs", .duration(publishTime)),
            LogField("totalMs", .duration(totalTime)),
        ]
        if effort.retries > 0 { fields.append(LogField("retries", .number(effort.retries))) }
        if let trace { fields += trace.fields }
        let hashes = messageHashes
        if !hashes.isEmpty { fields.append(LogField("messageHashes", .texts(hashes))) }
        fields += occasions.map { LogField($0.name, .number($0.count)) }
        return fields
    }

    private var messageHashes: [String] {
        let ids = messages.lazy.map(\.messageID.text).prefix(Self.maximumMessages)
        let others = rejectedIDs.prefix(Self.maximumMessages - ids.count)
        return ids.map(MessageFingerprint.text) + others.map(MessageFingerprint.text)
    }

    /// What of the line CloudWatch counts.
    var metrics: [EmbeddedMetrics] {
        RequestMetrics.sets(code: code, occasions: occasions.map(\.name))
    }

    /// What only some lines have.
    private var occasions: [LogCount] {
        [
            LogCount(RequestMetrics.refused, 400..<500 ~= status ? 1 : 0),
            LogCount(RequestMetrics.unauthorized, status == 401 ? 1 : 0),
            LogCount(RequestMetrics.stall, isStall ? 1 : 0),
            LogCount(RequestMetrics.discarded, counts.discarded),
            LogCount(RequestMetrics.unreadableTime, counts.unreadableTimes),
        ].filter { $0.count > 0 }
    }
}
