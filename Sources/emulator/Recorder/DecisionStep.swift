import Formats
import LocalServer

/// One step on which it was decided what becomes of a request.
struct DecisionStep: Sendable, Equatable {
    /// What was looked at, for people.
    let name: String
    let isPassed: Bool
    /// A phrase or a sentence.
    let why: String

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("step", name)
            writer.member("isPassed", isPassed)
            writer.member("why", why)
        }
    }
}

extension RecordedRequest {
    /// The steps in order, up to the one that did not let it pass.
    var decision: [DecisionStep] {
        var steps: [DecisionStep] = []
        for step in [routeStep, authorizerStep, authenticStep, contentStep, publishStep] {
            guard let step else { continue }
            steps.append(step)
            guard step.isPassed else { break }
        }
        return steps
    }

    private var routeStep: DecisionStep {
        guard let route else {
            return DecisionStep(name: "route", isPassed: false, why: "the API has no such route")
        }
        let isFound = facts.outcome != "not_found" || facts.sender != nil && reply?.status != 404
        return DecisionStep(
            name: "route", isPassed: isFound,
            why: isFound ? "\(route.method) \(route.path) leads to \(route.function)" : explanation)
    }

    private var authorizerStep: DecisionStep? {
        guard let route, let authorizer = route.authorizer else { return nil }
        let isPassed = functions.contains(route.function)
        let cached = functions.isEmpty || functions.first == route.function
        return DecisionStep(
            name: "authorizer", isPassed: isPassed,
            why: isPassed
                ? "\(authorizer) let it pass\(cached ? ", from its cache" : "")" : explanation)
    }

    private var authenticStep: DecisionStep? {
        guard let outcome = facts.outcome else { return nil }
        let isPassed = !["not_authentic", "forbidden", "gone"].contains(outcome)
        let partner = facts.partner.map { "it is from \($0)" } ?? "it needs no credentials"
        return DecisionStep(
            name: "credentials", isPassed: isPassed, why: isPassed ? partner : explanation)
    }

    private var contentStep: DecisionStep? {
        guard let outcome = facts.outcome else { return nil }
        let isPassed = !["invalid", "unsupported_type", "too_large"].contains(outcome)
        let rejected = facts.rejected ?? 0
        return DecisionStep(
            name: "content", isPassed: isPassed,
            why: !isPassed ? explanation : rejected == 0 ? "valid" : "\(rejected) rejected")
    }

    private var publishStep: DecisionStep? {
        guard let outcome = facts.outcome else { return nil }
        let isPassed = outcome != "not_accepted"
        return DecisionStep(
            name: "publish", isPassed: isPassed,
            why: isPassed ? "SNS took \(facts.accepted ?? 0)" : explanation)
    }

    /// Why it did not pass, in the words of the log and of the reply.
    private var explanation: String {
        let root = reply.flatMap { (try? JSONText($0.body))?.root }
        let parts = [facts.code, facts.reason, root?["message"]?.string].compactMap(\.self)
        return parts.isEmpty ? "status \(reply?.status ?? 0)" : parts.joined(separator: ": ")
    }
}
