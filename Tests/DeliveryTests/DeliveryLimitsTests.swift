import Platform
import Testing
import Transport

@testable import Delivery

@Suite("Delivery limits")
struct DeliveryLimitsTests {
    private static let now = Instant.now

    private static func timeout(
        left: Duration, over connection: HTTPFanOut.Connection
    ) -> Duration {
        DeliveryLimits(deadline: now + left, attempt: .seconds(2), maximumReply: 1)
            .exchange(at: now, over: connection).timeout
    }

    @Test("a first attempt has its own limit, or what is left")
    func first() {
        #expect(Self.timeout(left: .milliseconds(4500), over: .any) == .seconds(2))
        #expect(Self.timeout(left: .milliseconds(2500), over: .any) == .seconds(2))
        #expect(Self.timeout(left: .milliseconds(500), over: .any) == .milliseconds(500))
    }

    @Test("a repeated attempt that leaves no time for another has all that is left")
    func repeated() {
        #expect(Self.timeout(left: .milliseconds(4500), over: .new) == .seconds(2))
        #expect(Self.timeout(left: .seconds(4), over: .new) == .seconds(2))
        #expect(Self.timeout(left: .milliseconds(3999), over: .new) == .milliseconds(3999))
        #expect(Self.timeout(left: .milliseconds(500), over: .new) == .milliseconds(500))
    }
}
