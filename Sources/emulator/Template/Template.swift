import Formats

/// The resources of a SAM template that the emulator serves.
struct Template: Sendable {
    let region: String
    let functions: [Function]
    let apis: [API]
    let topics: [Topic]
    var queues: [Queue] = []
    /// The subscriptions of queues to topics.
    var subscriptions: [Subscription] = []
    var eventSources: [EventSource] = []

    /// True if a route leads to the function, or has it as its authorizer.
    func isBehindAPI(_ function: String) -> Bool {
        apis.contains { api in
            api.routes.contains { $0.function == function }
                || api.authorizers.contains { $0.function == function }
        }
    }

    struct Function: Sendable {
        /// The logical id, and the function's name.
        let name: String
        let arn: String
        let handler: String
        /// Seconds.
        let timeout: Int
        /// MB.
        let memory: Int
        let codeURI: String?
        let environment: [NamedValue]
        /// `JSON` or `Text`, when `LoggingConfig` says.
        let logFormat: String?
        let logLevel: String?

        /// The name in a function's ARN, with or without an alias, alone or in an integration's URI.
        static func name(in arn: String) -> String? {
            let mark = ":function:"
            guard let found = arn.firstRange(of: mark) else { return nil }
            return String(arn[found.upperBound...].prefix { $0 != ":" && $0 != "/" })
        }
    }

    struct Route: Sendable, Equatable {
        /// Upper case, or `ANY`.
        let method: String
        /// Such as `/orders/{id}`; `$default` for whatever no other route takes.
        let path: String
        let function: String
        /// The name of one of the API's authorizers.
        let authorizer: String?
    }

    struct API: Sendable {
        /// Which front it is; each has its own events, replies and errors.
        enum Kind: Sendable {
            case rest
            case http
            case functionURL
        }

        var kind = Kind.rest
        let name: String
        let stage: String
        let stageVariables: [NamedValue]
        /// Such as `image/png` or `*/*`.
        let binaryTypes: [String]
        let authorizers: [Authorizer]
        let gatewayResponses: [GatewayResponse]
        let routes: [Route]
    }

    struct Authorizer: Sendable {
        enum Kind: Sendable {
            /// With a regular expression for the whole token.
            case token(validation: String?)
            case request
            /// An HTTP API's, which answers with a truth value.
            case simple
        }

        enum IdentitySource: Sendable, Equatable {
            case header(String)
            case query(String)
            case stageVariable(String)
            case context(String)
        }

        let name: String
        let function: String
        let kind: Kind
        let sources: [IdentitySource]
        /// Seconds a result is kept; 0 for not at all.
        let lifetime: Int
    }

    /// An error reply that the API words itself.
    struct GatewayResponse: Sendable {
        /// Such as `UNAUTHORIZED`.
        let type: String
        let status: Int?
        let headers: [HTTPField]
        /// The first of the templates, with its content type.
        let template: (contentType: String, text: String)?
    }

    struct Topic: Sendable {
        let logicalID: String
        let name: String
        let arn: String
        let isFIFO: Bool
        let deduplicatesByContent: Bool
    }

    struct Queue: Sendable {
        struct Redrive: Sendable {
            let deadLetterQueue: String
            let maximumReceives: Int
        }

        let name: String
        let arn: String
        let isFIFO: Bool
        let deduplicatesByContent: Bool
        let visibilityTimeout: Duration
        /// The dead-letter queue, for messages that were received too often.
        let redrive: Redrive?
    }

    struct Subscription: Sendable {
        let topic: String
        let queue: String
        let isRaw: Bool
        let filter: FilterPolicy?
    }

    /// An event source mapping: a queue that a function polls.
    struct EventSource: Sendable {
        let function: String
        let queue: String
        let batchSize: Int
        /// How long the poller waits for a batch to fill.
        let window: Duration
        /// `ReportBatchItemFailures`.
        let takesPartialResponses: Bool
        /// The most batches in flight.
        let concurrency: Int
    }
}
