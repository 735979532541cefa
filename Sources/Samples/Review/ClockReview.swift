import Formats
import Platform

/// How far a signed time is from ours.
struct ClockReview {
    let seconds: Int64
    let now: Timestamp
    let tolerance: Duration

    /// Of milliseconds, which begin where seconds are of the year 5138.
    private static let firstMilliseconds: Int64 = 100_000_000_000

    private var distance: Int64 { seconds - now.milliseconds / 1000 }
    private var allowed: Int64 { Int64(tolerance.seconds) }

    var text: String {
        let side = distance < 0 ? "before" : "after"
        let off = distance == 0 ? "the same second" : "\(distance.magnitude) s \(side) it arrived"
        return allowed == 0
            ? "signed \(off); any time is allowed" : "signed \(off); \(allowed) s are allowed"
    }

    var cause: String {
        if seconds >= Self.firstMilliseconds {
            return "The time is in milliseconds: it must be in seconds."
        }
        return distance < 0
            ? """
            It was signed \(distance.magnitude) s before it arrived: it must be signed anew each time it \
            is sent, and the sender's clock must be right. If it arrived earlier than now, say when.
            """
            : "It was signed \(distance) s after it arrived: the sender's clock is fast."
    }
}
