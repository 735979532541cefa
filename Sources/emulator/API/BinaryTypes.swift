/// An API's binary media types.
struct BinaryTypes {
    private let types: [String]

    init(_ api: Template.API) { types = api.binaryTypes }

    init(_ types: [String]) { self.types = types }

    /// Whether a content type, its parameters ignored, is one of them; none counts as JSON.
    func match(_ contentType: String?) -> Bool {
        let full = contentType ?? "application/json"
        let type = full.prefix { $0 != ";" && $0 != "," }.lowercased()
            .filter { !$0.isWhitespace }
        return types.contains { pattern in
            if pattern == "*/*" || pattern == type { return true }
            return pattern.hasSuffix("/*") && type.hasPrefix(pattern.dropLast())
        }
    }
}
