import Formats
import Synchronization

/// An SNS endpoint on a socket, with SNS's replies, that can also fail in SNS's ways.
///
/// What comes by a JSON protocol it answers as SQS, Kinesis or Firehose: see ``SinkProtocol``. It does
/// not check signatures: the emulator and moto do.
package final class SNSStandIn: Sendable {
    package struct Publication: Sendable, Equatable {
        package let topic: String
        package let text: String
        package let attributes: [String: String]
        package let groupID: String?
        package let deduplicationID: String?

        package init(
            topic: String, text: String, attributes: [String: String], groupID: String? = nil,
            deduplicationID: String? = nil
        ) {
            self.topic = topic
            self.text = text
            self.attributes = attributes
            self.groupID = groupID
            self.deduplicationID = deduplicationID
        }
    }

    /// One Publish or PublishBatch as it came, or the operation of another service that publishes.
    package struct Call: Sendable {
        /// Counted from 1.
        package let number: Int
        package let action: String
        package let entries: [(id: String, publication: Publication)]
        package let request: SocketServer.Request

        /// An error as the service writes it that was called.
        package func error(
            _ status: Int, _ code: String, _ message: String = "no"
        ) -> SocketServer.Reply {
            SinkProtocol(request)?.error(status, code, message)
                ?? SNSStandIn.error(status, code, message)
        }
    }

    /// What becomes of a call; nil is success.
    package typealias Fault = @Sendable (SNSStandIn, Call) -> SocketServer.Reply?

    package var url: String { server.url }
    package var published: [Publication] { state.withLock { $0.published } }
    package var calls: [Call] { state.withLock { $0.calls } }
    package let server: SocketServer
    private let watch: SecretWatch
    private let state: Mutex<State>

    private struct State {
        var published: [Publication] = []
        var calls: [Call] = []
    }

    package init(
        watch: SecretWatch = .shared, fault: @escaping Fault = { _, _ in nil }
    ) throws {
        let box = WeakBox<SNSStandIn>()
        self.watch = watch
        state = Mutex(State())
        server = try SocketServer { request in
            guard let standIn = box.value else { return .close }
            let call = standIn.record(request)
            return fault(standIn, call) ?? standIn.accept(call)
        }
        box.value = self
    }

    package func stop() { server.stop() }

    /// What was published since the last time, and forgets it: for runs of thousands of events.
    package func takePublished() -> [Publication] {
        state.withLock { state in
            defer { state.published = [] }
            return state.published
        }
    }

    /// Publishes the entries of a call, but for those that fail, and makes the reply.
    package func accept(
        _ call: Call, failing: [String: (code: String, isSenderFault: Bool)] = [:]
    ) -> SocketServer.Reply {
        if let service = SinkProtocol(call.request) {
            let good = call.entries.filter { failing[$0.id] == nil }
            state.withLock { $0.published += good.map(\.publication) }
            return service.answer(to: call, failing: failing)
        }
        guard call.action != "GetTopicAttributes" else {
            return .text(
                200,
                """
                <GetTopicAttributesResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">\
                <GetTopicAttributesResult><Attributes/></GetTopicAttributesResult>\
                </GetTopicAttributesResponse>
                """)
        }
        let good = call.entries.filter { failing[$0.id] == nil }
        state.withLock { $0.published += good.map(\.publication) }
        guard call.action == "PublishBatch" else {
            return .text(
                200,
                """
                <PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult>\
                <MessageId>m-\(call.number)</MessageId></PublishResult></PublishResponse>
                """)
        }
        let successes = good.map { "<member><Id>\($0.id)</Id><MessageId>m</MessageId></member>" }
        let failures = failing.map { id, failure in
            """
            <member><Id>\(id)</Id><Code>\(failure.code)</Code><Message>no</Message>\
            <SenderFault>\(failure.isSenderFault)</SenderFault></member>
            """
        }
        return .text(
            200,
            """
            <PublishBatchResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">\
            <PublishBatchResult><Successful>\(successes.joined())</Successful>\
            <Failed>\(failures.joined())</Failed></PublishBatchResult></PublishBatchResponse>
            """)
    }

    /// An error as SNS writes it.
    package static func error(
        _ status: Int, _ code: String, _ message: String = "no"
    ) -> SocketServer.Reply {
        .text(
            status,
            """
            <ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error>\
            <Type>Sender</Type><Code>\(code)</Code><Message>\(message)</Message></Error>\
            <RequestId>r</RequestId></ErrorResponse>
            """)
    }

    private func record(_ request: SocketServer.Request) -> Call {
        var form: [String: String] = [:]
        for field in PercentEncoding.pairs(request.body).map({ NamedValue($0) }) {
            form[field.name] = field.value
        }
        let action = form["Action"] ?? ""
        func publication(_ prefix: String) -> Publication? {
            guard let text = form["\(prefix)Message"] else { return nil }
            var attributes: [String: String] = [:]
            for number in 1...20 {
                let entry = "\(prefix)MessageAttributes.entry.\(number)."
                guard let name = form["\(entry)Name"] else { break }
                attributes[name] = form["\(entry)Value.StringValue"]
            }
            return Publication(
                topic: form["TopicArn"] ?? "", text: text, attributes: attributes,
                groupID: form["\(prefix)MessageGroupId"],
                deduplicationID: form["\(prefix)MessageDeduplicationId"])
        }
        var entries: [(id: String, publication: Publication)] = []
        if let service = SinkProtocol(request) {
            return keep(service.action, service.entries, request)
        }
        if action == "PublishBatch" {
            for number in 1...100 {
                let prefix = "PublishBatchRequestEntries.member.\(number)."
                guard let entry = publication(prefix) else { break }
                entries.append((form["\(prefix)Id"] ?? "", entry))
            }
        } else if let entry = publication("") {
            entries = [("", entry)]
        }
        return keep(action, entries, request)
    }

    private func keep(
        _ action: String, _ entries: [(id: String, publication: Publication)],
        _ request: SocketServer.Request
    ) -> Call {
        for (_, entry) in entries {
            watch.look(in: entry.text, of: "a message of \(entry.topic)")
            for (name, value) in entry.attributes {
                watch.look(in: value, of: "the attribute \(name) of \(entry.topic)")
            }
        }
        return state.withLock { state in
            let call = Call(
                number: state.calls.count + 1, action: action, entries: entries, request: request)
            state.calls.append(call)
            return call
        }
    }
}
