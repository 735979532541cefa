package import Formats
package import Tracking

/// Something strange about a request that is published all the same.
package struct Warning: Sendable {
    /// The place in the batch; nil for a request that is not one, or as a whole.
    package let index: Int?
    package let call: CallWarning
}

extension [Warning] {
    /// Writes them as senders and operators read them: which item, what is strange, in which field.
    package func write(to writer: inout JSONWriter) {
        writer.array { list in
            for warning in self {
                list.object { entry in
                    if let index = warning.index { entry.member("index", index) }
                    entry.member("code", warning.call.code.rawValue)
                    entry.member("field", warning.call.field)
                }
            }
        }
    }
}
