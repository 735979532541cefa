import Formats
import LocalServer

/// A refusal in SQS's words.
///
/// Source: botocore, `sqs/2012-11-05`, and the AWS JSON 1.0 protocol. The older code of the query
/// protocol goes in a header, because SDKs still name errors by it.
struct SQSError: Error, Equatable {
    let status: Int
    /// With its namespace.
    let type: String
    /// What the query protocol called it; nil for an error that is of the JSON protocol alone.
    let code: String?
    let message: String

    private init(_ status: Int = 400, type: String, code: String?, _ message: String) {
        self.status = status
        self.type = type
        self.code = code
        self.message = message
    }

    /// An error of SQS's own.
    static func own(_ name: String, code: String? = nil, _ message: String) -> SQSError {
        SQSError(type: "com.amazonaws.sqs#\(name)", code: code ?? name, message)
    }

    /// An error of SQS's own whose older code has a prefix.
    static func prefixed(_ name: String, _ message: String) -> SQSError {
        own(name, code: "AWS.SimpleQueueService.\(name)", message)
    }

    /// An error that all services have.
    static func common(
        _ name: String, status: Int = 400, code: String?, _ message: String
    ) -> SQSError {
        SQSError(status, type: "com.amazon.coral.service#\(name)", code: code, message)
    }

    static let noSuchQueue = own(
        "QueueDoesNotExist", code: "AWS.SimpleQueueService.NonExistentQueue",
        "The specified queue does not exist.")

    static func invalid(_ name: String, _ value: String, _ reason: String) -> SQSError {
        common(
            "InvalidParameterValueException", code: "InvalidParameterValue",
            "Value \(value) for parameter \(name) is invalid. Reason: \(reason)")
    }

    static func missing(_ name: String) -> SQSError {
        common(
            "MissingRequiredParameterException", code: "MissingParameter",
            "The request must contain the parameter \(name).")
    }

    static func malformed(_ message: String) -> SQSError {
        common("SerializationException", code: nil, message)
    }

    /// A refusal of the signature, which SNS would say in other words.
    init(_ signature: SNSError) {
        let name =
            switch signature.code {
            case "InvalidClientTokenId": "UnrecognizedClientException"
            case "SignatureDoesNotMatch": "InvalidSignatureException"
            default: "\(signature.code)Exception"
            }
        self = .common(
            name, status: signature.status, code: signature.code, signature.message)
    }

    /// `tellsCode` is whether the caller has asked for the older code.
    func response(requestID: String, tellsCode: Bool) -> LocalResponse {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("__type", type)
            writer.member("message", message)
        }
        var response = SQSReply.response(status, writer.bytes, requestID: requestID)
        if tellsCode, let code {
            let fault = status < 500 ? "Sender" : "Receiver"
            response.headers.append(HTTPField("x-amzn-query-error", "\(code);\(fault)"))
        }
        return response
    }
}

enum SQSReply {
    static func response(_ status: Int, _ body: [UInt8], requestID: String) -> LocalResponse {
        LocalResponse(
            status: status,
            headers: [
                HTTPField("Content-Type", "application/x-amz-json-1.0"),
                HTTPField("x-amzn-RequestId", requestID),
            ], body: body)
    }
}
