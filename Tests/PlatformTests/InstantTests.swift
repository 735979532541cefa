import Platform
import Testing

@Suite("Instant")
struct InstantTests {
    @Test("moves forward and measures what was added")
    func arithmetic() {
        let start = Instant.now
        let end = start + .milliseconds(1500)
        #expect(start < end)
        #expect(end - start == .milliseconds(1500))
        #expect(start <= Instant.now)
    }

    @Test("a wait in milliseconds is rounded up")
    func milliseconds() {
        #expect(Duration.nanoseconds(1).milliseconds == 1)
        #expect(Duration.seconds(2).milliseconds == 2000)
        #expect(Duration.zero.milliseconds == 0)
    }
}
