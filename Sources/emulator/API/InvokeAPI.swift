import Formats
import LocalServer

/// Lambda's `Invoke`: `POST /2015-03-31/functions/<name>/invocations`.
struct InvokeAPI: Sendable {
    let functions: [Template.Function]
    /// Runs the function of that name.
    let invoke: @Sendable (String, Invocation) -> InvocationResult

    /// True for a path of Lambda's API, with any method.
    func takes(_ request: LocalRequest) -> Bool { Self.function(in: request.path) != nil }

    /// A name, an ARN, and either with a version or an alias.
    private static func function(in path: String) -> String? {
        let path = path.split(separator: "/")
        guard path.count == 4, path[0] == "2015-03-31", path[1] == "functions",
            path[3] == "invocations"
        else { return nil }
        return String(decoding: PercentEncoding.decode(path[2].utf8.span), as: UTF8.self)
    }

    /// Nil if the call is not an Invoke.
    func answer(_ request: LocalRequest) -> LocalResponse? {
        guard request.method == "POST", let name = Self.function(in: request.path) else {
            return nil
        }
        guard
            let function = functions.first(where: { function in
                [function.name, function.arn].contains { name == $0 || name.hasPrefix("\($0):") }
            })
        else {
            return Self.error(404, "ResourceNotFoundException", "Function not found: \(name)")
        }
        guard request.body.count <= APIFront.maximumEvent else { return Self.tooLarge }
        var context: String?
        if let header = request.header("X-Amz-Client-Context") {
            guard let bytes = Base64.decode(header.utf8), (try? JSONText(bytes)) != nil else {
                return Self.error(
                    400, "InvalidRequestContentException",
                    "Client context must be valid Base64 of JSON")
            }
            context = String(decoding: bytes, as: UTF8.self)
        }
        let body = request.body.isEmpty ? Array("{}".utf8) : request.body
        guard (try? JSONText(body)) != nil else {
            return Self.error(
                400, "InvalidRequestContentException", "Could not parse request body into json")
        }
        let invocation = Invocation(
            event: body, clientContext: context, traceRoot: request.header("X-Amzn-Trace-Id"))
        switch request.header("X-Amz-Invocation-Type") {
        case nil, "RequestResponse": return perform(function, invocation)
        case "DryRun": return LocalResponse(status: 204)
        case "Event":
            let invoke = invoke
            BackgroundThread { _ = invoke(function.name, invocation) }
            return LocalResponse(status: 202)
        case let other?:
            return Self.error(400, "InvalidParameterValueException", "no such type: \(other)")
        }
    }

    static let tooLarge = error(
        413, "RequestTooLargeException",
        "Request must be smaller than \(APIFront.maximumEvent) bytes for the InvokeFunction operation"
    )

    private func perform(
        _ function: Template.Function, _ invocation: Invocation
    ) -> LocalResponse {
        let result = invoke(function.name, invocation)
        var headers = [
            HTTPField("Content-Type", "application/json"),
            HTTPField("x-amzn-RequestId", invocation.requestID),
            HTTPField("X-Amz-Executed-Version", "$LATEST"),
        ]
        switch result {
        case .throttled:
            return Self.error(429, "TooManyRequestsException", "Rate Exceeded.")
        case .success(let body): return LocalResponse(headers: headers, body: body)
        case .failure(let body):
            headers.append(HTTPField("X-Amz-Function-Error", "Unhandled"))
            return LocalResponse(headers: headers, body: body)
        }
    }

    private static func error(_ status: Int, _ type: String, _ message: String) -> LocalResponse {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("Type", "User")
            writer.member("Message", message)
        }
        var response = LocalResponse.json(status, writer.text)
        response.headers.append(HTTPField("x-amzn-ErrorType", type))
        return response
    }
}
