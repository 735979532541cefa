import Formats
import LocalServer

/// An error that API Gateway answers itself.
///
/// Source: Amazon API Gateway Developer Guide, "Gateway response types".
enum GatewayError: Error, Equatable {
    case missingAuthenticationToken
    case unauthorized
    case deniedExplicitly
    case deniedImplicitly
    case authorizerFailure
    case authorizerConfiguration
    case requestTooLarge
    case integrationFailure
    case integrationTimeout
    case throttled

    var type: String {
        switch self {
        case .missingAuthenticationToken: "MISSING_AUTHENTICATION_TOKEN"
        case .unauthorized: "UNAUTHORIZED"
        case .deniedExplicitly, .deniedImplicitly: "ACCESS_DENIED"
        case .authorizerFailure: "AUTHORIZER_FAILURE"
        case .authorizerConfiguration: "AUTHORIZER_CONFIGURATION_ERROR"
        case .requestTooLarge: "REQUEST_TOO_LARGE"
        case .integrationFailure: "INTEGRATION_FAILURE"
        case .integrationTimeout: "INTEGRATION_TIMEOUT"
        case .throttled: "DEFAULT_5XX"
        }
    }

    /// Unless the API sets another.
    var status: Int {
        switch self {
        case .missingAuthenticationToken, .deniedExplicitly, .deniedImplicitly: 403
        case .unauthorized: 401
        case .authorizerFailure, .authorizerConfiguration, .throttled: 500
        case .requestTooLarge: 413
        case .integrationFailure: 502
        case .integrationTimeout: 504
        }
    }

    /// `x-amzn-ErrorType`.
    var exception: String {
        switch self {
        case .missingAuthenticationToken: "MissingAuthenticationTokenException"
        case .unauthorized: "UnauthorizedException"
        case .deniedExplicitly, .deniedImplicitly: "AccessDeniedException"
        case .authorizerFailure: "AuthorizerFailureException"
        case .authorizerConfiguration: "AuthorizerConfigurationException"
        case .requestTooLarge: "RequestTooLargeException"
        case .integrationFailure, .throttled: "InternalServerErrorException"
        case .integrationTimeout: "InternalServerErrorException"
        }
    }

    /// `$context.error.message`; nil is `null` in the body.
    var message: String? {
        switch self {
        case .missingAuthenticationToken: "Missing Authentication Token"
        case .unauthorized: "Unauthorized"
        case .deniedExplicitly:
            "User is not authorized to access this resource with an explicit deny"
        case .deniedImplicitly: "User is not authorized to access this resource"
        case .authorizerFailure, .authorizerConfiguration: nil
        case .requestTooLarge: "Request Too Long"
        case .integrationFailure, .throttled: "Internal server error"
        case .integrationTimeout: "Endpoint request timed out"
        }
    }

    /// The reply, worded by a REST API's `GatewayResponses` if they have this type.
    func response(from api: Template.API?, requestID: String) -> LocalResponse {
        switch api?.kind ?? .rest {
        case .rest: break
        case .http: return httpResponse(requestID: requestID)
        case .functionURL: return urlResponse(requestID: requestID)
        }
        let own = api?.gatewayResponses ?? []
        let fallback = status < 500 ? "DEFAULT_4XX" : "DEFAULT_5XX"
        let custom = own.first { $0.type == type } ?? own.first { $0.type == fallback }
        var headers = [
            HTTPField("x-amzn-RequestId", requestID),
            HTTPField("x-amzn-ErrorType", exception),
        ]
        headers += (custom?.headers ?? []).map { field in
            HTTPField(field.name, fill(field.value, requestID: requestID))
        }
        if headers["Content-Type"] == nil {
            headers.append(
                HTTPField("Content-Type", custom?.template?.contentType ?? "application/json"))
        }
        let body = custom?.template.map { fill($0.text, requestID: requestID) } ?? standardBody
        return LocalResponse(
            status: custom?.status ?? status, headers: headers, body: Array(body.utf8))
    }

    private var messageString: String {
        guard let message else { return "null" }
        var bytes: [UInt8] = []
        JSONString.append(message.utf8.span, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private var standardBody: String {
        switch self {
        // This type alone has its key in upper case.
        case .deniedExplicitly, .deniedImplicitly: "{\"Message\":\(messageString)}"
        case .integrationFailure, .integrationTimeout, .throttled:
            "{\"message\": \(messageString)}"
        case .missingAuthenticationToken, .unauthorized, .authorizerFailure,
            .authorizerConfiguration, .requestTooLarge:
            "{\"message\":\(messageString)}"
        }
    }

    private func fill(_ template: String, requestID: String) -> String {
        let values = [
            ("$context.error.messageString", messageString),
            ("$context.error.message", message ?? "null"),
            ("$context.error.responseType", type),
            ("$context.requestId", requestID),
        ]
        var filled = ""
        var rest = template[...]
        while let start = rest.firstIndex(of: "$") {
            filled += rest[..<start]
            rest = rest[start...]
            if let (name, value) = values.first(where: { rest.hasPrefix($0.0) }) {
                filled += value
                rest = rest.dropFirst(name.count)
            } else {
                filled.append("$")
                rest = rest.dropFirst()
            }
        }
        return filled + rest
    }
}
