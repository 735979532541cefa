import Formats
import Partners

/// What the headers of a request say about its signature, in words.
struct HeaderReview {
    typealias Step = SignatureReview.Step

    let recipe: SignatureRecipe
    let headers: [HTTPField]
    let keys: [[UInt8]]
    let body: [UInt8]

    /// What is wrong with the headers.
    struct Problem {
        let text: String
        var causes: [String] = []
    }

    /// The steps that this recipe has before the clock and the secrets.
    var steps: [Step] {
        [.header, recipe.idHeader == nil ? nil : .id, recipe.time == nil ? nil : .time, .form]
            .compactMap(\.self)
    }

    /// The step at which a problem came up.
    func step(of problem: SignatureProblem) -> Step {
        switch problem {
        case .headerMissing(recipe.header): .header
        // An element that is there twice is a time, since several signatures are in order.
        case .headerRepeated(recipe.header):
            headers.values(recipe.header).count > 1 ? .header : .time
        case .headerMissing(let name), .headerRepeated(let name):
            name == recipe.idHeader ? .id : .time
        case .timeMalformed: .time
        case .malformed: timeElement.map { !signature.contains($0) } == true ? .time : .form
        case .tooMany: .form
        case .outsideWindow: .clock
        case .mismatch: .secret
        }
    }

    /// What a step that passed has found.
    func words(for step: Step) -> String {
        switch step {
        case .header: "\(recipe.header) is there"
        case .id: "\(recipe.idHeader ?? "the id") is there"
        case .time:
            switch recipe.time {
            case .header(let name): "\(name) is a number of seconds"
            case .element(let name): "\(name) in \(recipe.header) is a number of seconds"
            case nil: "no time is signed"
            }
        case .form: "\(recipe.header) has the form of the scheme"
        case .clock, .secret: ""
        }
    }

    func problem(_ problem: SignatureProblem, at step: Step) -> Problem {
        switch problem {
        case .headerMissing(let name): missing(name)
        case .headerRepeated(let name):
            Problem(
                text: step == .time && name == recipe.header
                    ? "\(name) has the time more than once"
                    : "\(name) is there \(headers.values(name).count) times",
                causes: ["It must be there once: a proxy may have added it again."])
        case .malformed where step == .time:
            Problem(
                text: "\(recipe.header) has no \(timeElement ?? "time")",
                causes: ["It must be like: \(example)."])
        case .malformed:
            SignatureTextReview(recipe: recipe, header: signature, example: example).problem
        case .tooMany(let name, let limit):
            Problem(text: "\(name) has more than \(limit) signatures")
        case .timeMalformed: unreadableTime
        case .outsideWindow, .mismatch: Problem(text: problem.reason)
        }
    }

    private var signature: String { headers[recipe.header] ?? "" }

    /// What begins the time in the signature's own header.
    private var timeElement: String? {
        guard case .element = recipe.time,
            case .text(let text) = SignatureForm(of: recipe).pieces[0]
        else { return nil }
        return text
    }

    /// The header's value with words for what differs.
    private var example: String {
        let value = SignatureForm(of: recipe).pieces.map { piece in
            switch piece {
            case .text(let text): text
            case .timestamp: "<Unix seconds>"
            case .signature: "<signature>"
            }
        }.joined()
        return "\(recipe.header): \(value)"
    }

    private func missing(_ name: String) -> Problem {
        guard headers.values(name).isEmpty else {
            return Problem(text: "\(name) is there and empty")
        }
        let problem = Problem(text: "\(name) is missing")
        guard name == recipe.header else { return problem }
        let others = OtherScheme.all.filter {
            $0.recipe.header != recipe.header && !(headers[$0.recipe.header] ?? "").isEmpty
        }
        return Problem(
            text: problem.text,
            causes: others.map { other in
                let isOurs = keys.contains { key in
                    let claim = try? SignatureClaim(other.recipe, headers: headers, body: body[...])
                    return claim?.isMade(by: key) == true
                }
                let whose =
                    isOurs ? ", and a secret of the partner made its signature" : ""
                return """
                    \(other.recipe.header) is there, which the scheme \(other.name) has\(whose): the \
                    partner's scheme is another.
                    """
            })
    }

    private var unreadableTime: Problem {
        let text: String =
            switch recipe.time {
            case .header(let name): "\(name) is not a number of seconds"
            case .element, nil: "the time in \(recipe.header) is not a number of seconds"
            }
        let value =
            if case .header(let name) = recipe.time { headers[name] ?? "" } else { "" }
        let isDate = Timestamp(rfc3339: value.utf8) != nil
        return Problem(
            text: text,
            causes: [
                isDate ? "It is a date: send Unix seconds, digits alone." : "Send digits alone."
            ])
    }
}

/// A scheme that a request may follow in place of the partner's.
struct OtherScheme {
    let name: String
    let recipe: SignatureRecipe

    static let all: [OtherScheme] = [
        OtherScheme(name: "segment", recipe: .segment),
        OtherScheme(name: "segment", recipe: .segmentWhole),
        OtherScheme(name: "customerio", recipe: .customerio),
        OtherScheme(name: "standard-webhooks", recipe: .standardWebhooks),
        OtherScheme(name: "standard-webhooks", recipe: .svix),
        OtherScheme(name: "github", recipe: .github),
        OtherScheme(name: "stripe", recipe: .stripe),
        OtherScheme(name: "shopify", recipe: .shopify),
        OtherScheme(name: "slack", recipe: .slack),
    ]
}
