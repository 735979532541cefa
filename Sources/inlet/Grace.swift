import Platform
import Store

/// How long a replaced token stays valid.
enum Grace {
    static let standard = "24h"
    static let none = "0"

    static func duration(_ text: String) throws(InletError) -> Duration {
        let limit = PartnerRegister.maximumGrace
        guard let time = ShortDuration(text)?.duration, time <= limit else {
            throw .malformed(
                "--grace",
                expected: "0, or a number and s, m, h or d, up to \(limit.seconds / 86400)d")
        }
        return time
    }
}
