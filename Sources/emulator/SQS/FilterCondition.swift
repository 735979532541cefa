import Formats

/// A value of a message that a filter policy looks at.
enum FilterValue: Sendable, Equatable {
    case text(String)
    case number(Double)
    case bool(Bool)
    case null

    /// What an attribute holds; nil for one that filters do not see.
    ///
    /// A number that is sent as String is a text, and no numeric condition matches it.
    static func values(of attribute: SNSMessage.Attribute) -> [FilterValue]? {
        switch attribute.type {
        case "Binary": nil
        case "Number": Double(attribute.value).map { [.number($0)] }
        case "String.Array":
            (try? JSONText(Array(attribute.value.utf8)))?.root.elements.compactMap(FilterValue.init)
        default: [.text(attribute.value)]
        }
    }

    /// What a value of a body holds; an array's elements each count.
    static func values(of value: JSONValue) -> [FilterValue] {
        value.kind == .array
            ? value.elements.compactMap(FilterValue.init) : [FilterValue(value)].compactMap(\.self)
    }

    init?(_ value: JSONValue) {
        switch value.kind {
        case .string: self = .text(value.string ?? "")
        case .number: self = .number(Double(String(decoding: value.raw, as: UTF8.self)) ?? 0)
        case .true: self = .bool(true)
        case .false: self = .bool(false)
        case .null: self = .null
        case .object, .array: return nil
        }
    }
}

/// One alternative in a filter policy's list.
///
/// Source: Amazon SNS Developer Guide, "String value matching" and "Numeric value matching".
indirect enum FilterCondition: Sendable {
    case equal(FilterValue)
    case prefix(String)
    case suffix(String)
    case equalIgnoringCase(String)
    case anythingBut([FilterCondition])
    case numeric([(comparison: Comparison, bound: Double)])
    case exists(Bool)
    case network(IPNetwork)

    enum Comparison: String, Sendable {
        case equal = "="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="

        func holds(_ value: Double, _ bound: Double) -> Bool {
            switch self {
            case .equal: value == bound
            case .less: value < bound
            case .lessOrEqual: value <= bound
            case .greater: value > bound
            case .greaterOrEqual: value >= bound
            }
        }
    }

    init(_ value: JSONValue) throws(FilterPolicyError) {
        if let plain = FilterValue(value) {
            self = .equal(plain)
            return
        }
        let members = Array(value.members)
        guard value.kind == .object, members.count == 1, let name = members[0].name.string else {
            throw FilterPolicyError(
                reason: "a condition is a value, or an object with one operator")
        }
        let operand = members[0].value
        switch (name, operand.kind) {
        case ("prefix", .string): self = .prefix(operand.string ?? "")
        case ("suffix", .string): self = .suffix(operand.string ?? "")
        case ("equals-ignore-case", .string):
            self = .equalIgnoringCase((operand.string ?? "").lowercased())
        case ("exists", .true): self = .exists(true)
        case ("exists", .false): self = .exists(false)
        case ("cidr", .string):
            guard let network = IPNetwork(operand.string ?? "") else {
                throw FilterPolicyError(reason: "cidr takes a network")
            }
            self = .network(network)
        case ("numeric", .array): self = try Self.numeric(operand)
        case ("anything-but", .array):
            var others: [FilterCondition] = []
            for element in operand.elements { others.append(try FilterCondition(element)) }
            self = .anythingBut(others)
        case ("anything-but", _): self = .anythingBut([try FilterCondition(operand)])
        default: throw FilterPolicyError(reason: "the emulator does not know \(name) like this")
        }
    }

    private static func numeric(_ operand: JSONValue) throws(FilterPolicyError) -> FilterCondition {
        let parts = Array(operand.elements)
        var bounds: [(comparison: Comparison, bound: Double)] = []
        for at in stride(from: 0, to: parts.count, by: 2) {
            guard let comparison = parts[at].string.flatMap(Comparison.init), at + 1 < parts.count,
                case .number(let bound) = FilterValue(parts[at + 1])
            else { throw FilterPolicyError(reason: "numeric takes comparisons with numbers") }
            bounds.append((comparison, bound))
        }
        guard (1...2).contains(bounds.count) else {
            throw FilterPolicyError(reason: "numeric takes one comparison or two")
        }
        return .numeric(bounds)
    }

    /// Whether the values of a key match: of several, one has to.
    ///
    /// nil stands for no such key.
    func matches(_ values: [FilterValue]?) -> Bool {
        if case .exists(let expected) = self { return (values != nil) == expected }
        return (values ?? []).contains { matches($0) }
    }

    private func matches(_ value: FilterValue) -> Bool {
        switch self {
        case .equal(let other): return value == other
        case .anythingBut(let others): return !others.contains { $0.matches(value) }
        case .exists(let expected): return expected
        case .numeric(let bounds):
            guard case .number(let number) = value else { return false }
            return bounds.allSatisfy { $0.comparison.holds(number, $0.bound) }
        case .prefix(let prefix): return value.text?.hasPrefix(prefix) == true
        case .suffix(let suffix): return value.text?.hasSuffix(suffix) == true
        case .equalIgnoringCase(let other): return value.text?.lowercased() == other
        case .network(let network):
            return value.text.flatMap(IPAddress.init).map { network.contains($0) } == true
        }
    }
}

extension FilterValue {
    fileprivate var text: String? {
        guard case .text(let text) = self else { return nil }
        return text
    }
}
