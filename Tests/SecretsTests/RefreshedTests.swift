import Formats
import Platform
import Secrets
import TestSupport
import Testing

@Suite("A value that is loaded again when it is stale")
struct RefreshedTests {
    private struct Failed: Error, Equatable {}

    /// One reading: when it takes place, what a load would give then, and what comes of it.
    struct Step: Sendable {
        let seconds: Int64
        /// What a load gives; nil when it fails.
        let offer: String?
        let isLoaded: Bool
        /// Nil when the reading throws.
        let value: String?
        var hasFailure = false
        /// Whether the value is made stale before.
        var isExpired = false
    }

    struct Course: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let steps: [Step]
    }

    static let courses = [
        Course(
            testDescription: "is loaded once, and again after five minutes",
            steps: [
                Step(seconds: 0, offer: "a", isLoaded: true, value: "a"),
                Step(seconds: 299, offer: "b", isLoaded: false, value: "a"),
                Step(seconds: 300, offer: "b", isLoaded: true, value: "b"),
                Step(seconds: 599, offer: "c", isLoaded: false, value: "b"),
            ]),
        Course(
            testDescription: "is served stale when a reload fails, which is tried again after 30 s",
            steps: [
                Step(seconds: 0, offer: "a", isLoaded: true, value: "a"),
                Step(seconds: 300, offer: nil, isLoaded: true, value: "a", hasFailure: true),
                Step(seconds: 329, offer: "b", isLoaded: false, value: "a"),
                Step(seconds: 330, offer: nil, isLoaded: true, value: "a", hasFailure: true),
                Step(seconds: 360, offer: "b", isLoaded: true, value: "b"),
            ]),
        Course(
            testDescription: "is an error for 10 s after a first load that failed",
            steps: [
                Step(seconds: 0, offer: nil, isLoaded: true, value: nil),
                Step(seconds: 9, offer: "a", isLoaded: false, value: nil),
                Step(seconds: 10, offer: nil, isLoaded: true, value: nil),
                Step(seconds: 20, offer: "a", isLoaded: true, value: "a"),
            ]),
        Course(
            testDescription: "is loaded at once when it was made stale",
            steps: [
                Step(seconds: 0, offer: "a", isLoaded: true, value: "a"),
                Step(seconds: 1, offer: "b", isLoaded: true, value: "b", isExpired: true),
                Step(seconds: 2, offer: "c", isLoaded: false, value: "b"),
            ]),
        Course(
            testDescription: "waits after a failure even when it was made stale",
            steps: [
                Step(seconds: 0, offer: "a", isLoaded: true, value: "a"),
                Step(
                    seconds: 1, offer: nil, isLoaded: true, value: "a", hasFailure: true,
                    isExpired: true),
                Step(seconds: 30, offer: "b", isLoaded: false, value: "a", isExpired: true),
                Step(seconds: 31, offer: "b", isLoaded: true, value: "b"),
            ]),
    ]

    @Test(arguments: courses)
    func course(_ course: Course) {
        var value = Refreshed<String, Failed>(.standard)
        for step in course.steps {
            if step.isExpired { value.expire() }
            let time = TimeBudget(now: .start.after(step.seconds), deadline: .now + .seconds(60))
            #expect(value.isDue(at: time.now) == step.isLoaded, "at \(step.seconds) s")
            var isLoaded = false
            let reading = Result { () throws(Failed) in
                try value.value(within: time) { _ throws(Failed) in
                    isLoaded = true
                    guard let offer = step.offer else { throw Failed() }
                    return offer
                }
            }
            #expect(isLoaded == step.isLoaded, "at \(step.seconds) s")
            #expect((try? reading.get().value) == step.value, "at \(step.seconds) s")
            #expect((try? reading.get().failure) == (step.hasFailure ? Failed() : nil))
        }
    }

    @Test("is known without a load, and whether it is stale")
    func known() throws {
        var value = Refreshed<String, Failed>(.standard)
        #expect(value.known(at: .start) == nil)
        _ = try value.value(within: TimeBudget(now: .start, deadline: .now + .seconds(60))) {
            _ throws(Failed) in "a"
        }
        let fresh = try #require(value.known(at: .start.after(299)))
        #expect(fresh.value == "a" && !fresh.isStale)
        let stale = try #require(value.known(at: .start.after(300)))
        #expect(stale.value == "a" && stale.isStale)
    }

    @Test("may take all of the time when nothing is known, and a second when something is")
    func time() throws {
        var value = Refreshed<String, Failed>(.standard)
        for (seconds, isWhole) in [(Int64(0), true), (300, false)] {
            let deadline = Instant.now + .seconds(600)
            _ = try value.value(
                within: TimeBudget(now: .start.after(seconds), deadline: deadline)
            ) { time throws(Failed) in
                #expect((time.deadline == deadline) == isWhole)
                #expect(isWhole || time.deadline <= .now + .seconds(1))
                return "a"
            }
        }
    }
}
