/// What a person may have meant who has mistyped a word.
enum Suggestion {
    /// Characters of a word that are compared.
    private static let maximumLength = 64
    /// Words that are offered at once.
    private static let maximumCount = 3

    /// `; did you mean "a" or "b"?`, or nothing.
    static func clause(_ words: [String]) -> String {
        guard !words.isEmpty else { return "" }
        return "; did you mean \(words.joined(separator: " or "))?"
    }

    /// The words nearest to what was typed, if they are near enough: a third of it may differ.
    static func nearest(to typed: String, among words: [String]) -> [String] {
        let typed = Array(typed.lowercased().unicodeScalars.prefix(maximumLength))
        let limit = max(1, typed.count / 3)
        var found: [(word: String, distance: Int)] = []
        for word in words {
            let scalars = Array(word.lowercased().unicodeScalars.prefix(maximumLength))
            guard abs(scalars.count - typed.count) <= limit else { continue }
            let distance = distance(typed, scalars)
            if distance <= limit { found.append((word, distance)) }
        }
        let least = found.map(\.distance).min()
        return found.filter { $0.distance == least }.prefix(maximumCount).map(\.word)
    }

    /// The commands that a person may have meant by words that are none.
    static func commands(_ words: [String], among commands: [Command]) -> [String] {
        guard let last = words.last else { return [] }
        let group = Array(words.dropLast())
        let next = commands.filter { $0.words.starts(with: group) && $0.words.count > group.count }
        var known: [String] = []
        for word in next.map({ $0.words[group.count] }) where !known.contains(word) {
            known.append(word)
        }
        let near = nearest(to: last, among: known).map { (group + [$0]).joined(separator: " ") }
        guard near.isEmpty else { return near }
        // A command's own word without its group.
        let named = commands.filter { $0.words.count > 1 && $0.words.last == last }.map(\.name)
        return named.count > maximumCount ? [] : named
    }

    /// How many characters must be put in, left out, replaced or swapped with the next one.
    ///
    /// This is the optimal string alignment distance.
    private static func distance(_ one: [Unicode.Scalar], _ other: [Unicode.Scalar]) -> Int {
        var before: [Int] = []
        var last = Array(0...other.count)
        for (row, scalar) in one.enumerated() {
            var line = [row + 1]
            for (column, candidate) in other.enumerated() {
                var least = min(
                    last[column] + (scalar == candidate ? 0 : 1), last[column + 1] + 1,
                    line[column] + 1)
                if row > 0, column > 0, scalar == other[column - 1], one[row - 1] == candidate {
                    least = min(least, before[column - 1] + 1)
                }
                line.append(least)
            }
            (before, last) = (last, line)
        }
        return last[other.count]
    }
}
