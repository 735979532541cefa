import Formats

/// The calls in a request's body, to be found again in what was published.
struct SentCalls {
    /// Calls without an id that are compared; of more, the place alone counts.
    private static let maximumCompared = 100

    /// The whole body, of a batch with a name for its items.
    let batch: JSONValue?
    let items: [JSONValue]
    /// True for a call that is the whole body.
    let isSingle: Bool

    /// Reads a body; nil if it is no JSON.
    init?(_ body: JSONText?) {
        guard let root = body?.root else { return nil }
        if let list = root["batch"], list.kind == .array {
            (batch, items, isSingle) = (root, Array(list.elements), false)
        } else if root.kind == .array {
            (batch, items, isSingle) = (nil, Array(root.elements), false)
        } else {
            (batch, items, isSingle) = (nil, [root], true)
        }
    }

    /// The call that a message was made of: by its id, else by what it holds.
    func source(of message: JSONValue, rejected: Set<Int>) -> JSONValue? {
        guard !isSingle else { return items.first }
        let id = Self.id(of: message)
        if let id, let item = items.first(where: { Self.id(of: $0) == id }) { return item }
        let values = Set(MessageLeaf.leaves(of: message).map(\.value.raw))
        let candidates = items.enumerated().filter { place, item in
            !rejected.contains(place) && Self.id(of: item) == nil
        }
        return candidates.prefix(Self.maximumCompared).max { one, other in
            Self.likeness(of: one.element, to: values)
                < Self.likeness(of: other.element, to: values)
        }?.element
    }

    /// Bytes of an id; a longer one is none that anybody looks for.
    private static let longestID = 256

    /// The ids that the calls came with, in order; not all of a very long list.
    var ids: [String] {
        items.prefix(RecordedRequest.maximumParts).compactMap(Self.id)
            .filter { $0.utf8.count <= Self.longestID }
    }

    private static func likeness(of item: JSONValue, to values: Set<ArraySlice<UInt8>>) -> Int {
        MessageLeaf.leaves(of: item).count { values.contains($0.value.raw) }
    }

    /// The id as text, whatever the spelling of its name.
    private static func id(of call: JSONValue) -> String? {
        for member in call.members {
            let name = member.name.string?.lowercased().filter { $0 != "_" }
            guard name == "messageid", let value = member.value.unlessNull else { continue }
            let text = value.string ?? String(decoding: value.raw, as: UTF8.self)
            return text.isEmpty ? nil : text
        }
        return nil
    }
}
