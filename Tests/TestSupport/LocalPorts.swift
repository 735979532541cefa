package import Foundation
import Glibc

/// Ports of 127.0.0.1, for programs that cannot choose a free one and say which it is.
package enum LocalPorts {
    /// Ports that nobody listens on now.
    package static func free(_ count: Int) throws -> [UInt16] {
        let listeners = try (0..<count).map { _ in try Socket.listen() }
        defer { for listener in listeners { Socket.close(listener.socket) } }
        return listeners.map(\.port)
    }

    /// Waits until somebody listens, as long as the program runs that should.
    ///
    /// Nothing announces it, so it is tried every few milliseconds.
    package static func awaitListener(
        on port: UInt16, of program: Program, within limit: TimeInterval = 20
    ) throws {
        let end = Date(timeIntervalSinceNow: limit)
        while !Socket.isListening(port) {
            guard program.isRunning, Date() < end else {
                throw program.failure("does not listen on port \(port)")
            }
            usleep(5000)
        }
    }
}
