/// What is strange about a call that is published all the same.
package struct CallWarning: Sendable, Equatable {
    package enum Code: String, Sendable {
        /// A time in no form that is known: the time of arrival counts, or no clock is corrected.
        case unreadableTime = "unreadable_time"
    }

    package let code: Code
    /// The call's field, in the spec's spelling.
    package let field: String

    init(_ code: Code, _ field: CallField) {
        self.code = code
        self.field = field.spelling
    }
}
