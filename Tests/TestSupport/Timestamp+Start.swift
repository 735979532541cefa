package import Formats

extension Timestamp {
    /// When tests of what gets old begin.
    package static let start = Timestamp(milliseconds: 1_773_480_413_123)

    package func after(_ seconds: Int64) -> Timestamp {
        Timestamp(milliseconds: milliseconds + seconds * 1000)
    }
}
