// URL Living Standard, section 5 "application/x-www-form-urlencoded": name-value pairs

/// A name and its text, both decoded: a pair of a query, a parameter of a path, a variable,
/// an option.
public struct NamedValue: Sendable, Equatable {
    public let name: String
    public let value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// Bytes that are not UTF-8 become U+FFFD.
    public init(_ pair: PercentEncoding.Pair) {
        name = String(decoding: pair.name, as: UTF8.self)
        value = String(decoding: pair.value, as: UTF8.self)
    }
}
