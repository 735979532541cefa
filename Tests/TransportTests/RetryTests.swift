import Platform
import Synchronization
import Testing

@testable import Transport

@Suite("Retries")
struct RetryTests {
    private static let passing: [FailureKind] = [.transient, .throttling]
    private static let mended: [(FailureKind, Remedy)] = [
        (.expiredCredentials, .reloadCredentials), (.clockSkew, .correctClock),
    ]

    private func state(
        _ attempts: Int = 3, pause: RetryPolicy.Pause = .backOff,
        late: RetryPolicy.LatePause = .endsRetries, shortest: Duration = .zero
    ) -> RetryState {
        RetryState(
            policy: RetryPolicy(
                maximumAttempts: attempts, pause: pause, latePause: late,
                shortestAttempt: shortest))
    }

    @Test("the back-off is a random part of 1, 2, 4 … 20 seconds")
    func backOff() {
        let whole = (1...7).map { RetryPolicy.backOff(after: $0, random: 0.5) }
        #expect(whole == [0.5, 1, 2, 4, 8, 10, 10].map { .milliseconds(Int($0 * 1000)) })
        #expect(RetryPolicy.backOff(after: 3, random: 0) == .zero)
        #expect(RetryPolicy.backOff(after: 1_000_000, random: 0.5) == .seconds(10))
    }

    @Test(
        "a failure that may pass is tried again until the attempts are used up", arguments: passing)
    func passes(kind: FailureKind) {
        var state = state()
        #expect(state.step(after: kind, random: 0.5) == .again(after: .milliseconds(500)))
        #expect(state.step(after: kind, random: 0.5) == .again(after: .seconds(1)))
        #expect(state.step(after: kind, random: 0.5) == .giveUp)
        #expect(state.failures == 3)
    }

    @Test(
        "no kind of failure has a second attempt when one is all there is",
        arguments: FailureKind.allCases)
    func single(kind: FailureKind) {
        var state = state(1)
        #expect(state.step(after: kind, random: 0) == .giveUp)
    }

    @Test("a permanent failure is final at once")
    func permanent() {
        var state = state()
        #expect(state.step(after: .permanent, random: 0) == .giveUp)
    }

    @Test("credentials and clock get one chance each, which is an attempt", arguments: mended)
    func mends(kind: FailureKind, remedy: Remedy) {
        var state = state(9)
        #expect(state.step(after: kind, random: 0) == .mend(remedy))
        #expect(state.step(after: .transient, random: 0.5) == .again(after: .seconds(1)))
        #expect(state.step(after: kind, random: 0) == .giveUp)
        for (other, remedy) in Self.mended where other != kind {
            #expect(state.step(after: other, random: 0) == .mend(remedy))
            #expect(state.step(after: other, random: 0) == .giveUp)
        }
    }

    @Test("a fixed pause is the same each time")
    func fixed() {
        var state = state(4, pause: .fixed(.seconds(1)))
        for _ in 0..<3 {
            #expect(state.step(after: .transient, random: 0.9) == .again(after: .seconds(1)))
        }
    }

    @Test("a random pause is a part of a bound, which stays or grows with each attempt")
    func bounded() {
        var same = state(4, pause: .random(upTo: .seconds(1)))
        var growing = state(4, pause: .growing(upTo: .seconds(1)))
        for part in [500, 1000, 1500] {
            #expect(same.step(after: .transient, random: 0.5) == .again(after: .milliseconds(500)))
            #expect(
                growing.step(after: .transient, random: 0.5) == .again(after: .milliseconds(part)))
        }
    }

    @Test("a caller that has nothing to mend waits, unless there is to be no further attempt")
    func waits() {
        let slept = Mutex<[Duration]>([])
        let system = System(
            random: { 0.5 }, sleep: { pause in slept.withLock { $0.append(pause) } })
        var state = state(3)
        let goesOn = [
            state.pause(by: system), state.pause(after: .clockSkew, by: system),
            state.pause(by: system),
        ]
        #expect(goesOn == [true, false, false])
        var late = self.state()
        let isInTime = late.pause(left: .milliseconds(500), by: system)
        #expect(!isInTime)
        #expect(slept.withLock { $0 } == [.milliseconds(500)])
    }

    @Test(
        "a pause that the time left is too short for ends the retries, or is cut, as the policy says",
        arguments: [
            // left, asked: the wait that ends the retries, the wait that is cut; in milliseconds
            (10_000, 0, 500, 500), (601, 0, 500, 500), (600, 0, nil, 500), (550, 0, nil, 450),
            (101, 0, nil, 1), (100, 0, nil, nil), (0, 0, nil, nil), (-5, 0, nil, nil),
            (10_000, 2000, 2500, 2500), (2601, 2000, 2500, 2500), (2600, 2000, nil, 2500),
            (2101, 2000, nil, 2001), (2100, 2000, nil, nil),
        ] as [(Int, Int, Int?, Int?)])
    func late(left: Int, asked: Int, ending: Int?, cut: Int?) {
        for kind in Self.passing {
            for (late, wait) in [(RetryPolicy.LatePause.endsRetries, ending), (.isCut, cut)] {
                var state = state(late: late, shortest: .milliseconds(100))
                let step = state.step(
                    after: kind, asked: .milliseconds(asked), left: .milliseconds(left),
                    random: 0.5)
                #expect(step == wait.map { .again(after: .milliseconds($0)) } ?? .giveUp)
            }
        }
    }

    @Test(
        "what a lost exchange or an impossible one is, to whoever sends it",
        arguments: [
            (.cannotConnect, .transient), (.timedOut, .transient), (.notHTTP, .transient),
            (.connectionLost(responseBegan: true), .transient), (.tls(code: 35), .transient),
            (.other(code: 1), .transient), (.badURL, .permanent),
            (.bodyTooLarge(limit: 1), .permanent), (.setupFailed, .permanent),
        ] as [(TransportError, FailureKind)])
    func transport(error: TransportError, kind: FailureKind) {
        #expect(error.kind == kind)
    }
}
