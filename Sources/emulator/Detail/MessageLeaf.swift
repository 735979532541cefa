import Formats

/// A value of a JSON text that holds no other, and where it stands.
struct MessageLeaf {
    /// The most of one text: a larger one is compared as far as that.
    static let maximum = 2000

    let path: [String]
    let value: JSONValue

    /// For people: `properties.items.0.sku`.
    var name: String { path.joined(separator: ".") }

    /// The same for spellings that differ in case and underscores alone.
    var spelling: [String] {
        path.map { $0.lowercased().filter { $0 != "_" } }
    }

    /// True for a value that stands in many places by chance.
    var isCommon: Bool {
        switch value.kind {
        case .true, .false, .null, .object, .array: true
        case .number, .string: value.content.count < 2
        }
    }

    func isEqual(to other: MessageLeaf) -> Bool { value.raw == other.value.raw }

    /// All values of a text, in order.
    static func leaves(of root: JSONValue) -> [MessageLeaf] {
        var found: [MessageLeaf] = []
        add(root, at: [], to: &found)
        return found
    }

    private static func add(_ value: JSONValue, at path: [String], to found: inout [MessageLeaf]) {
        guard found.count < maximum else { return }
        switch value.kind {
        case .object where !value.members.isEmpty:
            for member in value.members {
                add(member.value, at: path + [member.name.string ?? ""], to: &found)
            }
        case .array where !value.elements.isEmpty:
            for (place, element) in value.elements.enumerated() {
                add(element, at: path + [String(place)], to: &found)
            }
        default: found.append(MessageLeaf(path: path, value: value))
        }
    }
}
