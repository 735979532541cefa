internal import Formats
internal import Transport

/// An extension without events, inside this process: with one, Lambda sends SIGTERM before SIGKILL.
///
/// Source: AWS Lambda Developer Guide, "Lambda Extensions API".
package enum ShutdownNotice {
    /// Unique among the function's extensions.
    private static let name = "inlet-graceful-shutdown"
    /// It is a local call; without it the function works as well.
    private static let patience = Duration.seconds(1)
    private static let maximumReply = 64 << 10

    /// Registers, which must be done before the first event is asked for.
    ///
    /// Then a thread asks for the extension's next event, which never comes: Lambda takes the
    /// start for finished only when it is asked for. Returns a phrase where that failed.
    package static func register(authority: String) -> String? {
        let base = "http://\(authority)/2020-01-01/extension"
        do throws(TransportError) {
            let connection = try HTTPConnection(proxy: .never)
            let reply = try connection.send(
                HTTPRequest(
                    method: "POST", url: "\(base)/register",
                    headers: [
                        HTTPHeader("Lambda-Extension-Name", name),
                        HTTPHeader("Content-Type", "application/json"),
                    ], body: Array(#"{"events":[]}"#.utf8)),
                timeout: patience, maximumBody: maximumReply)
            guard reply.status == 200, let id = reply.headers["lambda-extension-identifier"] else {
                return "the Extensions API answered with status \(reply.status)"
            }
            Threads.start { wait(HTTPHeader("Lambda-Extension-Identifier", id), base) }
            return nil
        } catch {
            return error.reason
        }
    }

    private static func wait(_ identifier: HTTPHeader, _ base: String) {
        let request = HTTPRequest(method: "GET", url: "\(base)/event/next", headers: [identifier])
        do throws(TransportError) {
            _ = try HTTPConnection(proxy: .never).send(
                request, timeout: nil, maximumBody: maximumReply)
        } catch {
            // The function does not need it; SIGKILL then comes without notice.
        }
    }
}
