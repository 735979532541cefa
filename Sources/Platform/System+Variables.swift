extension System {
    /// The same system, where these values stand in for variables that are not set.
    package func backed(by values: [String: String]) -> System {
        with { name in self[name] ?? values[name] }
    }

    /// The same system, where variables have these values whatever they are set to.
    package func replacing(_ values: [String: String]) -> System {
        with { name in values[name] ?? self[name] }
    }

    private func with(_ environment: @escaping @Sendable (String) -> String?) -> System {
        System(environment: environment, now: now, random: random, sleep: sleep)
    }
}
