package import Formats
package import Transport

extension AWSFailure {
    /// Reads an error of the query protocol, which SNS speaks.
    ///
    /// A body that is not XML comes from a proxy or a load balancer: the status says it all.
    package init(query response: HTTPResponse, at now: Timestamp) {
        let error = (try? XMLElement.parse(response.body))?["Error"]
        self.init(
            status: response.status, code: error?["Code"]?.text.nonEmpty,
            message: error?["Message"]?.text.nonEmpty, skew: response.clockSkew(at: now))
    }

    /// Reads an error of the JSON protocols; the body may be empty.
    package init(json response: HTTPResponse, at now: Timestamp) {
        let root = (try? JSONText(response.body))?.root
        let type =
            root?["__type"]?.string ?? response.headers["x-amzn-errortype"]
            ?? root?["code"]?.string
        self.init(
            status: response.status, code: type.flatMap(Self.name),
            message: (root?["message"] ?? root?["Message"])?.string,
            skew: response.clockSkew(at: now))
    }

    /// `com.amazonaws.ssm#ParameterNotFound:http://…` is named `ParameterNotFound`.
    private static func name(of type: String) -> String? {
        let afterHash = type.split(separator: "#").last ?? ""
        return afterHash.split(separator: ":").first.map(String.init)
    }
}

extension HTTPResponse {
    /// How far the server's clock is ahead of `now`, to the second; nil without a `Date`.
    package func clockSkew(at now: Timestamp) -> Duration? {
        guard let date = headers["date"].flatMap(HTTPDate.parse) else { return nil }
        return .microseconds(date.microseconds - now.microseconds)
    }
}

extension String {
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
