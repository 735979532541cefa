import AWS
import Delivery
import Formats
import Ingest
import LambdaRuntime
import Platform
import Secrets
import Store
import Warehouse
import WarehouseStore

/// What the environment says, checked once at the start.
struct Settings {
    /// The handlers that `_HANDLER` may name.
    enum Handler: String, CaseIterable {
        case ingest, authorizer, forwarder, loader, migrator
    }

    let handler: Handler
    let system: System

    init(_ system: System) throws(Failure) {
        self.system = system
        let name = system["_HANDLER"] ?? ""
        guard let handler = Handler(rawValue: name) else {
            let known = Handler.allCases.map(\.rawValue).joined(separator: ", ")
            throw Failure(
                .runtime, "HandlerNotFound",
                message: "_HANDLER is \"\(name)\"; expected one of: \(known)")
        }
        self.handler = handler
    }

    /// The level of log lines: ours, else Lambda's, else INFO.
    static func logLevel(_ system: System) throws(Failure) -> LogLevel {
        for variable in ["INLET_LOG_LEVEL", "AWS_LAMBDA_LOG_LEVEL"] {
            guard let name = system[variable] else { continue }
            guard let level = LogLevel(name) else {
                throw invalid(
                    variable, expected: "one of TRACE, DEBUG, INFO, WARN, ERROR, FATAL")
            }
            return level
        }
        return .info
    }

    /// JSON, as Lambda filters it, unless the function is set to text.
    static func logFormat(_ system: System) -> LogFormat {
        system["AWS_LAMBDA_LOG_FORMAT"]?.lowercased() == "text" ? .text : .json
    }

    /// What every line of the log and every metric says, so that stages and stacks are told apart.
    func logOrigin() throws(Failure) -> LogOrigin {
        LogOrigin(
            stage: try stage() ?? "none",
            function: system["AWS_LAMBDA_FUNCTION_NAME"] ?? handler.rawValue,
            namespace: try isOn("INLET_METRICS") ? "Inlet" : nil)
    }

    private func stage() throws(Failure) -> String? {
        let variable = "INLET_STAGE"
        guard let stage = system[variable] else { return nil }
        let isName = stage.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard isName, stage.utf8.count <= Self.maximumStage else {
            throw Self.invalid(
                variable, expected: "up to \(Self.maximumStage) letters, digits, - and _")
        }
        return stage
    }

    private static let maximumStage = 64

    /// How many events this environment may be given at once (Lambda Managed Instances), else 1.
    func concurrency() throws(Failure) -> Int {
        let variable = "AWS_LAMBDA_MAX_CONCURRENCY"
        guard let text = system[variable] else { return 1 }
        guard let count = Int(text), (1...Self.maximumLoops).contains(count) else {
            throw Self.invalid(variable, expected: "a number from 1 to \(Self.maximumLoops)")
        }
        return count
    }

    /// Lambda allows 1,024 threads and descriptors, and each loop has several connections.
    private static let maximumLoops = 128

    /// Whether SIGTERM is asked for, which takes one call at the start.
    func wantsShutdownNotice() throws(Failure) -> Bool {
        try isOn("INLET_GRACEFUL_SHUTDOWN")
    }

    /// What is on unless it is switched off.
    private func isOn(_ variable: String) throws(Failure) -> Bool {
        switch system[variable] {
        case nil, "on": return true
        case "off": return false
        default: throw Self.invalid(variable, expected: "on or off")
        }
    }

    /// What the package was made of, such as a commit, for whoever asks `/health`.
    var build: String { system["INLET_BUILD"] ?? "unknown" }

    func topic() throws(Failure) -> Sink {
        guard let topic = try topic("INLET_TOPIC_ARN") else {
            throw Self.invalid("INLET_TOPIC_ARN", expected: Sink.form)
        }
        return topic
    }

    func rejectedTopic() throws(Failure) -> Sink? { try topic("INLET_REJECTED_TOPIC_ARN") }

    /// How the authorizer answers HTTP APIs with payload format 2.0.
    func authorizerForm() throws(Failure) -> Authorizer.Form {
        let variable = "INLET_AUTHORIZER_RESPONSE"
        switch system[variable] {
        case nil, "policy": return .policy
        case "simple": return .simple
        default: throw Self.invalid(variable, expected: "policy or simple")
        }
    }

    func partners() throws(Failure) -> PartnerSource {
        do throws(StoreError) {
            return try PartnerSource(system["INLET_PARTNERS"] ?? "")
        } catch {
            throw Self.invalidPartners(error)
        }
    }

    /// How old what a database has said of a partner may become before it is asked again.
    func partnerLifetime() throws(Failure) -> LookupLifetime {
        let variable = "INLET_PARTNERS_CACHE_SECONDS"
        guard let text = system[variable] else { return .standard }
        guard let lifetime = LookupLifetime(text) else {
            throw Self.invalid(variable, expected: LookupLifetime.form)
        }
        return lifetime
    }

    static func invalidPartners(_ error: StoreError) -> Failure {
        Failure(
            .runtime, "InvalidConfiguration", message: "INLET_PARTNERS: \(error.reason)")
    }

    /// The key, or where it is kept.
    func segmentWriteKey() throws(Failure) -> Secret {
        let variable = "INLET_SEGMENT_WRITE_KEY"
        guard let text = system[variable], let secret = try? Secret(text) else {
            throw Self.invalid(variable, expected: Self.writeKeyForm)
        }
        if case .plain(let key) = secret, !SegmentPublisher.isWriteKey(key) {
            throw Self.invalid(variable, expected: Self.writeKeyForm)
        }
        return secret
    }

    private static let writeKeyForm = "a Segment write key, secretsmanager:<id> or ssm:<name>"

    func segmentEndpoint() throws(Failure) -> SegmentEndpoint {
        let variable = "INLET_SEGMENT_ENDPOINT"
        guard let text = system[variable] else { return .us }
        guard let endpoint = SegmentEndpoint(text) else {
            throw Self.invalid(variable, expected: "us, eu or a URL")
        }
        return endpoint
    }

    /// True for a function that has to do with the warehouse, and not with the partners.
    var hasWarehouse: Bool { system["INLET_WAREHOUSE"] != nil }

    func warehouse() throws(Failure) -> WarehouseSetting {
        let variable = "INLET_WAREHOUSE"
        do throws(WarehouseError) {
            return try WarehouseSetting(system[variable] ?? "", system)
        } catch {
            throw Failure(
                .runtime, "InvalidConfiguration", message: "\(variable): \(error.reason)")
        }
    }

    func warehouseSchema() throws(Failure) -> SchemaName {
        let variable = "INLET_WAREHOUSE_SCHEMA"
        guard let name = SchemaName(system[variable] ?? SchemaName.standard) else {
            throw Self.invalid(variable, expected: SchemaName.form)
        }
        return name
    }

    func warehouseLayout() throws(Failure) -> Layout {
        do throws(WarehouseError) {
            return try Layout(system)
        } catch {
            throw Failure(.runtime, "InvalidConfiguration", message: error.reason)
        }
    }

    private func topic(_ variable: String) throws(Failure) -> Sink? {
        guard let arn = system[variable] else { return nil }
        guard let topic = Sink(arn: arn) else {
            throw Self.invalid(variable, expected: Sink.form)
        }
        return topic
    }

    /// An init error that names the variable and what is expected, and never shows what it holds.
    static func invalid(_ variable: String, expected: String) -> Failure {
        Failure(
            .runtime, "InvalidConfiguration",
            message: "\(variable) is missing or malformed; expected: \(expected)")
    }
}
