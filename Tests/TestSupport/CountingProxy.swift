import Foundation

/// Passes connections on to a port of this machine, and counts how often a client waited for an answer.
package final class CountingProxy: @unchecked Sendable {
    package let port: UInt16
    private let target: UInt16
    private let listener: Int32
    private let lock = NSLock()
    private var sockets: [Int32] = []
    private var trips = 0
    private var isWaiting = false
    private var tripsUntilLoss: Int?
    private var isCut = false

    package init(to target: UInt16) throws {
        self.target = target
        (listener, port) = try Socket.listen()
        Thread.detachNewThread { [self] in
            while let client = Socket.accept(from: listener) {
                guard !lock.withLock({ isCut }), let server = try? Socket.connect(to: target)
                else {
                    Socket.close(client)
                    continue
                }
                lock.withLock { sockets += [client, server] }
                Thread.detachNewThread { [self] in pass(from: client, to: server, isQuestion: true)
                }
                Thread.detachNewThread { [self] in pass(from: server, to: client, isQuestion: false)
                }
            }
        }
    }

    /// Ends all connections, and takes no more.
    package func stop() {
        Socket.shutDown(listener)
        for socket in lock.withLock({ sockets }) { Socket.shutDown(socket) }
    }

    /// Ends all connections, and every new one at once, until ``mend()``.
    package func cut() {
        let open = lock.withLock {
            isCut = true
            return sockets
        }
        for socket in open { Socket.shutDown(socket) }
    }

    /// Passes connections on again.
    package func mend() { lock.withLock { isCut = false } }

    /// Times that the client sent something after an answer, or first, since the last call.
    package func takeTrips() -> Int {
        lock.withLock {
            defer { trips = 0 }
            return trips
        }
    }

    /// Cuts the connection off in place of the answer to the next question but so many: the server has
    /// got it by then.
    package func loseAnswer(after trips: Int = 0) {
        lock.withLock { tripsUntilLoss = trips + 1 }
    }

    private func pass(from source: Int32, to goal: Int32, isQuestion: Bool) {
        while true {
            let bytes = Socket.receive(from: source)
            guard !bytes.isEmpty else { break }
            let isLost = lock.withLock {
                if isQuestion, !isWaiting {
                    trips += 1
                    tripsUntilLoss = tripsUntilLoss.map { $0 - 1 }
                }
                isWaiting = isQuestion
                guard !isQuestion, tripsUntilLoss == 0 else { return false }
                tripsUntilLoss = nil
                return true
            }
            guard !isLost, Socket.send(bytes, to: goal) else { break }
        }
        Socket.shutDown(source)
        Socket.shutDown(goal)
    }
}
