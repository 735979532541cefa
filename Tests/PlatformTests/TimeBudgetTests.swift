import Formats
import Platform
import Testing

@Suite("TimeBudget")
struct TimeBudgetTests {
    private let now = Timestamp(milliseconds: 1_767_607_632_100)

    @Test("what is left ends at the deadline, and is never negative")
    func left() {
        let budget = TimeBudget(now: now, deadline: .now + .seconds(60))
        #expect(budget.left > .seconds(59) && budget.left <= .seconds(60))
        #expect(!budget.isSpent)
        let late = TimeBudget(now: now, deadline: .now - .seconds(1))
        #expect(late.left == .zero)
        #expect(late.isSpent)
    }

    @Test("a margin comes off the end; the wall clock stays")
    func margin() {
        let budget = TimeBudget(now: now, deadline: .now + .seconds(60))
        let part = budget.leaving(.seconds(10))
        #expect(budget.deadline - part.deadline == .seconds(10))
        #expect(part.now == now)
    }

    @Test("a part is at most as long as was asked for, and never longer than the whole")
    func cap() {
        let budget = TimeBudget(now: now, deadline: .now + .seconds(60))
        #expect(budget.capped(at: .seconds(600)).deadline == budget.deadline)
        let part = budget.capped(at: .seconds(1))
        #expect(part.left > .milliseconds(500) && part.left <= .seconds(1))
        #expect(part.now == now)
    }
}
