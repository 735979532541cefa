internal import AWS

/// What a partner may be called.
package enum PartnerName {
    /// Bytes of a name.
    static let maximumLength = 256

    /// Refuses a name that cannot be an attribute of every message.
    static func checkIsDelivered(_ name: String, at place: String) throws(PartnerError) {
        guard name.utf8.count <= maximumLength else {
            throw .invalid(place: place, problem: "longer than \(maximumLength) bytes")
        }
        guard name.isDeliveredAttribute else {
            throw .invalid(
                place: place,
                problem: "holds a line break, another control character, or one beyond U+FFFD, "
                    + "which SNS does not deliver as an attribute")
        }
    }

    /// Refuses a name that no partner should be given from now on.
    ///
    /// A list could show it as another name, or a command take it for an option. Partners that have
    /// such a name keep it.
    package static func check(_ name: String, at place: String) throws(PartnerError) {
        guard !name.isEmpty else { throw .invalid(place: place, problem: "empty") }
        guard !name.utf8.contains(0) else {
            throw .invalid(place: place, problem: "holds a NUL character")
        }
        try checkIsDelivered(name, at: place)
        guard name.utf8.first != UInt8(ascii: "-") else {
            throw .invalid(place: place, problem: "begins with -, as the options of commands do")
        }
        let scalars = name.unicodeScalars
        guard scalars.first?.properties.isWhitespace == false,
            scalars.last?.properties.isWhitespace == false
        else {
            throw .invalid(place: place, problem: "begins or ends with white space")
        }
        guard scalars.allSatisfy({ $0.properties.generalCategory != .format }) else {
            throw .invalid(
                place: place, problem: "holds a character that nobody sees, such as U+202E")
        }
    }
}
