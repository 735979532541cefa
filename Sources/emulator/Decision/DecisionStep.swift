import Formats

/// One step on which it was decided what becomes of a request.
struct DecisionStep: Equatable {
    /// What is decided on, in the usual order; the raw value is for people.
    enum Stage: String {
        case route, authorizer, token, status, address, signature, size
        case json = "JSON"
        case rules, publish
    }

    /// One of the looks of which a step consists.
    struct Look: Equatable {
        let isPassed: Bool
        let text: String
    }

    let stage: Stage
    let isPassed: Bool
    /// A phrase or a sentence.
    let why: String
    var looks: [Look] = []
    /// What may be wrong and what to do about it, most likely first.
    var causes: [String] = []
    /// Where in the body it went wrong.
    var mark: TextMark?

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("step", stage.rawValue)
            writer.member("isPassed", isPassed)
            writer.member("why", why)
            writer.list("looks", looks) { look, writer in
                writer.object { writer in
                    writer.member("isPassed", look.isPassed)
                    writer.member("text", look.text)
                }
            }
            writer.list("causes", causes) { $1.string($0) }
            writer.name("mark")
            if let mark { mark.write(to: &writer) } else { writer.null() }
        }
    }
}
