import Formats
import Glibc

/// Secrets in every form in which one may leave, and a search for all of them at once.
///
/// Time grows with what is searched and not with how many secrets there are: tests register
/// hundreds, and show megabytes.
struct SecretForms: Sendable {
    /// Bytes by which a form is found; none is shorter.
    static let window = 8

    private var secrets: Set<[UInt8]> = []
    /// The forms by their first bytes.
    private var forms: [UInt64: [[UInt8]]] = [:]
    /// True at the mark of each form's first bytes: most places are passed over by this alone.
    private var marks = [Bool](repeating: false, count: 1 << 16)

    mutating func insert(_ secret: [UInt8]) {
        guard secret.count >= Self.window, secrets.insert(secret).inserted else { return }
        for form in Self.forms(of: secret) where form.count >= Self.window {
            let first = unsafe form.withUnsafeBytes { unsafe $0.loadUnaligned(as: UInt64.self) }
            forms[first, default: []].append(form)
            marks[Self.mark(of: first)] = true
        }
    }

    /// Where a form of a secret is first; also behind JSON's escapes for ASCII.
    func first(in bytes: [UInt8]) -> Range<Int>? {
        guard !forms.isEmpty else { return nil }
        if let found = find(in: bytes) { return found }
        guard let plain = Self.unescaped(bytes), find(in: plain) != nil else { return nil }
        return 0..<min(bytes.count, 200)
    }

    private func find(in bytes: [UInt8]) -> Range<Int>? {
        guard bytes.count >= Self.window else { return nil }
        return unsafe bytes.withUnsafeBytes { bytes in
            unsafe marks.withUnsafeBufferPointer { marks -> Range<Int>? in
                var at = 0
                while at <= bytes.count &- Self.window {
                    let first = unsafe bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
                    if unsafe marks[Self.mark(of: first)], let candidates = forms[first] {
                        for form in candidates {
                            let rest = unsafe bytes[at...].prefix(form.count)
                            if unsafe rest.elementsEqual(form) { return at..<at + form.count }
                        }
                    }
                    at &+= 1
                }
                return nil
            }
        }
    }

    private static func mark(of first: UInt64) -> Int {
        Int(truncatingIfNeeded: (first &* 0x9E37_79B9_7F4A_7C15) >> 48)
    }

    /// As it is, escaped for JSON once and twice, percent-encoded, in Base64 wherever it begins, and
    /// in hexadecimal digits.
    static func forms(of secret: [UInt8]) -> Set<[UInt8]> {
        var forms: Set<[UInt8]> = [secret, Array(Hex.encode(secret).utf8)]
        forms.insert(Array(Hex.encode(secret).uppercased().utf8))
        let once = escaped(secret)
        forms.formUnion([once, escaped(once), escapedScalars(secret)])
        let slashed = secret.flatMap { $0 == UInt8(ascii: "/") ? [0x5C, $0] : [$0] }
        forms.formUnion([slashed, escaped(slashed)])
        for space in [PercentEncoding.Space.plus, .percent20] {
            var percent: [UInt8] = []
            PercentEncoding.append(secret.span, space: space, to: &percent)
            var twice: [UInt8] = []
            PercentEncoding.append(percent.span, to: &twice)
            forms.formUnion([percent, twice, percent.lowercasedEscapes])
        }
        for before in 0..<3 {
            let base64 = base64(secret, after: before)
            forms.insert(base64)
            forms.insert(base64.map { $0 == 0x2B ? 0x2D : $0 == 0x2F ? 0x5F : $0 })
        }
        return forms
    }

    /// Without the quotes around.
    private static func escaped(_ text: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        JSONString.append(text.span, to: &out)
        return Array(out.dropFirst().dropLast())
    }

    /// With `\uXXXX` for what is not ASCII, as Python writes it.
    private static func escapedScalars(_ text: [UInt8]) -> [UInt8] {
        String(decoding: text, as: UTF8.self).utf16.flatMap { unit -> [UInt8] in
            guard unit >= 0x80 else { return [UInt8(unit)] }
            return Array("\\u".utf8)
                + Array(Hex.encode([UInt8(unit >> 8), UInt8(unit & 255)]).utf8)
        }
    }

    /// The characters that all come from the secret, when so many bytes stand before it.
    private static func base64(_ secret: [UInt8], after before: Int) -> [UInt8] {
        let encoded = Base64.encode([UInt8](repeating: 0, count: before) + secret)
        let end = (before + secret.count) * 8 / 6
        return Array(encoded[((before * 8 + 5) / 6)..<end])
    }

    /// The bytes with `\u0041` and the like resolved, at any depth of escaping; nil where none is.
    private static func unescaped(_ bytes: [UInt8]) -> [UInt8]? {
        guard hasEscape(bytes) else { return nil }
        var out: [UInt8] = []
        var at = 0
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "u"), bytes.count - at > 4, out.last == 0x5C,
                bytes[at + 1] == 0x30, bytes[at + 2] == 0x30,
                let byte = Hex.decode(bytes[(at + 3)...(at + 4)])?.first
            {
                while out.last == 0x5C { out.removeLast() }
                out.append(byte)
                at += 5
            } else {
                out.append(bytes[at])
                at += 1
            }
        }
        return out
    }

    private static func hasEscape(_ bytes: [UInt8]) -> Bool {
        unsafe bytes.withUnsafeBytes { bytes in
            var at = 0
            while at < bytes.count, let start = bytes.baseAddress,
                let found = unsafe memchr(start + at, 0x5C, bytes.count - at)
            {
                at = unsafe found - UnsafeMutableRawPointer(mutating: start) + 1
                if unsafe bytes[at...].starts(with: "u00".utf8) { return true }
            }
            return false
        }
    }
}

extension [UInt8] {
    /// Percent-encoded text with the digits of its escapes in lower case.
    fileprivate var lowercasedEscapes: [UInt8] {
        var out = self
        for index in indices.dropLast(2) where self[index] == UInt8(ascii: "%") {
            out[index + 1] |= 0x20
            out[index + 2] |= 0x20
        }
        return out
    }
}
