package import Formats

/// The write key that a call or a batch names, in any casing; nil where it names none.
///
/// The spec's own spelling wins over others. It may be of any kind: only a string can be right.
package func writeKey(of call: JSONValue) -> JSONValue? {
    var exact: JSONValue?
    var alias: JSONValue?
    for member in call.members {
        guard let (name, isExact) = CallFields.field(named: member.name), name == .writeKey else {
            continue
        }
        if isExact { exact = member.value.unlessNull } else { alias = member.value.unlessNull }
    }
    return exact ?? alias
}
