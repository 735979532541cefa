/// Hands out an object's members by name, each once, and keeps the rest in order.
public struct JSONTaker {
    /// The members that nobody has taken.
    public private(set) var rest: [JSONMember]

    /// Starts with all members of an object; any other value has none.
    public init(_ object: JSONValue) { rest = Array(object.members) }

    /// The value of this name, the last one if the name is repeated.
    ///
    /// All members of the name are taken.
    @discardableResult
    public mutating func take(_ name: String) -> JSONValue? {
        var last: JSONValue?
        rest.removeAll { member in
            guard member.name.equals(name) else { return false }
            last = member.value
            return true
        }
        return last
    }

    /// Takes the members of this name that are null: they say nothing.
    public mutating func takeNulls(_ name: String) {
        rest.removeAll { $0.value.isNull && $0.name.equals(name) }
    }
}
