import Formats
import Transport

/// What the API answered to a request that was sent to try it.
struct SendReply {
    let status: Int
    /// The id by which the request is found again.
    let requestID: String?
    /// Nil for a reply that is not JSON.
    private let json: JSONValue?

    init(_ response: HTTPResponse) {
        status = response.status
        json = (try? JSONText(response.body))?.root
        requestID =
            json?["requestId"]?.string ?? response.headers["x-request-id"]
            ?? response.headers["x-amzn-requestid"]
    }

    /// The id of the message; a batch's are not in the reply.
    var messageID: String? { json?["messageId"]?.string }

    private var rejected: [JSONValue] { json?["rejected"].map { Array($0.elements) } ?? [] }

    private var warnings: [JSONValue] { json?["warnings"].map { Array($0.elements) } ?? [] }

    /// True if all of it is published.
    ///
    /// Customer.io is answered 200 for what is rejected, too.
    var isAccepted: Bool { 200..<300 ~= status && json != nil && rejected.isEmpty }

    /// Why not, and what was changed: a line for each.
    var remarks: [String] {
        var lines: [String] = []
        if let code = json?["code"]?.string {
            lines.append("\(code): \(json?["message"]?.string ?? "")")
        }
        for entry in rejected + (json?["details"].map { Array($0.elements) } ?? []) {
            let place = entry["index"]?.int.map { "item \($0): " } ?? ""
            lines.append(
                "\(place)\(entry["code"]?.string ?? ""): \(entry["message"]?.string ?? "")")
        }
        for warning in warnings {
            let place = warning["index"]?.int.map { "item \($0): " } ?? ""
            lines.append(
                "\(place)\(warning["code"]?.string ?? ""): \(warning["field"]?.string ?? "")")
        }
        if json == nil { lines.append("The reply is not JSON: is this Inlet's URL?") }
        return lines
    }

    func write(to object: inout JSONWriter) {
        object.member("status", status)
        object.member("accepted", isAccepted)
        if let requestID { object.member("requestId", requestID) }
        if let json { object.member("reply", raw: json.raw) }
    }
}
