import Formats
import Foundation
import Platform
import Synchronization
import TestSupport
import Testing

@testable import LambdaRuntime
@testable import Transport

/// An event whose time ended a second ago, or one that has an hour.
private func event(_ id: Int = 0, isOverdue: Bool = true) throws -> Invocation {
    let now = Timestamp(milliseconds: 1_767_607_200_500)
    var headers = HTTPFieldLines()
    headers.append(line: Array("lambda-runtime-aws-request-id: \(id)".utf8))
    let deadline = now.milliseconds + (isOverdue ? -1000 : 3_600_000)
    headers.append(line: Array("lambda-runtime-deadline-ms: \(deadline)".utf8))
    return try Invocation(
        HTTPResponse(status: 200, headers: headers, body: []), receivedAt: now, received: .now)
}

/// What bounds a wait that no test reaches.
private let margin = Duration.seconds(600)

@Suite("The event of a loop")
struct EventSlotTests {
    @Test("is claimed by one of loop and supervisor, and by each of them again the next time")
    func claims() throws {
        let slot = EventSlot()
        #expect(slot.claimOverdue(at: .now, margin: .zero) == nil)
        #expect(slot.claimForShutdown() == nil)
        #expect(!slot.claim())
        for id in 0..<6 {
            #expect(slot.begin(try event(id)))
            #expect(slot.isBusy && !slot.isPosting)
            if id % 2 == 0 {
                #expect(slot.claim())
                #expect(slot.isBusy && slot.isPosting)
            } else {
                #expect(slot.claimOverdue(at: .now, margin: margin)?.requestID == "\(id)")
                #expect(slot.isBusy && !slot.isPosting)
                slot.noteAnswered(isSent: true)
                #expect(slot.isBusy)
            }
            #expect(!slot.claim())
            #expect(slot.claimOverdue(at: .now, margin: margin) == nil)
            #expect(slot.claimForShutdown() == nil)
            #expect(slot.end())
            #expect(!slot.isBusy)
        }
    }

    @Test("is overdue when less than the margin is left of its time")
    func overdue() throws {
        let slot = EventSlot()
        let hour = Duration.seconds(3600)
        let invocation = try event(isOverdue: false)
        #expect(slot.begin(invocation))
        let start = invocation.received
        #expect(slot.claimOverdue(at: start, margin: hour - .milliseconds(1)) == nil)
        #expect(slot.claimOverdue(at: start + .seconds(3599), margin: .milliseconds(999)) == nil)
        #expect(slot.claimOverdue(at: start + .seconds(3599), margin: .seconds(1)) != nil)
        slot.end()
        #expect(slot.begin(invocation))
        #expect(slot.claimForShutdown()?.requestID == "0")
    }

    @Test("is waited for until the supervisor is done with it, not with the one before")
    func waits() throws {
        let slot = EventSlot()
        for isSent in [true, false, true] {
            #expect(slot.begin(try event()))
            #expect(slot.claimOverdue(at: .now, margin: margin) != nil)
            slot.noteAnswered(isSent: isSent)
            #expect(slot.awaitAnswer() == isSent)
            slot.end()
        }
        #expect(slot.begin(try event()))
        // With the wait bounded to nothing, only an answer that is remembered could be found.
        #expect(slot.claimOverdue(at: .now + .seconds(-1), margin: .zero) != nil)
        #expect(!slot.awaitAnswer())
    }

    @Test("is not taken for answered by what the supervisor says too late of the one before")
    func tooLate() throws {
        let slot = EventSlot()
        #expect(slot.begin(try event()))
        #expect(slot.claimOverdue(at: .now + .seconds(-1), margin: .zero) != nil)
        #expect(!slot.awaitAnswer())
        slot.end()
        slot.noteAnswered(isSent: true)
        #expect(!slot.isBusy)
        #expect(slot.begin(try event(1)))
        slot.noteAnswered(isSent: true)
        #expect(slot.claim())
        slot.noteAnswered(isSent: true)
        #expect(slot.isPosting)
    }

    @Test("does not begin once the slot is closed, and one under way is the last")
    func closes() throws {
        let slot = EventSlot()
        #expect(slot.begin(try event()))
        slot.close()
        #expect(slot.claim())
        #expect(!slot.end())
        #expect(!slot.begin(try event(1)))
        #expect(!slot.isBusy)
    }

    /// Two locks, one to find what is overdue and one to claim it, let the loop begin the next event
    /// in between, which the supervisor then claims as if it had been overdue.
    @Test("cannot be answered, and another begun, while the supervisor decides about it")
    func decision() throws {
        let slot = EventSlot()
        let next = try event(1, isOverdue: false)
        #expect(slot.begin(try event(0)))
        let isOver = SocketServer.Gate()
        let isClaimedByLoop = Mutex<Bool?>(nil)
        let claimed = slot.claim(until: .now + margin) { _ in
            Thread.detachNewThread {
                let isClaimed = slot.claim()
                isClaimedByLoop.withLock { $0 = isClaimed }
                if isClaimed {
                    slot.end()
                    _ = slot.begin(next)
                }
                isOver.open()
            }
            // Long enough for a loop that nothing stops.
            Thread.sleep(forTimeInterval: 0.1)
            return true
        }
        isOver.wait()
        #expect(claimed?.requestID == "0")
        #expect(isClaimedByLoop.withLock { $0 } == false)
    }
}
