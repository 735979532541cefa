import Formats
import Platform
import Synchronization
import TestSupport
@testable import Warehouse
@testable import WarehouseStore

/// A Statement Execution API on a socket that answers as a test says, and runs nothing.
final class DatabricksStandIn: Sendable {
    /// What becomes of the n-th call, counted from 0; tokens are given without being asked here.
    typealias Script = @Sendable (Int, SocketServer.Request) -> SocketServer.Reply

    static let source = "/sql/1.0/warehouses/1a2b3c?catalog=main"
    static let succeeded = SocketServer.Reply.text(
        200, #"{"statement_id":"s-1","status":{"state":"SUCCEEDED"}}"#)

    let server: SocketServer
    let clock = Clock()
    private let log = Log()

    /// What has come.
    private final class Log: Sendable {
        let calls = Mutex<[SocketServer.Request]>([])
        let tokens = Mutex(0)
    }

    init(_ script: @escaping Script) throws {
        let log = log
        server = try SocketServer { request in
            if request.target == "/oidc/v1/token" {
                return Self.token(
                    log.tokens.withLock { count in
                        count += 1
                        return count
                    })
            }
            let number = log.calls.withLock { calls in
                calls.append(request)
                return calls.count - 1
            }
            return script(number, request)
        }
    }

    /// Calls but those for tokens.
    var requests: [SocketServer.Request] { log.calls.withLock { $0 } }
    var tokenCount: Int { log.tokens.withLock { $0 } }

    func session(_ environment: [String: String]? = nil) throws -> any WarehouseSession {
        let given =
            environment ?? [
                "INLET_WAREHOUSE_CLIENT_ID": "loader-id",
                "INLET_WAREHOUSE_CLIENT_SECRET": "loader-secret",
            ]
        return try WarehouseSetting(
            "databricks:\(server.url)\(Self.source)", clock.system(given)
        ).session(schema: SchemaName.inlet, secrets: .none)
    }

    private static func token(_ number: Int) -> SocketServer.Reply {
        .text(200, #"{"access_token":"t-\#(number)","token_type":"Bearer","expires_in":3600}"#)
    }

    /// A statement's state, as an answer has it.
    static func state(_ state: String) -> SocketServer.Reply {
        .text(200, #"{"statement_id":"s-1","status":{"state":"\#(state)"}}"#)
    }

    /// A failed statement, whose message begins so and repeats a value.
    static func failed(_ code: String, _ sqlState: String?, _ message: String) -> SocketServer.Reply
    {
        let state = sqlState.map { #""sql_state":"\#($0)","# } ?? ""
        return .text(
            200,
            #"{"statement_id":"s-1","status":{"state":"FAILED",\#(state)"error":{"#
                + #""error_code":"\#(code)","message":"\#(message) hidden@example.org"}}}"#)
    }
}

/// A clock that a test sets, and pauses that take no time.
final class Clock: Sendable {
    private let offset = Mutex(Duration.zero)
    private let sleeps = Mutex<[Duration]>([])

    var pauses: [Duration] { sleeps.withLock { $0 } }

    func advance(by time: Duration) { offset.withLock { $0 += time } }

    func system(_ environment: [String: String]) -> System {
        System(
            environment: { environment[$0] },
            now: { [self] in
                let offset = offset.withLock { $0 }
                return Timestamp(
                    microseconds: System.wallClock().microseconds + offset.microseconds)
            }, random: { 0.5 },
            sleep: { [self] pause in sleeps.withLock { $0.append(pause) } })
    }
}
