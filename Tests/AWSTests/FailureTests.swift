import AWS
import Formats
import Testing
import Transport

@Suite("What failures mean")
struct FailureTests {
    @Test(
        "codes and statuses are sorted by what may help",
        arguments: [
            (500, nil, .transient), (502, nil, .transient), (503, nil, .transient),
            (504, nil, .transient), (501, nil, .permanent), (400, nil, .permanent),
            (403, nil, .permanent), (404, nil, .permanent), (429, nil, .throttling),
            (301, nil, .permanent), (408, nil, .transient),
            (400, "Throttling", .throttling), (400, "ThrottlingException", .throttling),
            (429, "Throttled", .throttling), (400, "KMSThrottling", .throttling),
            (503, "SlowDown", .throttling), (400, "RequestLimitExceeded", .throttling),
            (400, "RequestTimeout", .transient), (400, "PriorRequestNotComplete", .transient),
            (500, "InternalError", .transient), (500, "InternalFailure", .transient),
            (503, "ServiceUnavailable", .transient), (500, "Unheard", .transient),
            (403, "ExpiredToken", .expiredCredentials),
            (400, "ExpiredTokenException", .expiredCredentials),
            (400, "UnrecognizedClientException", .expiredCredentials),
            (403, "InvalidClientTokenId", .permanent), (403, "AuthorizationError", .permanent),
            (404, "NotFound", .permanent), (400, "InvalidParameter", .permanent),
            (400, "KMSDisabled", .permanent), (400, "TooManyEntriesInBatchRequest", .permanent),
            (403, "RequestTimeTooSkewed", .clockSkew), (403, "RequestExpired", .clockSkew),
            (403, "RequestInTheFuture", .clockSkew), (403, "SignatureDoesNotMatch", .permanent),
        ] as [(Int, String?, FailureKind)])
    func kinds(status: Int, code: String?, kind: FailureKind) {
        #expect(AWSFailure(status: status, code: code).kind == kind)
    }

    @Test("a signature that does not match is skew when the clocks differ or the message says so")
    func possibleSkew() {
        func kind(_ skew: Duration?, _ message: String? = nil) -> FailureKind {
            AWSFailure(
                status: 403, code: "SignatureDoesNotMatch", message: message, skew: skew
            ).kind
        }
        #expect(kind(.seconds(241)) == .clockSkew)
        #expect(kind(.seconds(-241)) == .clockSkew)
        #expect(kind(.seconds(239)) == .permanent)
        #expect(kind(nil) == .permanent)
        #expect(
            kind(nil, "Signature expired: 20260803T101500Z is now earlier than …") == .clockSkew)
        #expect(kind(nil, "Signature not yet current: …") == .clockSkew)
        #expect(kind(nil, "The request signature we calculated …") == .permanent)
    }

    @Test(
        "a lost exchange may be tried again, an impossible one not",
        arguments: [
            (.cannotConnect, .transient), (.timedOut, .transient), (.notHTTP, .transient),
            (.connectionLost(responseBegan: true), .transient), (.badURL, .permanent),
            (.bodyTooLarge(limit: 1), .permanent), (.setupFailed, .permanent),
        ] as [(TransportError, FailureKind)])
    func transport(error: TransportError, kind: FailureKind) {
        #expect(AWSFailure(error).kind == kind)
        #expect(AWSFailure(error).reason == error.reason)
    }

    @Test("a query error is read from XML")
    func query() {
        let body =
            "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error>"
            + "<Type>Sender</Type><Code>Throttling</Code><Message>Rate &lt; exceeded</Message>"
            + "</Error><RequestId>r</RequestId></ErrorResponse>"
        let failure = AWSFailure(
            query: HTTPResponse(status: 400, body: Array(body.utf8)), at: date)
        #expect(failure.kind == .throttling)
        #expect(failure.code == "Throttling")
        #expect(failure.message == "Rate < exceeded")
        #expect(failure.reason == "Throttling (HTTP 400)")
    }

    @Test(
        "a body that is not XML leaves the status to tell",
        arguments: [
            "", "<html><body>Bad Gateway", "<a/>", "{\"x\":1}",
            "<ErrorResponse><Error/></ErrorResponse>",
        ])
    func notXML(body: String) {
        let failure = AWSFailure(
            query: HTTPResponse(status: 502, body: Array(body.utf8)), at: date)
        #expect(failure.kind == .transient)
        #expect(failure.code == nil)
        #expect(failure.reason == "HTTP 502")
    }

    @Test(
        "a JSON error's name is found in all its spellings",
        arguments: [
            #"{"__type":"com.amazonaws.secretsmanager#ResourceNotFoundException","message":"m"}"#,
            #"{"__type":"ResourceNotFoundException:http://x/y","Message":"m"}"#,
            #"{"__type":"ResourceNotFoundException","message":"m"}"#,
        ])
    func json(body: String) {
        let failure = AWSFailure(json: HTTPResponse(status: 400, body: Array(body.utf8)), at: date)
        #expect(failure.code == "ResourceNotFoundException")
        #expect(failure.message == "m")
        #expect(failure.kind == .permanent)
    }

    @Test("a JSON error may have no body", arguments: ["", "null", "[]", "oops"])
    func jsonWithoutBody(body: String) {
        let failure = AWSFailure(json: HTTPResponse(status: 500, body: Array(body.utf8)), at: date)
        #expect(failure.code == nil)
        #expect(failure.kind == .transient)
    }

    @Test("only a denial's message is shown: others may repeat what was sent")
    func messages() {
        let denied = AWSFailure(status: 403, code: "AuthorizationError", message: "u may not")
        #expect(denied.reason == "AuthorizationError (HTTP 403): u may not")
        let other = AWSFailure(status: 400, code: "InvalidParameter", message: "secret")
        #expect(other.reason == "InvalidParameter (HTTP 400)")
    }

    @Test("the Date header is read, and nothing that is not one")
    func dates() {
        #expect(
            HTTPDate.parse("Sun, 06 Nov 1994 08:49:37 GMT")
                == Timestamp(milliseconds: 784_111_777_000))
        for text in [
            "", "Sun, 06 Nov 1994 08:49:37", "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994", "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 31 Feb 1994 08:49:37 GMT", "Xxx, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Bla 1994 08:49:37 GMT",
        ] {
            #expect(HTTPDate.parse(text) == nil)
        }
    }
}

@Suite("Attempts as the settings allow")
struct MaximumAttemptsTests {
    @Test("AWS_MAX_ATTEMPTS counts the first attempt too")
    func maximumAttempts() throws {
        #expect(try settings([:]).retryPolicy().maximumAttempts == 3)
        #expect(try settings(["AWS_MAX_ATTEMPTS": "5"]).retryPolicy().maximumAttempts == 5)
        for text in ["0", "-1", "x", "1.5"] {
            #expect(throws: AWSError.self) {
                try settings(["AWS_MAX_ATTEMPTS": text]).retryPolicy()
            }
        }
    }
}
