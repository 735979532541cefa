internal import Formats
internal import Platform
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
    /// Then a thread asks for the extension's next event, which never comes: until then Lambda does
    /// not take the start for finished.
    ///
    /// - Returns: why that failed, a phrase for a log line; nil when it worked.
    package static func register(authority: String) -> String? {
        let origin = "http://\(authority)"
        do throws(TransportError) {
            let connection = try HTTPConnection(proxy: .never)
            let reply = try connection.send(
                HTTPRequest(
                    method: "POST", url: origin, target: path + "/register",
                    headers: [
                        HTTPField("Lambda-Extension-Name", name),
                        HTTPField("Content-Type", "application/json"),
                    ], body: Array(#"{"events":[]}"#.utf8)),
                timeout: patience, maximumBody: maximumReply)
            guard reply.status == 200, let id = reply.headers["lambda-extension-identifier"] else {
                return "the Extensions API answered with status \(reply.status)"
            }
            let waiter = Waiter(
                connection,
                HTTPRequest(
                    method: "GET", url: origin, target: path + "/event/next",
                    headers: [HTTPField("Lambda-Extension-Identifier", id)]))
            Threads.start { waiter.wait() }
            return nil
        } catch {
            return error.reason
        }
    }

    private static let path = "/2020-01-01/extension"

    /// A connection that has changed threads: only the new one uses it.
    private final class Waiter: @unchecked Sendable {
        private let connection: HTTPConnection
        private let request: HTTPRequest

        init(_ connection: consuming HTTPConnection, _ request: HTTPRequest) {
            self.connection = connection
            self.request = request
        }

        func wait() {
            // If it fails, only the notice is lost: SIGKILL then comes without SIGTERM.
            _ = try? connection.send(request, timeout: nil, maximumBody: maximumReply)
        }
    }
}
