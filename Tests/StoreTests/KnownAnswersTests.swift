import Formats
import Partners
import TestSupport
import Testing

@testable import Store

@Suite("What is known of a database's answers")
struct KnownAnswersTests {
    private let owner = PartnerQuestion.partner(.id("owner"))

    private func partners() throws -> [Partner] {
        try Registry(json: Array(#"[{"name":"a","webhook_token":"t"}]"#.utf8)).partners
    }

    @Test("made-up tokens do not evict partners")
    func madeUp() throws {
        var answers = KnownAnswers(capacity: 4)
        answers.keep(try partners(), for: owner, at: .start)
        for number in 0..<100 {
            answers.keep([], for: .partner(.id("made-up \(number)")), at: .start)
        }
        let names = answers.hit(owner, youngerThan: .seconds(60), at: .start)?.map(\.name)
        #expect(names == ["a"])
        #expect(answers.count <= 8)
    }

    @Test("an answer counts until it has the age that is asked for")
    func age() throws {
        var answers = KnownAnswers(capacity: 4)
        answers.keep(try partners(), for: owner, at: .start)
        answers.keep([], for: .partner(.id("nobody")), at: .start)
        for (seconds, isKnown) in [(Int64(59), true), (60, false)] {
            let now = Timestamp.start.after(seconds)
            let miss = answers.miss(.partner(.id("nobody")), youngerThan: .seconds(60), at: now)
            #expect((answers.hit(owner, youngerThan: .seconds(60), at: now) != nil) == isKnown)
            #expect((miss != nil) == isKnown)
        }
    }

    @Test("the last answer counts, and a broken record leaves what was found before it")
    func replaced() throws {
        var answers = KnownAnswers(capacity: 4)
        answers.keep([], for: owner, at: .start)
        answers.keep(try partners(), for: owner, at: .start)
        #expect(answers.miss(owner, youngerThan: .seconds(60), at: .start) == nil)
        answers.keep(StoreError.readOnly, for: owner, at: .start)
        #expect(answers.miss(owner, youngerThan: .seconds(60), at: .start)?.error != nil)
        #expect(answers.hit(owner, youngerThan: .seconds(60), at: .start) != nil)
        answers.keep([], for: owner, at: .start)
        #expect(answers.hit(owner, youngerThan: .seconds(60), at: .start) == nil)
    }
}
