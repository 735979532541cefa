import Formats
import LocalServer

extension RecordedRequest {
    /// The step that did not let the request pass; nil if all did.
    ///
    /// The function's line and the reply say so, by code and outcome.
    var refusedStage: DecisionStep.Stage? {
        guard let route else { return .route }
        if route.authorizer != nil, !functions.contains(route.function) { return .authorizer }
        guard let outcome = facts.outcome, outcome != "published" else {
            return (reply?.status ?? 0) >= 400 ? .route : nil
        }
        if let code = facts.code, let stage = Self.stages[code] { return stage }
        return switch outcome {
        case "not_authentic", "forbidden": .token
        case "not_found": facts.sender == nil ? .route : .token
        case "gone": .status
        case "too_large": .size
        case "not_accepted": facts.partner == nil && facts.sender != nil ? .token : .publish
        default: .rules
        }
    }

    private static let stages: [String: DecisionStep.Stage] = [
        "method_not_allowed": .route,
        "unknown_source": .token, "unauthorized": .token, "unknown_token": .token,
        "source_disabled": .status, "partner_suspended": .status, "partner_inactive": .status,
        "partner_removed": .status, "ip_not_allowed": .address,
        "invalid_signature": .signature, "signing_not_configured": .signature,
        "body_too_large": .size, "too_large": .size, "message_too_large": .size,
        "too_many_items": .size, "bad_request": .json,
    ]

    /// What the log says of a look-up that failed.
    var lookupTrouble: String? {
        let others = lines.lazy.compactMap { RequestLine($0.text) }.filter { !$0.isOfRequest }
        return others.compactMap { $0["reason"] }.first
    }

    /// Why it did not pass, in the words of the log and of the reply.
    var explanation: String {
        let root = reply.flatMap { (try? JSONText($0.body))?.root }
        let parts = [facts.code, facts.reason, root?["message"]?.string].compactMap(\.self)
        return parts.isEmpty ? "status \(reply?.status ?? 0)" : parts.joined(separator: ": ")
    }
}
