/// The mistakes of a record, gathered so that all of them are reported at once.
package struct MistakeList {
    private var found: [PartnerError.Mistake] = []

    package init() {}

    /// Adds one that was found.
    package mutating func add(place: String, problem: String) {
        found.append(PartnerError.Mistake(place: place, problem: problem))
    }

    /// What was read; nil when there was nothing, or a mistake, which is added to the list.
    ///
    /// - Throws: what is no mistake of the record.
    package mutating func gather<Value>(
        _ read: () throws(PartnerError) -> Value?
    ) throws(PartnerError) -> Value? {
        do throws(PartnerError) {
            return try read()
        } catch {
            guard !error.mistakes.isEmpty else { throw error }
            found += error.mistakes
            return nil
        }
    }

    /// Throws what was found, if there is anything.
    package func check() throws(PartnerError) {
        guard let first = found.first else { return }
        guard found.count > 1 else {
            throw .invalid(place: first.place, problem: first.problem)
        }
        throw .mistakes(found)
    }
}
