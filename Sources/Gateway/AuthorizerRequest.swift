internal import Formats

/// What API Gateway asks a Lambda authorizer.
///
/// Source: Amazon API Gateway Developer Guide, "Input to an API Gateway Lambda authorizer" and
/// "Control access to HTTP APIs with AWS Lambda authorizers".
package struct AuthorizerRequest: Sendable {
    /// `methodArn`, or `routeArn` of payload format 2.0.
    package let arn: String
    /// The credentials as they were sent, scheme included; nil if there are none.
    package let authorization: String?
    /// Only payload format 2.0 has authorizers that answer without a policy.
    package let mayAnswerSimply: Bool

    /// Nil for events that are not an authorizer's.
    package init?(event bytes: [UInt8]) {
        guard let event = FrontEvent.root(of: bytes),
            let arn = (event["methodArn"] ?? event["routeArn"])?.string
        else { return nil }
        self.arn = arn
        mayAnswerSimply = event["version"]?.equals("2.0") == true
        switch event["type"]?.string {
        case "TOKEN":
            authorization = event["authorizationToken"]?.string.flatMap(Self.unlessEmpty)
        case "REQUEST":
            authorization = RequestHeaders(event)["authorization"].flatMap(Self.unlessEmpty)
        default: return nil
        }
    }

    private static func unlessEmpty(_ text: String) -> String? { text.isEmpty ? nil : text }
}
