internal import Formats
internal import Transport

/// What CloudFormation is told about a custom resource.
///
/// Source: AWS CloudFormation User Guide, "Custom resource response objects".
struct ResourceReply {
    enum Outcome: Equatable {
        /// `version` is that of the tables, if they were looked at.
        case success(version: Int?, reason: String)
        case failed(reason: String)

        var status: String {
            switch self {
            case .success: "SUCCESS"
            case .failed: "FAILED"
            }
        }

        /// For people who look at the stack's events; it holds no secret.
        var reason: String {
            switch self {
            case .success(_, let reason), .failed(let reason): reason
            }
        }
    }

    /// CloudFormation takes 4,096 bytes in all.
    private static let maximumReason = 800

    let outcome: Outcome
    let request: ResourceRequest

    /// The request that answers: nothing may be added to a URL that is signed already.
    ///
    /// The signature is of an empty content type, as AWS's own module `cfn-response` sends it.
    var put: HTTPRequest {
        HTTPRequest(
            method: "PUT", url: request.responseURL, headers: [HTTPField("Content-Type", "")],
            body: body)
    }

    var body: [UInt8] {
        var writer = JSONWriter(reserving: 1024)
        writer.object { object in
            object.member("Status", outcome.status)
            object.member("Reason", Self.cut(outcome.reason))
            object.member("PhysicalResourceId", request.physicalID)
            object.member("StackId", request.stackID)
            object.member("RequestId", request.requestID)
            object.member("LogicalResourceId", request.logicalID)
            if case .success(let version?, _) = outcome {
                object.name("Data")
                object.object { $0.member("version", String(version)) }
            }
        }
        return writer.bytes
    }

    private static func cut(_ reason: String) -> String {
        var reason = reason
        while reason.utf8.count > maximumReason { reason.removeLast() }
        return reason
    }
}
