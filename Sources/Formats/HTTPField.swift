// RFC 9110: HTTP Semantics, section 5 "Fields"

/// One header field; names are compared whatever their case.
package struct HTTPField: Sendable, Equatable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// True for a field of that name, whatever the case of either.
    package func isNamed(_ name: String) -> Bool { self.name.lowercased() == name.lowercased() }
}

/// Fields in the order they are sent, repeated names included.
extension [HTTPField] {
    /// The first value of a field, whatever the case of its name.
    package subscript(_ name: String) -> String? { first { $0.isNamed(name) }?.value }

    /// Every value of a field, in order.
    package func values(_ name: String) -> [String] { filter { $0.isNamed(name) }.map(\.value) }
}
