internal import Formats

/// The members of an event's `data` that have a meaning of their own, found in one pass.
///
/// Of a repeated name the last value counts.
struct CustomerIOData {
    enum Field: Int, CaseIterable {
        case identifiers, customerID, emailAddress, recipient, deliveryID, subject, campaignID
        case linkID, href, failureMessage, content, headers, objectType, metric
        // Names that others are given.
        case emailID, emailSubject, linkURL, reason

        var name: String {
            switch self {
            case .identifiers: "identifiers"
            case .customerID: "customer_id"
            case .emailAddress: "email_address"
            case .recipient: "recipient"
            case .deliveryID: "delivery_id"
            case .subject: "subject"
            case .campaignID: "campaign_id"
            case .linkID: "link_id"
            case .href: "href"
            case .failureMessage: "failure_message"
            case .content: "content"
            case .headers: "headers"
            case .objectType: "object_type"
            case .metric: "metric"
            case .emailID: "email_id"
            case .emailSubject: "email_subject"
            case .linkURL: "link_url"
            case .reason: "reason"
            }
        }

        /// Bytes of the longest name where each of its letters is an escape.
        private static let longestSpelling = 15 * 6

        static func named(_ name: JSONValue) -> Field? {
            // Whatever is longer, nobody compares.
            guard name.range.count <= longestSpelling + 2, let text = name.string else {
                return nil
            }
            return allCases.first { text == $0.name }
        }
    }

    /// The object itself; nil where there is none.
    let object: JSONValue?
    /// A place for each ``Field``.
    private var values = [18 of JSONValue?](repeating: nil)

    init(_ value: JSONValue?) {
        object = value?.kind == .object ? value : nil
        guard let object else { return }
        for member in object.members {
            guard let field = Field.named(member.name) else { continue }
            values[field.rawValue] = member.value
        }
    }

    /// A member, null included.
    subscript(_ field: Field) -> JSONValue? { values[field.rawValue] }

    /// A member that says something: text that is not blank, or a number.
    func text(_ field: Field) -> JSONValue? { self[field].flatMap { $0.isText ? $0 : nil } }

    /// The names of the properties that the members become.
    ///
    /// Made once for all that stands beside `data`: asked one by one, each of those names would cost
    /// a look at every member.
    var propertyNames: Set<[UInt8]> {
        guard let object else { return [] }
        var names: Set<[UInt8]> = []
        for member in object.members { names.insert(member.name.utf8 ?? []) }
        let renamed: [(from: Field, to: Field)] = [
            (.deliveryID, .emailID), (.subject, .emailSubject), (.href, .linkURL),
            (.failureMessage, .reason),
        ]
        for (from, to) in renamed where self[from] != nil { names.insert(Array(to.name.utf8)) }
        return names
    }

    func identifier(_ name: String) -> JSONValue? {
        guard let identifiers = self[.identifiers], identifiers.kind == .object,
            let value = identifiers[name], value.isText
        else { return nil }
        return value
    }
}

extension JSONValue {
    /// True for a number, and for a string of more than white space.
    var isText: Bool {
        switch kind {
        case .number: true
        case .string: utf8?.contains { $0 > 0x20 } == true
        case .object, .array, .true, .false, .null: false
        }
    }
}
