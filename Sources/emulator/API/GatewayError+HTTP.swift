import Formats
import LocalServer

/// Errors as an HTTP API and a function URL word them, which no template can change.
extension GatewayError {
    /// The reply of an HTTP API.
    func httpResponse(requestID: String) -> LocalResponse {
        let (status, message) =
            switch self {
            case .missingAuthenticationToken: (404, "Not Found")
            case .unauthorized: (401, "Unauthorized")
            case .deniedExplicitly, .deniedImplicitly: (403, "Forbidden")
            case .authorizerFailure, .authorizerConfiguration, .integrationFailure:
                (500, "Internal Server Error")
            case .requestTooLarge: (413, "Request Entity Too Large")
            case .integrationTimeout, .throttled: (503, "Service Unavailable")
            }
        return Self.response(status, message, HTTPField("Apigw-Requestid", requestID))
    }

    /// The reply of a function URL, which has neither routes nor authorizers.
    func urlResponse(requestID: String) -> LocalResponse {
        let (status, message) =
            switch self {
            case .requestTooLarge: (413, "Request Entity Too Large")
            case .throttled: (429, "Rate Exceeded.")
            case .missingAuthenticationToken, .unauthorized, .deniedExplicitly, .deniedImplicitly,
                .authorizerFailure, .authorizerConfiguration, .integrationFailure,
                .integrationTimeout:
                (502, "Internal Server Error")
            }
        return Self.response(status, message, HTTPField("x-amzn-RequestId", requestID))
    }

    private static func response(
        _ status: Int, _ message: String, _ id: HTTPField
    ) -> LocalResponse {
        LocalResponse(
            status: status, headers: [HTTPField("Content-Type", "application/json"), id],
            body: Array("{\"message\":\"\(message)\"}".utf8))
    }
}
