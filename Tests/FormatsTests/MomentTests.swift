import Formats
import TestSupport
import Testing

@Suite("Moments as programs write them")
struct MomentTests {
    private func value(_ written: String) throws -> JSONValue {
        try JSONText(Array(written.utf8)).root
    }

    @Test("every form names its moment", arguments: writtenMoments)
    func readable(written: String, moment: String) throws {
        #expect(Timestamp(reading: try value(written))?.rfc3339 == moment)
    }

    @Test(
        "what names no moment is not guessed at",
        arguments: [
            #""""#, #"" ""#, #""yesterday""#, #""now""#, "true", "null", "{}", "[]",
            // Dates and times that are in no calendar and on no clock
            #""2026-02-30T10:07:12Z""#, #""2026-02-29""#, #""2026-13-01""#, #""2026-00-10""#,
            #""2026-01-32""#, #""2026-01-05T24:00:00Z""#, #""2026-01-05T10:60:12Z""#,
            #""2026-01-05T10:07:61Z""#, #""2026-01-05T10:07:12+24:00""#,
            #""2026-01-05T10:07:12+01:60""#, #""20260230""#, #""30 Feb 2026 10:07:12 GMT""#,
            // Weeks and days of the year
            #""2026-W02-1""#, #""2026W021""#, #""2026-005""#, #""2026005""#,
            // Half of a form, or more than one
            #""2026""#, "2026", #""2026-01""#, #""2026-01-05T""#, #""2026-01-05T10""#,
            #""2026-01-05T10:07:""#, #""2026-01-05T10:07:12.Z""#, #""2026-01-05T10:07:12+""#,
            #""2026-01-05T10:07:12+1""#, #""2026-01-05T10:07:12 ""#, #""2026-01-05T10:07:12Z ""#,
            #"" 2026-01-05T10:07:12Z""#, #""2026-01-05T10:07:12ZZ""#, #""2026-001-05""#,
            #""2026-01-005""#, #""02026-01-05""#, #""01/05/2026""#, #""2026/01/05""#,
            #""05.01.2026""#, #""2026-01-05T10:07:12 PST""#, #""Mon, 05 Jan 26 10:07:12 GMT""#,
            #""Mon 05 Jan 2026 10:07:12 GMT""#, #""Foo, 05 Jan 2026 10:07:12 GMT""#,
            #""Mon, 05 Foo 2026 10:07:12 GMT""#, #""Mon, 05 Jan 2026""#,
            // Other counts of digits
            "0", "-1", "1", "12345678", "99999999", "10000000000", #""17676076320""#,
            "10000000000000", "1767607632100123", "1767607632100123456", "-1767607632",
            "1e5", "1e10", "1e300", "-1.7e9", #""1.7e9""#, #""1767607632.""#, #""0176760763""#,
            #""1767607632Z""#, #""1767607632,""#, "20260105.5", #""20260105100712""#,
            // Outside of the years that have a text
            #""0000-01-01T00:00:00+01:00""#, #""9999-12-31T23:59:59-01:00""#,
        ])
    func unreadable(written: String) throws {
        #expect(Timestamp(reading: try value(written)) == nil)
    }

    @Test("a fraction may be of any length, and the first six digits count")
    func longFraction() throws {
        let digits = "123456" + String(repeating: "9", count: 100_000)
        let time = Timestamp(reading: try value("\"2026-01-05T10:07:12.\(digits)Z\""))
        #expect(time?.microseconds == 1_767_607_632_123_456)
        let unix = Timestamp(reading: try value("1767607632.\(digits)"))
        #expect(unix?.microseconds == 1_767_607_632_123_456)
    }
}
