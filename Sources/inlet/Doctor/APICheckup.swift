import AWS
import Formats
import Platform
import Senders
import Transport

/// Whether the API answers, is of this version, and has the same time as this machine.
struct APICheckup {
    private static let patience = Duration.seconds(10)
    /// Bytes of a reply, all of which are short.
    private static let maximumReply = 1 << 20
    /// AWS refuses signatures that are five minutes off; partners' may be as much.
    private static let tolerableSkew: Int64 = 60

    private let session: Session

    init(_ session: Session) { self.session = session }

    var diagnoses: [Diagnosis] {
        let address: WebhookAddress
        do throws(InletError) {
            address = try WebhookAddress(session)
        } catch {
            return [.failed("api", error)]
        }
        guard !address.isPlaceholder else {
            let skipped = ["api", "version"].map {
                Diagnosis.skipped($0, WebhookAddress.option, WebhookAddress.variable)
            }
            return skipped + [clockOfAWS]
        }
        do throws(TransportError) {
            let health = try get("\(address.base)/health")
            return [
                readiness(try get("\(address.base)/ready")), version(health),
                clock(health, of: "the API"),
            ]
        } catch {
            return [
                .failed("api", error.reason, "Check the URL: the stack's output ApiUrl."),
                clockOfAWS,
            ]
        }
    }

    private func readiness(_ response: HTTPResponse) -> Diagnosis {
        guard response.status != 200 else { return .ok("api", "answers, and is ready") }
        let message = (try? JSONText(response.body))?.root["message"]?.string
        return .failed(
            "api", "answers \(response.status): \(message ?? "no reason is given")",
            "The functions' log says why: inlet find, or CloudWatch.")
    }

    private func version(_ health: HTTPResponse) -> Diagnosis {
        let json = (try? JSONText(health.body))?.root
        guard json?["service"]?.equals(Product.name) == true,
            let version = json?["version"]?.string
        else {
            return .failed(
                "version", "what answers is not Inlet", "Check the URL: the stack's output ApiUrl.")
        }
        guard version == Product.version else {
            return .failed(
                "version", "inlet is \(Product.version), and the API is \(version)",
                "Use an inlet of the same version, or deploy this one.")
        }
        return .ok("version", "\(version), build \(json?["build"]?.string ?? "unknown")")
    }

    private func clock(_ response: HTTPResponse, of whom: String) -> Diagnosis {
        guard let time = response.headers["date"].flatMap(HTTPDate.parse) else {
            return Diagnosis(
                subject: "clock", result: .skipped, text: "\(whom) has not said what time it is")
        }
        let ahead = (session.system.now().milliseconds - time.milliseconds) / 1000
        guard ahead.magnitude > Self.tolerableSkew else {
            return .ok("clock", "\(ahead.magnitude) s off from \(whom)")
        }
        return .failed(
            "clock",
            "this machine is \(ahead.magnitude) s \(ahead > 0 ? "ahead of" : "behind") \(whom)",
            "Set it by NTP: AWS refuses what is signed five minutes off.")
    }

    /// The time as AWS has it; any reply of it tells.
    private var clockOfAWS: Diagnosis {
        let endpoint: Endpoint
        do throws(AWSError) {
            endpoint = try session.aws.endpoint(of: .sts)
        } catch {
            return Diagnosis(subject: "clock", result: .skipped, text: error.reason)
        }
        do throws(TransportError) {
            return clock(try get(endpoint.url), of: "AWS")
        } catch {
            return .failed(
                "clock", "AWS does not answer: \(error.reason)", "Check the network and proxies.")
        }
    }

    private func get(_ url: String) throws(TransportError) -> HTTPResponse {
        let connection = try HTTPConnection(proxy: .environment)
        return try connection.send(
            HTTPRequest(method: "GET", url: url), timeout: Self.patience,
            maximumBody: Self.maximumReply)
    }
}
