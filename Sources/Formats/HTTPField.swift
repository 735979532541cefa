// RFC 9110: HTTP Semantics, section 5 "Fields"

/// One header field.
///
/// Names are compared without regard to case.
public struct HTTPField: Sendable, Equatable {
    public let name: String
    public let value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// True if the field has this name, in any case.
    public func isNamed(_ name: String) -> Bool { self.name.lowercased() == name.lowercased() }
}

/// Fields in the order they are sent, repeated names included.
extension [HTTPField] {
    /// The first value of the field with this name, in any case.
    public subscript(_ name: String) -> String? { first { $0.isNamed(name) }?.value }

    /// Every value of the fields with this name, in order.
    public func values(_ name: String) -> [String] { filter { $0.isNamed(name) }.map(\.value) }
}
