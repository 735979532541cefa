import Platform
import Store

/// A time such as `90s`, `15m`, `24h` or `7d`.
enum Grace {
    static let standard = "24h"
    static let none = "0"

    static func duration(_ text: String) throws(InletError) -> Duration {
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
        let limit = PartnerRegister.maximumGrace.seconds
        let unit = text == "0" ? 1 : text.last.flatMap { units[$0] }
        let digits = text == "0" ? text[...] : text.dropLast()
        guard let unit, digits.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let count = Int(digits),
            count <= limit / unit
        else {
            throw .malformed(
                "--grace", expected: "0, or a number and s, m, h or d, up to \(limit / 86400)d")
        }
        return .seconds(count * unit)
    }
}
