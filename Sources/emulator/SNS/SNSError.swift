import Formats
import LocalServer

/// A refusal in SNS's words.
///
/// Source: Amazon SNS API Reference, "Common Errors" and "Publish".
struct SNSError: Error, Equatable {
    let status: Int
    let code: String
    let message: String

    init(_ status: Int, _ code: String, _ message: String) {
        self.status = status
        self.code = code
        self.message = message
    }

    static func invalidParameter(_ message: String) -> SNSError {
        SNSError(400, "InvalidParameter", "Invalid parameter: \(message)")
    }

    func response(requestID: String) -> LocalResponse {
        let type = status < 500 ? "Sender" : "Receiver"
        return SNSReply.xml(
            status,
            "<ErrorResponse xmlns=\"\(SNSReply.namespace)\"><Error><Type>\(type)</Type>"
                + "<Code>\(code)</Code><Message>\(SNSReply.escape(message))</Message></Error>"
                + "<RequestId>\(requestID)</RequestId></ErrorResponse>",
            requestID: requestID)
    }
}

enum SNSReply {
    static let namespace = "http://sns.amazonaws.com/doc/2010-03-31/"

    static func xml(_ status: Int, _ text: String, requestID: String) -> LocalResponse {
        var response = LocalResponse.text(status, "text/xml", text)
        response.headers.append(HTTPField("x-amzn-RequestId", requestID))
        return response
    }

    static func escape(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
