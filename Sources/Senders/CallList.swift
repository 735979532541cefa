internal import Formats

/// A request's body that is one call, or an array of calls.
///
/// An index of the whole body would take eight times its size. So each call is indexed when its turn
/// comes, and a call that is larger than the maximum has only an outline.
struct CallList {
    /// What was sent, inflated.
    let bytes: [UInt8]
    /// The places of an array's elements, or of the one call.
    private let outline: JSONValue
    private let maximumItems: Int
    private let maximumCall: Int

    /// Levels of a large call that are looked into: a batch in it, its items, and their members.
    private static let outlineDepth = 3

    init(
        _ content: [UInt8], maximumItems: Int, maximumCall: Int
    ) throws(RequestBody.Problem) {
        bytes = content
        let text = RequestBody.unmarked(bytes)
        let isArray = text.first { !JSONText.isSpace($0) } == UInt8(ascii: "[")
        do throws(JSONError) {
            // The array, its items, and one that is too many.
            outline = try JSONText(
                outlining: text, depth: isArray ? 1 : 0, maximumNodes: maximumItems + 2
            ).root
        } catch {
            throw .notJSON(error)
        }
        self.maximumItems = maximumItems
        self.maximumCall = maximumCall
    }

    var isArray: Bool { outline.kind == .array }

    /// The first call's text, of an array that has one.
    var firstElement: ArraySlice<UInt8>? { outline.elements.first?.raw }

    /// Hands over each call, with its place where there is an array: one at least, in order.
    ///
    /// A call of more than the maximum seems to be empty below some levels, and its bytes may be
    /// blank from some place on, which is further from its beginning than what a topic takes.
    func forEach(_ take: (JSONValue, Int?) -> Void) throws(RequestBody.Problem) {
        guard isArray else { return take(call(outline), nil) }
        let items = Array(outline.elements)
        guard !items.isEmpty else { throw .noItems }
        guard items.count <= maximumItems else { throw .tooManyItems(limit: maximumItems) }
        for (index, item) in items.enumerated() { take(call(item), index) }
    }

    private func call(_ place: JSONValue) -> JSONValue {
        let whole = place.text.bytes
        let text = place.range.count == whole.count ? whole : Array(place.raw)
        do throws(JSONError) {
            guard text.count > maximumCall else { return try JSONText(text).root }
            // A name or a value has two bytes at least, with what stands before or after it.
            return try JSONText(
                outlining: text, depth: Self.outlineDepth, maximumNodes: maximumCall / 2 + 1
            ).root
        } catch {
            preconditionFailure("what is part of a JSON text is one")
        }
    }
}
