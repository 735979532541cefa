internal import Formats

extension SignatureRecipe {
    /// What `signing` may hold for the scheme `custom`, beside what it holds for every scheme.
    static let customKeys: [String] = [
        "algorithm", "key", "key_prefix", "header", "separator", "element", "equals", "prefix",
        "encoding", "template", "id_header", "timestamp_header", "timestamp_element",
    ]

    /// Characters of a prefix, of an element's name, and of a template.
    private static let maximumText = 128

    /// Reads a recipe of a partner's own.
    init(custom record: RecordReader) throws(PartnerError) {
        var mistakes = MistakeList()
        let header = try mistakes.gather { () throws(PartnerError) in try Self.header(record) }
        let layout = try mistakes.gather { () throws(PartnerError) in try Self.layout(record) }
        let template = try mistakes.gather { () throws(PartnerError) in try Self.template(record) }
        let idHeader = try mistakes.gather { () throws(PartnerError) in
            try Self.header("id_header", record)
        }
        let algorithm: Algorithm? = try mistakes.gather { () throws(PartnerError) in
            try record.choice("algorithm")
        }
        let encoding: Encoding? = try mistakes.gather { () throws(PartnerError) in
            try record.choice("encoding")
        }
        let key = try mistakes.gather { () throws(PartnerError) in try Self.key(record) }
        let prefix = try mistakes.gather { () throws(PartnerError) in
            try Self.text("prefix", record)
        }
        // What follows says how those fit together.
        try mistakes.check()
        guard let header, let layout, let template, let key else {
            preconditionFailure("what is missing is a mistake")
        }
        let time = try Self.time(record, layout)
        try Self.check(idHeader: idHeader, time, in: template, record)
        self.init(
            algorithm: algorithm ?? .sha256, key: key, header: header, layout: layout,
            prefix: prefix.map { Prefix(text: $0, isRequired: true) }, encoding: encoding ?? .hex,
            template: template, idHeader: idHeader, time: time)
    }

    private static func header(_ record: RecordReader) throws(PartnerError) -> String {
        guard let header = try header("header", record) else {
            throw .invalid(place: record.place, problem: "header is missing")
        }
        return header
    }

    private static func key(_ record: RecordReader) throws(PartnerError) -> Key {
        Key(
            encoding: try record.choice("key") ?? .text,
            prefix: try text("key_prefix", record) ?? "")
    }

    /// Refuses a recipe that leaves what it names unsigned, or signs what it does not name.
    private static func check(
        idHeader: String?, _ time: TimePlace?, in template: SignatureTemplate,
        _ record: RecordReader
    ) throws(PartnerError) {
        try check(idHeader != nil, "id_header", isSignedAs: .id, "{id}", in: template, record)
        try check(
            time != nil, "timestamp_header", isSignedAs: .timestamp, "{timestamp}", in: template,
            record)
        guard time != nil || record["tolerance_seconds"] == nil else {
            throw .invalid(
                place: record.place(of: "tolerance_seconds"), problem: "no timestamp is signed")
        }
    }

    private static func layout(_ record: RecordReader) throws(PartnerError) -> Layout {
        let separator = try character("separator", record)
        let equals = try character("equals", record)
        guard let name = try text("element", record) else {
            guard equals == nil else {
                throw .invalid(place: record.place(of: "equals"), problem: "needs element")
            }
            return separator.map { .list(separator: $0) } ?? .single
        }
        let layout = (separator: separator ?? ",", equals: equals ?? "=")
        guard layout.separator != layout.equals else {
            throw .invalid(place: record.place(of: "equals"), problem: "the same as separator")
        }
        return .elements(separator: layout.separator, equals: layout.equals, name: name)
    }

    private static func template(_ record: RecordReader) throws(PartnerError) -> SignatureTemplate {
        let name = "template"
        guard let text = try text(name, record) else { return [.body] }
        guard let template = SignatureTemplate(text) else {
            throw .invalid(
                place: record.place(of: name),
                problem: "braces hold something else than {id}, {timestamp} or {body}")
        }
        // More than one would let a small request make a large text.
        guard template.parts.count(where: { $0 == .body }) == 1 else {
            throw .invalid(place: record.place(of: name), problem: "needs {body}, once")
        }
        return template
    }

    private static func time(
        _ record: RecordReader, _ layout: Layout
    ) throws(PartnerError) -> TimePlace? {
        let header = try header("timestamp_header", record)
        guard let element = try text("timestamp_element", record) else {
            return header.map { .header($0) }
        }
        let place = record.place(of: "timestamp_element")
        guard header == nil else {
            throw .invalid(place: place, problem: "given beside timestamp_header")
        }
        guard case .elements = layout else {
            throw .invalid(place: place, problem: "needs element")
        }
        return .element(element)
    }

    /// Refuses an id or a time that is named and not signed, or signed and not named.
    private static func check(
        _ isNamed: Bool, _ name: String, isSignedAs part: SignatureTemplate.Part,
        _ spelling: String, in template: SignatureTemplate, _ record: RecordReader
    ) throws(PartnerError) {
        guard isNamed != template.contains(part) else { return }
        throw .invalid(
            place: record.place(of: "template"),
            problem: isNamed
                ? "does not hold \(spelling), so that it would not be signed"
                : "\(spelling) needs \(name)")
    }

    /// A header field's name, in lower case.
    private static func header(
        _ name: String, _ record: RecordReader
    ) throws(PartnerError) -> String? {
        guard let text = try text(name, record) else { return nil }
        guard let header = HeaderName.normalised(text) else {
            throw .invalid(place: record.place(of: name), problem: "not a header's name")
        }
        return header
    }

    /// One printable ASCII character that is no part of a number.
    private static func character(
        _ name: String, _ record: RecordReader
    ) throws(PartnerError) -> Character? {
        guard let text = try record.text(name) else { return nil }
        guard text.utf8.count == 1, let byte = text.utf8.first, 0x20..<0x7F ~= byte,
            byte &- 0x30 >= 10, (byte | 0x20) &- 0x61 >= 26
        else {
            throw .invalid(
                place: record.place(of: name), problem: "not one ASCII sign, such as a comma")
        }
        return Character(Unicode.Scalar(byte))
    }

    private static func text(_ name: String, _ record: RecordReader) throws(PartnerError) -> String?
    {
        guard let text = try record.filledText(name) else { return nil }
        guard text.utf8.count <= maximumText else {
            throw .invalid(
                place: record.place(of: name), problem: "longer than \(maximumText) bytes")
        }
        return text
    }
}
