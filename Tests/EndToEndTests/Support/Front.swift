import Testing

/// What stands before the function in a test: the template's parameter `Front`.
enum Front: String, CaseIterable, Sendable {
    case rest
    case http
    case url

    /// The front of the test that is running.
    @TaskLocal
    static var current = Front.rest
}

/// Runs each test once for each front.
struct EveryFrontTrait: SuiteTrait, TestTrait, TestScoping {
    let isRecursive = true

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        for front in Front.allCases {
            let named = IssueHandlingTrait.compactMapIssues { issue in
                var issue = issue
                issue.comments.append("Front=\(front.rawValue)")
                return issue
            }
            try await Front.$current.withValue(front) {
                try await named.provideScope(for: test, testCase: testCase, performing: function)
            }
        }
    }
}

extension Trait where Self == EveryFrontTrait {
    static var everyFront: Self { Self() }
}
