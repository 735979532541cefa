import AWS
import Delivery
import Formats
import Partners
import Platform
import Secrets
import Store
import Transport

/// Looks at everything that an operator's commands and the functions need, each in bounded time.
struct Checkup {
    private let session: Session
    private let api: APICheckup

    init(_ session: Session) {
        self.session = session
        api = APICheckup(session)
    }

    /// Makes all checks, and hands over each result when it is there.
    func examine(_ take: (Diagnosis) throws(InletError) -> Void) throws(InletError) {
        try take(settings)
        switch records {
        case .success(let records):
            try take(registry(records))
            try take(secrets(of: records.entries))
        case .failure(let error): try take(.failed("registry", error))
        }
        try take(topic)
        try take(queue)
        for diagnosis in api.diagnoses { try take(diagnosis) }
    }

    /// The partners' records, and why others have no name that could be read.
    private struct Records {
        var entries: [PartnerEntry] = []
        var unreadable: [StoreError] = []
    }

    private var records: Result<Records, InletError> {
        Result { () throws(InletError) in
            var records = Records()
            records.entries = try session.reading(nil) { catalog throws(StoreError) in
                try catalog.entries(includingRemoved: false) { records.unreadable.append($0) }
            }
            return records
        }
    }

    /// Whether what is set can be used.
    private var settings: Diagnosis {
        do throws(InletError) {
            _ = try session.catalog()
            _ = try WebhookAddress(session)
            if session.setting(Replayer.topic, Replayer.variable) != nil {
                _ = try session.sink(Replayer.topic, Replayer.variable)
            }
            if session.setting(RejectedQueue.option, RejectedQueue.variable) != nil {
                _ = try RejectedQueue(session)
            }
            if session.system[ArchiveAddress.variable] != nil { _ = try session.archiveAddress }
            return .ok("settings", "all that is set can be used")
        } catch {
            return .failed("settings", error)
        }
    }

    private func registry(_ records: Records) -> Diagnosis {
        let problems =
            records.entries.compactMap { entry in
                entry.problem.map { "\(entry.name): \($0.reason)" }
            } + records.unreadable.map(\.reason)
        let count = records.entries.count + records.unreadable.count
        guard let first = problems.first else {
            return .ok("registry", "answers; \(count) partners")
        }
        return .failed(
            "registry", "\(problems.count) of \(count) partners cannot be used, such as \(first)",
            "inlet partner list shows all of them.")
    }

    /// Whether every signing secret that is kept elsewhere can be read, and is a key.
    private func secrets(of entries: [PartnerEntry]) -> Diagnosis {
        let reader = ReferenceReader(AWSClient(session.aws, credentials: session.credentials))
        let budget = session.system.budget(of: Session.patience)
        var (count, problems): (Int, [String]) = (0, [])
        for entry in entries {
            guard let rule = (try? entry.partner())?.signing else { continue }
            for key in rule.keys(by: reader, within: budget) {
                count += 1
                guard case .failure(let error) = key else { continue }
                problems.append("\(entry.name): \(error.reason)")
            }
        }
        guard let first = problems.first else { return .ok("secrets", "\(count) can be read") }
        return .failed(
            "secrets", "\(problems.count) of \(count) cannot be read, such as of \(first)",
            "Store it, correct the reference, or let these credentials read it.")
    }

    private var topic: Diagnosis {
        guard session.setting(Replayer.topic, Replayer.variable) != nil else {
            return .skipped("topic", Replayer.topic, Replayer.variable)
        }
        let (topic, settings): (Sink, AWSSettings)
        do throws(InletError) {
            topic = try session.sink(Replayer.topic, Replayer.variable)
            settings = try session.messaging()
        } catch {
            return .failed("topic", error)
        }
        do throws(AWSError) {
            let publisher = try SinkPublisher(
                sinks: [topic], settings: settings, credentials: CredentialChain(settings))
            let budget = session.system.budget(of: Session.patience)
            guard let problem = publisher.inquire(about: topic, within: budget, traceID: nil) else {
                return .ok("topic", "\(topic.service.title) has it, and takes these credentials")
            }
            return .failed(
                "topic", problem, "Check the ARN, and that \(topic.service.inquiry) is allowed.")
        } catch {
            return .failed("topic", .aws("the topic", error))
        }
    }

    private var queue: Diagnosis {
        guard session.setting(RejectedQueue.option, RejectedQueue.variable) != nil else {
            return .skipped("queue", RejectedQueue.option, RejectedQueue.variable)
        }
        do throws(InletError) {
            let count = try RejectedQueue(session).count()
            return .ok("queue", "SQS has it; about \(count) rejected messages are in it")
        } catch {
            return .failed("queue", error)
        }
    }
}
