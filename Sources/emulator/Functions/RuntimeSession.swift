import Formats
import LocalServer
import Platform

/// The state of one process as the Runtime API sees it.
///
/// Source: AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes", and the
/// state machine of the Runtime Interface Emulator.
final class RuntimeSession: Sendable {
    enum Phase: Equatable {
        /// Before the first `next`.
        case starting
        /// Has asked for an event.
        case ready
        /// Works on an event.
        case running
        /// Has answered, and not asked for the next event yet.
        case answered
        /// Has reported that it cannot start.
        case initFailed
        case ended(ExitReason)
    }

    struct Delivery: Sendable {
        let invocation: Invocation
        let deadline: Timestamp
        /// New for each attempt.
        let id = RandomText.hex(bytes: 16)
    }

    struct State {
        var phase = Phase.starting
        var delivery: Delivery?
        var result: InvocationResult?
        /// What was given to `init/error`.
        var initError: [UInt8]?
        /// What was given as `Lambda-Runtime-Function-Error-Type`.
        var errorType: String?
        var hasExtension = false
    }

    /// In bytes, the Runtime Interface Emulator's number.
    static let maximumResponse = 6 * 1024 * 1024 + 100

    let state = Monitor(State())
    let function: Template.Function

    init(function: Template.Function) { self.function = function }

    func end(_ reason: ExitReason) { state.sync { $0.phase = .ended(reason) } }

    /// Gives a ready process an event.
    func deliver(_ invocation: Invocation, deadline: Timestamp) {
        state.sync { state in
            guard state.phase == .ready else { return }
            state.phase = .running
            state.result = nil
            state.errorType = nil
            state.delivery = Delivery(invocation: invocation, deadline: deadline)
        }
    }

    /// Answers one request of the process.
    ///
    /// When it is too large, its body was longer than a response may be, and is left out.
    func answer(_ request: LocalRequest, isTooLarge: Bool = false) -> LocalResponse {
        let path = request.path.split(separator: "/").map(String.init)
        switch (request.method, path.first, path.dropFirst().first) {
        case ("GET", "2018-06-01", "ping"): return .text(200, "text/plain", "pong")
        case (_, "2018-06-01", "runtime"): break
        case (_, "2020-01-01", "extension"):
            return answerExtension(request, path.dropFirst(2).joined(separator: "/"))
        default: return Self.error(404, "NotFound", "no such path")
        }
        let call = Array(path.dropFirst(2))
        switch (request.method, call.count) {
        case ("GET", 2) where call == ["invocation", "next"]: return next()
        case ("POST", 2) where call == ["init", "error"]: return initError(request)
        case ("POST", 3) where call[0] == "invocation" && call[2] == "response":
            return response(to: call[1], request, isTooLarge: isTooLarge)
        case ("POST", 3) where call[0] == "invocation" && call[2] == "error":
            return failure(of: call[1], request)
        default: return Self.error(404, "NotFound", "no such path")
        }
    }

    private func next() -> LocalResponse {
        state.sync { state in
            if state.phase == .starting || state.phase == .answered { state.phase = .ready }
        }
        let delivery: Delivery?? = state.wait { state in
            switch state.phase {
            case .running: .some(state.delivery)
            case .initFailed, .ended: .some(nil)
            case .starting, .ready, .answered: nil
            }
        }
        guard case .some(.some(let delivery)) = delivery else {
            return Self.error(403, "InvalidStateTransition", "the runtime has failed or ended")
        }
        let invocation = delivery.invocation
        var headers = [
            HTTPField("Content-Type", "application/json"),
            HTTPField("Lambda-Runtime-Aws-Request-Id", invocation.requestID),
            HTTPField("Lambda-Runtime-Deadline-Ms", String(delivery.deadline.milliseconds)),
            HTTPField("Lambda-Runtime-Invoked-Function-Arn", function.arn),
            HTTPField("Lambda-Runtime-Trace-Id", invocation.traceID),
            HTTPField("Lambda-Runtime-Invocation-Id", delivery.id),
        ]
        if let context = invocation.clientContext {
            headers.append(HTTPField("Lambda-Runtime-Client-Context", context))
        }
        return LocalResponse(
            status: 200, headers: headers, body: invocation.event)
    }

    private func response(
        to id: String, _ request: LocalRequest, isTooLarge: Bool
    ) -> LocalResponse {
        let mode = request.header("Lambda-Runtime-Function-Response-Mode")
        guard mode == nil || mode == "streaming" else {
            return Self.error(400, "InvalidFunctionResponseMode", "the mode must be streaming")
        }
        guard isTooLarge else { return finish(id, request, .success(request.body)) }
        let message =
            "Response payload size exceeded maximum allowed payload size "
            + "(\(Self.maximumResponse) bytes)."
        let refusal = finish(
            id, request, .failure(type: "Function.ResponseSizeTooLarge", message: message))
        return refusal.status == 202
            ? Self.error(413, "RequestEntityTooLarge", message) : refusal
    }

    private func failure(of id: String, _ request: LocalRequest) -> LocalResponse {
        finish(id, request, .failure(request.body))
    }

    private func finish(
        _ id: String, _ request: LocalRequest, _ result: InvocationResult
    ) -> LocalResponse {
        let attempt = request.header("Lambda-Runtime-Invocation-Id")
        return state.sync { state in
            guard let delivery = state.delivery, delivery.invocation.requestID == id,
                attempt == nil || attempt == delivery.id
            else { return Self.error(400, "InvalidRequestID", "Invalid request ID") }
            guard state.phase == .running else {
                return Self.error(403, "InvalidStateTransition", "Transition is not allowed")
            }
            state.phase = .answered
            state.result = result
            state.errorType = request.header("Lambda-Runtime-Function-Error-Type")
            return .json(202, #"{"status":"OK"}"#)
        }
    }

    private func initError(_ request: LocalRequest) -> LocalResponse {
        state.sync { state in
            guard state.phase == .starting else {
                return Self.error(403, "InvalidStateTransition", "Transition is not allowed")
            }
            state.phase = .initFailed
            state.initError = request.body
            state.errorType = request.header("Lambda-Runtime-Function-Error-Type")
            return .json(202, #"{"status":"OK"}"#)
        }
    }

    static func error(_ status: Int, _ type: String, _ message: String) -> LocalResponse {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("errorType", type)
            writer.member("errorMessage", message)
        }
        return .json(status, writer.text)
    }
}
