// RFC 3339: Date and Time on the Internet: Timestamps

/// An instant of the calendar, to the microsecond.
public struct Timestamp: Sendable, Equatable, Comparable {
    /// Since 1970-01-01T00:00:00Z; leap seconds are not counted.
    public let microseconds: Int64

    /// Microseconds of a day.
    static let microsecondsPerDay: Int64 = 86_400_000_000

    public init(microseconds: Int64) { self.microseconds = microseconds }

    public init(milliseconds: Int64) { microseconds = milliseconds * 1000 }

    /// Rounded down.
    public var milliseconds: Int64 { Self.floorDivide(microseconds, 1000) }

    /// Reads `2026-01-05T10:07:12.100Z`, with 0 or more fraction digits (the first six count) and
    /// `Z` or `±hh:mm`; nil for everything else.
    public init?(rfc3339 text: some Sequence<UInt8>) {
        self.init(rfc3339: Array(text)[...])
    }

    /// Reads what the other initialiser reads, in place.
    public init?(rfc3339 text: ArraySlice<UInt8>) {
        var reader = TimestampReader(text)
        guard let year = reader.digits(4), reader.take("-"), let month = reader.digits(2),
            reader.take("-"), let day = reader.digits(2), reader.take("T") || reader.take(" "),
            let hour = reader.digits(2), reader.take(":"), let minute = reader.digits(2),
            reader.take(":"), let second = reader.digits(2), let fraction = reader.fraction(),
            let offset = reader.offsetMinutes(), reader.isAtEnd,
            let days = Self.days(year: year, month: month, day: day),
            let time = Self.microseconds(
                hour: hour, minute: minute, second: second, fraction: fraction, offset: offset)
        else { return nil }
        microseconds = days * Self.microsecondsPerDay + time
    }

    public static func < (one: Timestamp, other: Timestamp) -> Bool {
        one.microseconds < other.microseconds
    }

    /// `2026-01-05T10:07:12.100Z`, or nil outside the years 0000 to 9999.
    public var rfc3339: String? {
        var text: [UInt8] = []
        return append(to: &text) ? String(decoding: text, as: UTF8.self) : nil
    }

    /// True if ``rfc3339`` is not nil.
    public var hasText: Bool { Self.first <= self && self <= Self.last }

    /// Appends ``rfc3339``; if that is nil, appends nothing and returns false.
    public func append(to text: inout [UInt8]) -> Bool {
        guard hasText else { return false }
        let (date, time) = split(milliseconds, perDay: 86_400_000)
        let seconds = time / 1000
        text.append(upTo: 24) { out in
            Self.write(date.year / 100, at: 0, of: &out)
            Self.write(date.year % 100, at: 2, of: &out)
            Self.write(date.month, after: "-", at: 4, of: &out)
            Self.write(date.day, after: "-", at: 7, of: &out)
            Self.write(seconds / 3600, after: "T", at: 10, of: &out)
            Self.write(seconds / 60 % 60, after: ":", at: 13, of: &out)
            Self.write(seconds % 60, after: ":", at: 16, of: &out)
            Self.write(time % 1000 / 10, after: ".", at: 19, of: &out)
            out.storeBytes(of: Self.digit(time % 10), toByteOffset: 22, as: UInt8.self)
            out.storeBytes(of: UInt8(ascii: "Z"), toByteOffset: 23, as: UInt8.self)
            return 24
        }
        return true
    }

    /// `2026-01-05T10:07:12.100000Z`; a year outside 0000 to 9999 becomes the nearest of them.
    public var rfc3339Microseconds: [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(27)
        let time = min(max(self, Self.first), Self.last)
        _ = time.append(to: &text)
        let rest = Int(time.microseconds - time.milliseconds * 1000)
        text.removeLast()
        text.append(UInt8(ascii: "0") + UInt8(rest / 100))
        Self.append(rest % 100, after: nil, to: &text)
        text.append(UInt8(ascii: "Z"))
        return text
    }

    /// 0000-01-01, the first moment that has a text.
    static let first = Timestamp(microseconds: -719_528 * microsecondsPerDay)
    /// The last microsecond of 9999.
    static let last = Timestamp(microseconds: 2_932_897 * microsecondsPerDay - 1)

    /// `20260105T100712Z`, the form that AWS signatures use; a year outside 0000 to 9999 becomes
    /// the nearest of them.
    public var basic: String {
        let (date, seconds) = split(Self.floorDivide(microseconds, 1_000_000), perDay: 86400)
        let year = min(max(date.year, 0), 9999)
        var text: [UInt8] = []
        Self.append(year / 100, after: nil, to: &text)
        Self.append(year % 100, after: nil, to: &text)
        Self.append(date.month, after: nil, to: &text)
        Self.append(date.day, after: nil, to: &text)
        Self.append(seconds / 3600, after: "T", to: &text)
        Self.append(seconds / 60 % 60, after: nil, to: &text)
        Self.append(seconds % 60, after: nil, to: &text)
        text.append(UInt8(ascii: "Z"))
        return String(decoding: text, as: UTF8.self)
    }

    /// Writes a separator, and behind it two digits of a number from 0 to 99.
    @inline(__always)
    private static func write(
        _ number: Int, after separator: Unicode.Scalar, at place: Int, of out: inout MutableRawSpan
    ) {
        out.storeBytes(of: UInt8(ascii: separator), toByteOffset: place, as: UInt8.self)
        write(number, at: place + 1, of: &out)
    }

    @inline(__always)
    private static func write(_ number: Int, at place: Int, of out: inout MutableRawSpan) {
        out.storeBytes(of: digit(number / 10), toByteOffset: place, as: UInt8.self)
        out.storeBytes(of: digit(number % 10), toByteOffset: place + 1, as: UInt8.self)
    }

    @inline(__always)
    private static func digit(_ number: Int) -> UInt8 {
        UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: number)
    }

    /// Appends two digits of a number from 0 to 99, after a separator if there is one.
    private static func append(
        _ number: Int, after separator: Unicode.Scalar?, to text: inout [UInt8]
    ) {
        if let separator { text.append(UInt8(ascii: separator)) }
        let (tens, ones) = number.quotientAndRemainder(dividingBy: 10)
        text.append(UInt8(ascii: "0") + UInt8(tens))
        text.append(UInt8(ascii: "0") + UInt8(ones))
    }

    private func split(
        _ units: Int64, perDay: Int64
    ) -> (date: (year: Int, month: Int, day: Int), rest: Int) {
        let days = Self.floorDivide(units, perDay)
        return (Self.date(days: days), Int(units - days * perDay))
    }

    private static func floorDivide(_ number: Int64, _ divisor: Int64) -> Int64 {
        let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2:
            year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
                ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Microseconds of a day; nil for a time that no clock shows.
    ///
    /// Minutes are at most 59 before an offset is taken off. Second 60, a leap second, is the first
    /// of the next minute.
    static func microseconds(
        hour: Int, minute: Int, second: Int, fraction: Int, offset: Int
    ) -> Int64? {
        guard hour < 24, minute < 60, second <= 60 else { return nil }
        let seconds = Int64(hour * 3600 + (minute - offset) * 60 + second)
        return seconds * 1_000_000 + Int64(fraction)
    }

    /// Days since 1970-01-01 of a Gregorian date; nil for one that is in no calendar.
    ///
    /// Years start in March here, so that the leap day is a year's last. Source: Howard Hinnant,
    /// "chrono-Compatible Low-Level Date Algorithms".
    static func days(year: Int, month: Int, day: Int) -> Int64? {
        guard (1...12).contains(month), (1...days(in: month, of: year)).contains(day) else {
            return nil
        }
        let year = Int64(month <= 2 ? year - 1 : year)
        let era = floorDivide(year, 400)
        let yearOfEra = year - era * 400
        let dayOfYear = Int64((153 * ((month + 9) % 12) + 2) / 5 + day - 1)
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The Gregorian date of a day number; the inverse of ``days(year:month:day:)``.
    private static func date(days: Int64) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (Int(yearOfEra + era * 400 + (month <= 2 ? 1 : 0)), Int(month), Int(day))
    }
}
