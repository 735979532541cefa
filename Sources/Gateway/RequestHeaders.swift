package import Formats

/// A request's header fields, found by name in any case.
package struct RequestHeaders: Sendable {
    /// `headers`: a value per name.
    private let single: JSONValue?
    /// `multiValueHeaders`: an array per name, complete if it is there.
    private let multiple: JSONValue?

    init(_ event: JSONValue) {
        single = event["headers"]?.unlessNull
        multiple = event["multiValueHeaders"]?.unlessNull
    }

    /// Every value of a field, named in lower case, in the order they came.
    package func values(_ name: String) -> [String] {
        // Names that differ only in case are one field.
        let values = multiple?.members(ignoringCase: name).flatMap {
            $0.elements.compactMap(Self.text)
        }
        if let values, !values.isEmpty { return values }
        return single?.members(ignoringCase: name).compactMap(Self.text) ?? []
    }

    /// The fields of these names, given in lower case.
    package func fields(_ names: Set<String>) -> [HTTPField] {
        names.flatMap { name in values(name).map { HTTPField(name, $0) } }
    }

    /// A field's last value, named in lower case.
    package subscript(_ name: String) -> String? { values(name).last }

    /// Test events written by hand have numbers here.
    private static func text(_ value: JSONValue) -> String? {
        switch value.kind {
        case .string: value.string
        case .number, .true, .false: String(decoding: value.raw, as: UTF8.self)
        case .object, .array, .null: nil
        }
    }
}
