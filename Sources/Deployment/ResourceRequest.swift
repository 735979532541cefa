internal import Formats

/// Why an event is no request from CloudFormation.
///
/// There is then nobody to answer.
enum ResourceRequestError: Error, Equatable {
    case notJSON(JSONError)
    /// A member that CloudFormation always sends is missing, or not what it sends.
    case invalid(member: String)

    /// A phrase for a log line; it holds nothing of the event.
    var reason: String {
        switch self {
        case .notJSON(let error): "the event is not JSON: \(error.reason)"
        case .invalid(let member):
            "the event is no request for a custom resource: \(member) is missing or malformed"
        }
    }
}

/// What CloudFormation asks of a custom resource.
///
/// Source: AWS CloudFormation User Guide, "Custom resource request objects".
struct ResourceRequest: Sendable, Equatable {
    enum Kind: String, Sendable {
        case create = "Create"
        case update = "Update"
        case delete = "Delete"
    }

    /// Bytes of an id; with the longest of each an answer is shorter than CloudFormation's limit.
    private static let maximumID = 500
    private static let maximumPhysicalID = 1024
    private static let maximumURL = 8192

    let kind: Kind
    /// The URL that takes the answer.
    ///
    /// Whoever knows it can answer, so it is never logged.
    let responseURL: String
    let stackID: String
    let requestID: String
    let logicalID: String
    /// The resource's id in answers.
    ///
    /// It stays the same, or CloudFormation would take it for another resource.
    let physicalID: String

    init(_ event: [UInt8]) throws(ResourceRequestError) {
        let root: JSONValue
        do throws(JSONError) {
            root = try JSONText(event).root
        } catch {
            throw .notJSON(error)
        }
        guard let kind = root["RequestType"]?.string.flatMap({ Kind(rawValue: $0) }) else {
            throw .invalid(member: "RequestType")
        }
        self.kind = kind
        responseURL = try Self.text("ResponseURL", of: root, limit: Self.maximumURL)
        guard Self.isURL(responseURL) else { throw .invalid(member: "ResponseURL") }
        stackID = try Self.text("StackId", of: root, limit: Self.maximumID)
        requestID = try Self.text("RequestId", of: root, limit: Self.maximumID)
        logicalID = try Self.text("LogicalResourceId", of: root, limit: Self.maximumID)
        let member = "PhysicalResourceId"
        physicalID =
            root[member]?.unlessNull == nil
            ? "\(stackID)/\(logicalID)"
            : try Self.text(member, of: root, limit: Self.maximumPhysicalID)
    }

    private static func text(
        _ member: String, of root: JSONValue, limit: Int
    ) throws(ResourceRequestError) -> String {
        guard let text = root[member]?.string, 1...limit ~= text.utf8.count else {
            throw .invalid(member: member)
        }
        return text
    }

    /// True for an HTTP URL without spaces and control characters, which would end it early.
    private static func isURL(_ text: String) -> Bool {
        (text.hasPrefix("https://") || text.hasPrefix("http://"))
            && text.utf8.allSatisfy { 0x21...0x7E ~= $0 }
    }
}
