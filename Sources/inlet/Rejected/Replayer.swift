import AWS
import Delivery
import Formats
import Partners
import Platform
import Secrets
import Senders
import Signing
import Store
import Tracking
import Transport

/// Takes rejected input in again, by today's rules.
final class Replayer {
    static let variable = "INLET_TOPIC_ARN"
    static let topic = Option(
        name: "topic", value: "ARN", help: "where messages go (default: \(variable))")

    enum Outcome {
        /// The sink holds these messages.
        case published([String])
        case kept(reason: String)
    }

    private let session: Session
    private let catalog: PartnerCatalog
    private let topic: Sink
    private let publisher: SinkPublisher
    private let type: CallType?
    private var partners: [String: Result<Partner, InletError>] = [:]

    /// `type` is the type of tracking calls that had it in their path only.
    init(_ session: Session, type: CallType?) throws(InletError) {
        self.session = session
        self.type = type
        catalog = try session.catalog()
        topic = try session.sink(Self.topic, Self.variable)
        publisher = try session.publisher(to: topic)
    }

    /// Publishes the messages that an entry becomes, all of them or none.
    func replay(_ entry: RejectedEntry) -> Outcome {
        do throws(InletError) {
            let requestID = entry.content?.requestID ?? ""
            if let message = try finishedMessage(of: entry) {
                return publish([message], requestID: requestID)
            }
            let intake = try read(entry)
            guard intake.rejects.isEmpty else {
                return .kept(reason: intake.rejects.map(\.message).joined(separator: " "))
            }
            return publish(intake.messages, requestID: requestID)
        } catch {
            return .kept(reason: error.message)
        }
    }

    /// `requestID` is the id of the request that brought the messages.
    private func publish(_ messages: [Message], requestID: String) -> Outcome {
        let report = publisher.publish(
            messages.map { Publication($0, to: topic, requestID: requestID) },
            within: TimeBudget(
                now: System.wallClock(), deadline: .now + Session.patience), traceID: nil)
        for verdict in report.verdicts {
            switch verdict {
            case .accepted: continue
            case .refused(let refusal):
                return .kept(reason: "\(topic.service.title) refused the message: \(refusal.code).")
            case .notAccepted(let reason):
                return .kept(reason: "\(topic.service.title) did not take it: \(reason).")
            }
        }
        return .published(messages.map(\.messageID.text))
    }

    /// The finished message that an entry holds; nil if it holds an input.
    private func finishedMessage(of entry: RejectedEntry) throws(InletError) -> Message? {
        guard let content = entry.content, let destination = content.destination else { return nil }
        switch destination {
        case .topic: break
        case .segment:
            throw .notReplayable("It was published; only the relay to Segment would not take it.")
        case .other(let name):
            throw .notReplayable("Its destination \(printable(name)) is not known.")
        }
        let sender = try sender(of: content)
        let partner = try partner(content.partner, sending: sender)
        guard
            let message = Message(
                published: content.input,
                from: Origin(
                    partner: partner.name, partnerID: partner.id, sender: sender.rawValue,
                    authentication: content.authentication
                        ?? RouteTable.sender(sender).usualAuthentication))
        else { throw .notReplayable("It is not a message of Inlet's.") }
        return message
    }

    private func sender(of content: Rejection) throws(InletError) -> SenderName {
        guard content.isWhole else {
            throw .notReplayable(
                "Only \(content.input.count) of its \(content.inputLength) bytes were kept.")
        }
        guard let sender = SenderName(rawValue: content.sender) else {
            throw .notReplayable("Its sender \(printable(content.sender)) is not known.")
        }
        return sender
    }

    private func read(_ entry: RejectedEntry) throws(InletError) -> Intake {
        guard let content = entry.content else {
            throw .notReplayable("It is not a message of the rejected topic.")
        }
        let sender = try sender(of: content)
        let partner = try partner(content.partner, sending: sender)
        return RouteTable.sender(sender).reread(
            KeptInput(
                content.input, from: partner, index: content.index, type: type,
                authentication: content.authentication,
                context: BodyContext(
                    receivedAt: content.receivedAt, randomID: Self.ids(of: entry, content))))
    }

    /// Ids in place of random ones: the same each time that the entry is replayed.
    private static func ids(
        of entry: RejectedEntry, _ content: Rejection
    ) -> () -> UUID {
        let request = content.requestID.isEmpty ? entry.id : content.requestID
        let place = content.index.map { String($0) } ?? ""
        var count = 0
        return {
            count += 1
            return UUID(namespace: namespace, name: Array("\(request)\n\(place)\n\(count)".utf8))
        }
    }

    /// The namespace of a replay's message ids: `7c0d4f0e-54ab-5c39-8d11-2f0e6b1a9d52`.
    private static let namespace: [16 of UInt8] = [
        0x7C, 0x0D, 0x4F, 0x0E, 0x54, 0xAB, 0x5C, 0x39, 0x8D, 0x11, 0x2F, 0x0E, 0x6B, 0x1A, 0x9D,
        0x52,
    ]

    /// The partner of a name, if it may send now and as this sender.
    private func partner(
        _ name: String, sending sender: SenderName
    ) throws(InletError) -> Partner {
        let partner = try activePartner(name)
        if let reason = partner.refusal(as: sender) {
            throw .notReplayable("Partner \(printable(name)) would be refused today: \(reason).")
        }
        return partner
    }

    /// The active partner of a name, looked up once.
    private func activePartner(_ name: String) throws(InletError) -> Partner {
        if let known = partners[name] { return try known.get() }
        let result = Result { () throws(InletError) in
            let partner: Partner
            do throws(StoreError) {
                partner = try catalog.entry(name: name).partner()
            } catch {
                throw .store(error, about: name)
            }
            guard partner.standing == .active else {
                throw .partnerNotActive(name, standing: partner.status.rawValue)
            }
            return partner
        }
        partners[name] = result
        return try result.get()
    }
}

extension Session {
    /// What publishes to a sink, of AWS or of an emulator.
    func publisher(to sink: Sink) throws(InletError) -> SinkPublisher {
        let settings = try messaging()
        do throws(AWSError) {
            return try SinkPublisher(
                sinks: [sink], settings: settings, credentials: CredentialChain(settings))
        } catch {
            throw .aws("the \(sink.service.noun)", error)
        }
    }
}
