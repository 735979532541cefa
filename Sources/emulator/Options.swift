import Formats

/// The command line.
struct Options: Equatable {
    var template = "template.yaml"
    var port: UInt16 = 3000
    var bootstrap: String?
    var parameters: [String: String] = [:]
    var environment: [NamedValue] = []
    /// Partners' tokens by their names, for samples on the live page.
    var tokens: [NamedValue] = []
    /// The URL of another SNS than the emulator's own.
    var sns: String?
    var concurrency = 16
    /// Seconds until the API answers 504.
    var integrationTimeout = 29
    /// Seconds that replace the timeout of every queue.
    var visibilityTimeout: Int?
    var isHelp = false

    static let help = """
        Usage: emulator [options]

        Serves the API or function URL, the functions, the SNS topics and the SQS queues of a SAM template on
        127.0.0.1. Published messages go to the queues that subscribe, and from them to functions.

          --template PATH              the template (default: template.yaml)
          --parameter NAME=VALUE       a template parameter; may be repeated
          --port N                     where the API listens (default: 3000; 0: any free port)
          --bootstrap PATH             the program of all functions (default: bootstrap beside this
                                       program, else the one in each function's CodeUri)
          --env NAME=VALUE             a variable for all functions; may be repeated
          --token NAME=TOKEN           a partner's token, for samples on the live page; may be repeated (the
                                       emulator also remembers those that it sees in use)
          --sns URL                    publish there, with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and
                                       AWS_SESSION_TOKEN of this environment (default: an SNS of its own);
                                       no queue is filled then, and none is polled
          --concurrency N              processes per function; more events are throttled (default: 16)
          --integration-timeout N      seconds until the API answers 504 (default: 29)
          --visibility-timeout N       seconds after which a message that a function did not take comes again
                                       (default: as each queue in the template says)
          --help                       this text

        Routes of its own, for programs and not for pages of other sites:
          POST /2015-03-31/functions/NAME/invocations   Lambda's Invoke
          GET /_inlet/                                  a live page of the last 500 requests
          GET /_inlet/requests                          the same as JSON; see Sources/emulator/README.md
          GET /_inlet/messages[?topic=NAME]             what was published, as JSON lines, newest last
          GET /_inlet/queues                            how many messages each queue holds, as JSON lines
          GET /_inlet/queues?queue=NAME                 the messages in a queue, dead letters as well
          POST /_aws                                    SQS and SNS, as AWS_ENDPOINT_URL

        It answers only to localhost, 127.0.0.1 and [::1] with its port. The region is AWS_REGION, else
        AWS_DEFAULT_REGION, else us-east-1.
        """

    /// Reads the arguments, without the program's name.
    init(_ arguments: [String]) throws(UsageError) {
        var rest = arguments[...]
        while let option = rest.popFirst() {
            if option == "--help" || option == "-h" {
                isHelp = true
                return
            }
            guard Self.names.contains(option) else {
                throw UsageError(reason: "there is no option \(option)")
            }
            guard let value = rest.popFirst() else {
                throw UsageError(reason: "\(option) needs a value")
            }
            try set(option, value)
        }
    }

    private static let names = [
        "--template", "--parameter", "--port", "--bootstrap", "--env", "--token", "--sns",
        "--concurrency", "--integration-timeout", "--visibility-timeout",
    ]

    private mutating func set(_ option: String, _ value: String) throws(UsageError) {
        switch option {
        case "--template": template = value
        case "--bootstrap": bootstrap = value
        case "--parameter":
            let pair = try Self.pair(option, value)
            parameters[pair.name] = pair.value
        case "--env":
            let pair = try Self.pair(option, value)
            environment.removeAll { $0.name == pair.name }
            environment.append(pair)
        case "--token": tokens.append(try Self.pair(option, value))
        case "--port":
            guard let number = UInt16(value) else {
                throw UsageError(reason: "--port must be a number from 0 to 65535")
            }
            port = number
        case "--sns":
            guard value.hasPrefix("http://") || value.hasPrefix("https://") else {
                throw UsageError(reason: "--sns must be an http or https URL")
            }
            sns = value
        case "--concurrency": concurrency = try Self.number(option, value, 1...1000)
        case "--visibility-timeout":
            visibilityTimeout = try Self.number(option, value, 1...43_200)
        default: integrationTimeout = try Self.number(option, value, 1...900)
        }
    }

    private static func pair(
        _ option: String, _ text: String
    ) throws(UsageError) -> NamedValue {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
            throw UsageError(reason: "\(option) takes NAME=VALUE")
        }
        return NamedValue(String(text[..<equals]), String(text[text.index(after: equals)...]))
    }

    private static func number(
        _ option: String, _ text: String, _ range: ClosedRange<Int>
    ) throws(UsageError) -> Int {
        guard let number = Int(text), range.contains(number) else {
            throw UsageError(
                reason:
                    "\(option) must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    static func == (one: Options, other: Options) -> Bool {
        one.template == other.template && one.port == other.port
            && one.bootstrap == other.bootstrap && one.parameters == other.parameters
            && one.environment.elementsEqual(other.environment, by: ==)
            && one.tokens == other.tokens && one.sns == other.sns
            && one.concurrency == other.concurrency
            && one.integrationTimeout == other.integrationTimeout
            && one.visibilityTimeout == other.visibilityTimeout && one.isHelp == other.isHelp
    }
}

struct UsageError: Error, Equatable {
    let reason: String
}
