/// How old what a database has answered may become before it is asked again.
package struct LookupLifetime: Sendable, Equatable {
    package let duration: Duration

    /// What holds when the settings say nothing.
    package static let standard = LookupLifetime(duration: .seconds(60))
    /// What a setting of it may be, for the error that refuses another.
    package static let form = "a number of seconds from 0 to 300"
    /// How old an answer may become while the database does not answer.
    package static let maximumAge = LookupCache.maximumAge

    private init(duration: Duration) { self.duration = duration }

    /// Reads a setting; nil for one that is not of its form.
    package init?(_ text: String) {
        guard let seconds = Int(text), 0...300 ~= seconds else { return nil }
        duration = .seconds(seconds)
    }
}
