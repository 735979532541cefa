import Formats
import LocalServer

/// The part of the Extensions API that a runtime registers itself with, to be sent SIGTERM.
extension RuntimeSession {
    func answerExtension(_ request: LocalRequest, _ call: String) -> LocalResponse {
        switch (request.method, call) {
        case ("POST", "register"): register()
        case ("GET", "event/next"): nextEvent()
        default: Self.error(404, "NotFound", "no such path")
        }
    }

    private func register() -> LocalResponse {
        let isOpen = state.sync { state in
            guard state.phase == .starting else { return false }
            state.hasExtension = true
            return true
        }
        guard isOpen else {
            return Self.error(403, "Extension.RegistrationClosed", "the function has started")
        }
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("functionName", function.name)
            writer.member("functionVersion", "$LATEST")
            writer.member("handler", function.handler)
        }
        var response = LocalResponse.json(200, writer.text)
        response.headers.append(HTTPField("Lambda-Extension-Identifier", RandomText.uuid()))
        return response
    }

    /// There are no events: it returns when the process has ended.
    private func nextEvent() -> LocalResponse {
        state.wait { state in
            guard case .ended = state.phase else { return nil }
            return LocalResponse.dropped
        } ?? .dropped
    }
}
