import Testing

import Platform

@Suite("Threads")
struct ThreadTests {
    @Test(
        "a sleep is as long as was asked for, whole seconds too",
        arguments: [Duration.milliseconds(3), .seconds(1), .milliseconds(1020)])
    func sleeps(duration: Duration) {
        let start = Instant.now
        Threads.sleep(duration)
        #expect(Instant.now - start >= duration)
    }

    @Test("a negative sleep is none")
    func negative() { Threads.sleep(.seconds(-3600)) }
}
