import AWS
import Formats
import Platform
import Store
import TestSupport
import Testing

@testable import Deployment
@testable import LambdaRuntime
@testable import Transport

/// A place for answers that keeps them, as S3 does for CloudFormation.
final class ResponsePlace {
    private let server: SocketServer

    /// `fault` is asked first, by the number of the request from 0.
    init(fault: @escaping @Sendable (Int) -> SocketServer.Reply? = { _ in nil }) throws {
        let calls = Recorder<Void>()
        server = try SocketServer { request in
            SecretWatch.shared.look(in: request.body, of: "an answer to CloudFormation")
            let number = calls.all.count
            calls.append(())
            return fault(number) ?? .text(200, "")
        }
    }

    var url: String { "\(server.url)/answer?X-Amz-Signature=a%2Bb&X-Amz-Expires=7200" }
    var requests: [SocketServer.Request] { server.requests }

    /// The only answer.
    func answer() throws -> JSONValue {
        try #require(requests.count == 1)
        return try JSONText(requests[0].body).root
    }

    func event(_ type: String, more: String = "") -> [UInt8] {
        let text =
            #"{"RequestType":"\#(type)","ResponseURL":"\#(url)","StackId":"arn:stack","#
            + #""RequestId":"r-1","LogicalResourceId":"Migrations","#
            + #""ResourceType":"Custom::Migrations","#
            + #""ResourceProperties":{"ServiceToken":"arn:f"}\#(more)}"#
        return Array(text.utf8)
    }
}

/// The migrator on a database, without a process around it.
struct Harness {
    static let now = Timestamp(milliseconds: 1_767_607_200_500)
    let source: String

    static func invocation(_ event: [UInt8], limit: Duration) throws -> Invocation {
        var headers = HTTPFieldLines()
        let deadline = now.milliseconds + Int64(limit.milliseconds)
        headers.append(line: Array("lambda-runtime-aws-request-id: lambda-request-1".utf8))
        headers.append(line: Array("lambda-runtime-deadline-ms: \(deadline)".utf8))
        return try Invocation(
            HTTPResponse(status: 200, headers: headers, body: event), receivedAt: now,
            received: .now)
    }

    static var system: System {
        System(environment: { _ in nil }, random: { 0.01 })
    }

    func answer(_ event: [UInt8], limit: Duration = .seconds(600)) throws -> Answer {
        let settings = AWSSettings(Self.system)
        let migrator = Migrator(
            PartnerMigration(
                try PartnerSource(source),
                AWSClient(settings, credentials: CredentialChain(settings))),
            system: Self.system,
            log: Logger(level: .fatal, format: .json, now: { Self.now }), slot: EventSlot())
        return migrator.answer(try Self.invocation(event, limit: limit))
    }
}

extension Answer {
    /// The error's type; nil for a response.
    var failureType: String? {
        if case .failure(let failure) = self { return failure.type }
        return nil
    }
}
