import Formats
import LocalServer
import Partners
import Senders
import Tracking

/// How it was decided what becomes of a request, step by step up to the one that did not let it pass.
///
/// Which step that is, the function's line and the reply say. Why, is found out here once more: from
/// the request, and from the registry as it is now.
struct Decision {
    typealias Step = DecisionStep

    let record: RecordedRequest
    let shown: ShownBody
    /// Nil if there is no registry, or none that can be read.
    let partners: PartnerReading?

    var steps: [DecisionStep] {
        let refused = record.refusedStage
        var steps: [DecisionStep] = []
        guard let destination = record.request.destination, refused != .route else {
            let guarded: [Step.Stage] = record.route?.authorizer == nil ? [] : [.authorizer]
            for stage in [.route] + guarded {
                steps.append(routing(stage, isPassed: stage != refused))
                if stage == refused { return steps }
            }
            // Another template's routes may publish as well.
            return record.messages.isEmpty
                ? steps : steps + [rules(isPassed: true), publishing(isPassed: true)]
        }
        // A function that has ended without a word has decided nothing.
        if refused == .publish, record.facts.sender == nil {
            return [routing(.route, isPassed: true), plain(.publish)]
        }
        let sending = Sending(record: record, partners: partners, destination: destination)
        for stage in sending.stages {
            let isPassed = stage != refused
            if let step = step(stage, isPassed: isPassed, sending) { steps.append(step) }
            if !isPassed { break }
        }
        return steps
    }

    /// What was found at a stage; nil if nothing is looked at there.
    private func step(
        _ stage: Step.Stage, isPassed: Bool, _ sending: Sending
    ) -> DecisionStep? {
        switch stage {
        case .route, .authorizer: routing(stage, isPassed: isPassed)
        case .token:
            Step(stage: stage, isPassed: isPassed, why: sending.tokenFinding(isPassed: isPassed))
        case .status:
            sending.partner.map { partner in
                Step(
                    stage: stage, isPassed: isPassed,
                    why: isPassed
                        ? "\(partner.name) is \(partner.status.rawValue)" : record.explanation)
            } ?? (isPassed ? nil : plain(stage))
        case .address:
            sending.addressFinding(isPassed: isPassed).map {
                Step(stage: stage, isPassed: isPassed, why: $0)
            } ?? (isPassed ? nil : plain(stage))
        case .signature:
            SignatureFinding(sending: sending).step(isPassed: isPassed)
                ?? (isPassed ? nil : plain(stage))
        case .size: size(isPassed: isPassed, sending)
        case .json: json(isPassed: isPassed)
        case .rules: rules(isPassed: isPassed)
        case .publish: publishing(isPassed: isPassed)
        }
    }

    /// A step that is explained by the log and the reply alone.
    private func plain(_ stage: Step.Stage) -> DecisionStep {
        Step(stage: stage, isPassed: false, why: record.explanation)
    }

    private func routing(_ stage: Step.Stage, isPassed: Bool) -> DecisionStep {
        guard let route = record.route else {
            return Step(stage: .route, isPassed: false, why: "the API has no such route")
        }
        guard isPassed else { return plain(stage) }
        guard stage == .authorizer else {
            return Step(
                stage: .route, isPassed: true,
                why: "\(route.method) \(route.path) leads to \(route.function)")
        }
        let isCached = record.functions.first == route.function
        return Step(
            stage: .authorizer, isPassed: true,
            why: "\(route.authorizer ?? "it") let it pass\(isCached ? ", from its cache" : "")")
    }

    // MARK: - What was sent

    private func size(isPassed: Bool, _ sending: Sending) -> DecisionStep {
        let sent = record.request.body.count
        let content = shown.text?.count ?? sent
        let inflated = shown.isInflated ? ", \(content) inflated" : ""
        guard !record.isTrimmed else {
            return Step(stage: .size, isPassed: isPassed, why: "its body was given up")
        }
        return Step(
            stage: .size, isPassed: isPassed,
            why: "\(sent) bytes\(inflated); up to \(sending.maximumBody) are taken"
                + (isPassed ? "" : ": \(record.explanation)"))
    }

    private func json(isPassed: Bool) -> DecisionStep? {
        guard isPassed else {
            let mark = shown.text.flatMap { TextMark(jsonErrorIn: $0) }
            return Step(
                stage: .json, isPassed: false,
                why: mark.map { "it is not JSON: \($0.why)" } ?? record.explanation, mark: mark)
        }
        guard !record.isTrimmed, !record.request.body.isEmpty else { return nil }
        return Step(
            stage: .json, isPassed: true, why: shown.json == nil ? "it can be read" : "it is JSON")
    }

    private func rules(isPassed: Bool) -> DecisionStep {
        var codes: [String: Int] = [:]
        for message in record.messages where message.isReject {
            let code = message.attributes.first { $0.name == "code" }?.value ?? "rejected"
            codes[code, default: 0] += 1
        }
        let rejected = codes.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }
        let valid = "\(record.facts.accepted ?? 0) valid"
        guard !rejected.isEmpty || !isPassed else {
            return Step(stage: .rules, isPassed: true, why: valid)
        }
        let list = rejected.joined(separator: ", ")
        let why = rejected.isEmpty ? record.explanation : "rejected: \(list)"
        return Step(stage: .rules, isPassed: isPassed, why: isPassed ? "\(valid); \(why)" : why)
    }

    private func publishing(isPassed: Bool) -> DecisionStep {
        let rejects = record.messages.count { $0.isReject }
        let also = rejects > 0 ? ", and \(rejects) on the rejected topic" : ""
        return Step(
            stage: .publish, isPassed: isPassed,
            why: isPassed
                ? "SNS has \(record.facts.accepted ?? 0) of it\(also)" : record.explanation)
    }
}
