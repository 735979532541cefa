import Formats
import Glibc
import Platform

/// What CloudWatch would show: platform lines, on standard error like the functions' own output.
enum Log {
    static func line(_ text: String) { write(text, to: STDERR_FILENO) }

    /// What a service refuses, and why.
    ///
    /// Only the first line of the message: the others repeat the request with its session token.
    static func refusal(by service: String, _ status: Int, _ code: String, _ message: String) {
        line("\(service): \(status) \(code): \(message.prefix { !$0.isNewline })")
    }

    /// In one call, so that lines of different threads and processes do not mix.
    static func write(_ text: String, to descriptor: Int32) {
        write(Array("\(text)\n".utf8), to: descriptor)
    }

    /// What cannot be written is given up.
    static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var at = 0
        while at < bytes.count {
            let count = unsafe bytes[at...].withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
            }
            guard count > 0 else { return }
            at += count
        }
    }

    /// `12.34`.
    static func milliseconds(_ duration: Duration) -> String {
        let hundredths = duration.microseconds / 10
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}

enum RandomText {
    static func uuid() -> String {
        var generator = SystemRandomNumberGenerator()
        return UUID(random: &generator).text
    }

    /// Lower-case hex digits.
    static func hex(bytes count: Int) -> String {
        Hex.encode((0..<count).map { _ in UInt8.random(in: .min ... .max) })
    }
}
