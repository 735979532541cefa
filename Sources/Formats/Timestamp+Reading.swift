// RFC 3339, ISO 8601, RFC 1123, Unix time: moments as programs write them

extension Timestamp {
    /// Reads the moment that a JSON string or number names; nil if it names none.
    ///
    /// A number is read as its digits would be as text. With an exponent it is Unix time.
    public init?(reading value: JSONValue) {
        switch value.kind {
        case .string:
            if let plain = value.plainContent {
                self.init(reading: plain)
            } else {
                self.init(reading: (value.utf8 ?? [])[...])
            }
        case .number:
            if value.raw.contains(where: { $0 | 0x20 == UInt8(ascii: "e") }) {
                self.init(unix: Double(String(decoding: value.raw, as: UTF8.self)) ?? 0)
            } else {
                self.init(reading: value.raw)
            }
        case .object, .array, .true, .false, .null: return nil
        }
    }

    /// Reads a moment in any of the forms in which programs write one.
    ///
    /// - RFC 3339 and ISO 8601, extended or basic, with `.` or `,` before a fraction, without
    ///   seconds, with one digit for a month or a day, or a date alone: midnight. The zone is `Z`,
    ///   `±hh:mm`, `±hhmm`, `±hh`, `UTC` or `GMT`; without one it is UTC. A blank may stand for `T`
    ///   and before the zone.
    /// - RFC 1123, with or without the weekday.
    /// - Unix time: seconds in 9 or 10 digits, milliseconds in 12 or 13, and a fraction.
    ///
    /// Eight digits are a date. Nil for everything else, such as 24:00, dates of weeks or of a
    /// year's days, dates that are in no calendar, and moments outside the years 0000 to 9999.
    public init?(reading text: ArraySlice<UInt8>) {
        var reader = TimestampReader(text)
        let time: Timestamp? =
            switch reader.digitCount {
            case 4: reader.extendedDate().flatMap { reader.moment(on: $0) }
            case 8: reader.basicDate().flatMap { reader.moment(on: $0) }
            case 9...13: reader.unixTime()
            case 0...2: reader.namedMonthMoment()
            default: nil
            }
        guard let time, (Self.first...Self.last).contains(time) else { return nil }
        self = time
    }

    /// Unix time, its unit told by its size: 9 or 10 digits are seconds, 12 or 13 milliseconds.
    private init?(unix number: Double) {
        switch number {
        case 1e8..<1e10: self.init(microseconds: Int64((number * 1e6).rounded()))
        case 1e11..<1e13: self.init(microseconds: Int64((number * 1e3).rounded()))
        default: return nil
        }
    }
}

extension TimestampReader {
    /// `2026-01-05` or `2026-1-5`, in days since 1970-01-01.
    fileprivate mutating func extendedDate() -> Int64? {
        guard let year = digits(4), take("-"), let month = oneOrTwoDigits(), take("-"),
            let day = oneOrTwoDigits()
        else { return nil }
        return Timestamp.days(year: year, month: month, day: day)
    }

    /// `20260105`, in days since 1970-01-01.
    fileprivate mutating func basicDate() -> Int64? {
        guard let year = digits(4), let month = digits(2), let day = digits(2) else { return nil }
        return Timestamp.days(year: year, month: month, day: day)
    }

    /// What follows a date of ISO 8601: nothing, or a time of day.
    fileprivate mutating func moment(on date: Int64) -> Timestamp? {
        guard !isAtEnd else { return Timestamp(microseconds: date * Timestamp.microsecondsPerDay) }
        guard take("T") || take(" ") else { return nil }
        return timeOfDay(on: date)
    }

    /// `10:07`, `10:07:12`, `1007` or `100712`, a fraction of the second, and a zone.
    private mutating func timeOfDay(on date: Int64) -> Timestamp? {
        guard let hour = digits(2) else { return nil }
        let isExtended = take(":")
        guard let minute = digits(2) else { return nil }
        var second = 0
        var fraction = 0
        if isExtended ? take(":") : digitCount > 0 {
            guard let given = digits(2), let part = self.fraction(commaToo: true) else {
                return nil
            }
            (second, fraction) = (given, part)
        }
        guard let offset = zoneMinutes(), isAtEnd,
            let time = Timestamp.microseconds(
                hour: hour, minute: minute, second: second, fraction: fraction, offset: offset)
        else { return nil }
        return Timestamp(microseconds: date * Timestamp.microsecondsPerDay + time)
    }

    private static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// `Mon, 05 Jan 2026 10:07:12 GMT`, or the same without the weekday.
    fileprivate mutating func namedMonthMoment() -> Timestamp? {
        if digitCount == 0 {
            guard place(in: Self.weekdays) != nil, take(","), take(" ") else { return nil }
        }
        guard let day = oneOrTwoDigits(), take(" "), let month = place(in: Self.months), take(" "),
            let year = digits(4), take(" "),
            let date = Timestamp.days(year: year, month: month + 1, day: day)
        else { return nil }
        return timeOfDay(on: date)
    }

    /// Skips one of these words, and returns which.
    private mutating func place(in words: [String]) -> Int? {
        words.firstIndex { take(word: $0) }
    }

    /// Digits alone, and a fraction.
    fileprivate mutating func unixTime() -> Timestamp? {
        let count = digitCount
        guard !take("0"), let number = digits(count), let fraction = fraction(), isAtEnd else {
            return nil
        }
        switch count {
        case 9, 10: return Timestamp(microseconds: Int64(number) * 1_000_000 + Int64(fraction))
        case 12, 13: return Timestamp(microseconds: Int64(number) * 1000 + Int64(fraction / 1000))
        default: return nil
        }
    }
}
