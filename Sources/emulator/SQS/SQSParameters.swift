import Formats

/// The members of a call to SQS, or of an entry of a batch, read by their types.
struct SQSParameters {
    /// The most entries of a batch.
    static let maximumEntries = 10

    let root: JSONValue

    func text(_ name: String) throws(SQSError) -> String? {
        guard let value = root[name]?.unlessNull else { return nil }
        guard let text = value.string else { throw .malformed("\(name) must be a string") }
        return text
    }

    /// A text that must be there, and must not be empty.
    func required(_ name: String) throws(SQSError) -> String {
        guard let text = try text(name), !text.isEmpty else { throw .missing(name) }
        return text
    }

    func number(_ name: String, in range: ClosedRange<Int>) throws(SQSError) -> Int? {
        guard let value = root[name]?.unlessNull else { return nil }
        guard let number = value.int else { throw .malformed("\(name) must be an integer") }
        guard range.contains(number) else {
            throw .invalid(
                name, String(number),
                "Must be between \(range.lowerBound) and \(range.upperBound), if provided.")
        }
        return number
    }

    func texts(_ name: String) throws(SQSError) -> [String] {
        var texts: [String] = []
        for value in try list(name) {
            guard let text = value.string else { throw .malformed("\(name) must hold strings") }
            texts.append(text)
        }
        return texts
    }

    /// An object whose values are texts, in the order they came.
    func map(_ name: String) throws(SQSError) -> [NamedValue] {
        guard let value = root[name]?.unlessNull else { return [] }
        guard value.kind == .object else { throw .malformed("\(name) must be an object") }
        var map: [NamedValue] = []
        for member in value.members {
            guard let key = member.name.string, let text = member.value.string else {
                throw .malformed("\(name) must hold strings")
            }
            map.append(NamedValue(key, text))
        }
        return map
    }

    /// The entries of a batch, whose ids are all different.
    func entries() throws(SQSError) -> [(id: String, parameters: SQSParameters)] {
        let entries = try list("Entries").map { SQSParameters(root: $0) }
        guard !entries.isEmpty else {
            throw .prefixed(
                "EmptyBatchRequest", "There should be at least one entry in the request.")
        }
        guard entries.count <= Self.maximumEntries else {
            throw .prefixed(
                "TooManyEntriesInBatchRequest",
                "Maximum number of entries per request are \(Self.maximumEntries). You have sent "
                    + "\(entries.count).")
        }
        var ids: Set<String> = []
        var read: [(id: String, parameters: SQSParameters)] = []
        for entry in entries {
            let id = try entry.required("Id")
            guard SNSEndpoint.isValid(entryID: id) else {
                throw .prefixed(
                    "InvalidBatchEntryId",
                    "A batch entry id can only contain alphanumeric characters, hyphens and "
                        + "underscores. It can be at most 80 letters long.")
            }
            guard ids.insert(id).inserted else {
                throw .prefixed("BatchEntryIdsNotDistinct", "Id \(id) repeated.")
            }
            read.append((id, entry))
        }
        return read
    }

    private func list(_ name: String) throws(SQSError) -> [JSONValue] {
        guard let value = root[name]?.unlessNull else { return [] }
        guard value.kind == .array else { throw .malformed("\(name) must be an array") }
        return Array(value.elements)
    }
}
