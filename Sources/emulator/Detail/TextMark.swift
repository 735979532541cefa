import Formats

/// A part of a text that is shown marked, and why.
struct TextMark: Equatable {
    /// Places are counted in Unicode scalars, as a page's script can count them as well.
    let start: Int
    let end: Int
    /// A phrase or a sentence.
    let why: String

    /// Marks these bytes of a text.
    init(_ bytes: Range<Int>, of text: [UInt8], why: String) {
        func place(_ offset: Int) -> Int {
            String(decoding: text.prefix(offset), as: UTF8.self).unicodeScalars.count
        }
        start = place(bytes.lowerBound)
        end = place(bytes.upperBound)
        self.why = why
    }

    /// Marks where a text stops to be JSON; nil if it is JSON.
    init?(jsonErrorIn text: [UInt8]) {
        do throws(JSONError) {
            _ = try JSONText(text)
            return nil
        } catch {
            let start = min(error.offset, max(0, text.count - 1))
            var end = min(start + 1, text.count)
            // All bytes of a character.
            while end < text.count, text[end] & 0xC0 == 0x80 { end += 1 }
            self.init(start..<end, of: text, why: error.reason)
        }
    }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("start", start)
            writer.member("end", end)
            writer.member("why", why)
        }
    }
}
