import AWS
import Partners
import Platform
import Secrets
import Store
import Transport
import WarehouseStore

/// Why a command did not do what it was asked; no case holds a token, a secret or a payload.
enum InletError: Error, Equatable {
    /// The command line is wrong; the words name the command.
    case usage(String, [String])
    /// Neither the option nor the variable is set.
    case settingMissing(option: String, variable: String)
    /// An option or a variable holds something other than is expected.
    case malformed(String, expected: String)
    /// `about` is a partner's name.
    case store(StoreError, about: String?)
    case aws(String, AWSError)
    /// An emulator by its URL.
    case emulator(String, TransportError)
    case file(path: String, FileError)
    /// A token that was given cannot be one.
    case token(String)
    /// A configuration holds the mask that `show` prints in place of secrets.
    case masked(place: String)
    /// A configuration refers to secrets that cannot be read, or cannot be keys.
    case secretMissing(PartnerError)
    /// The command needs a yes, but nobody can be asked and `--yes` was not given.
    case notAsked
    case declined
    case partnerNotActive(String, standing: String)
    case replyUnreadable(String)
    /// A sentence that says why.
    case notReplayable(String)
    case warehouse(WarehouseError)
    /// A partner's configuration says nothing about signing.
    case noSigning(String)
    /// There is no such secret, or it is the only one.
    case noSuchSecret(String)
    /// What is wrong with a text that was edited.
    case notEdited(String)
    case editorFailed(String)
    /// What is wrong with a context, or with the file of them.
    case context(String)
    case noContext(String, names: [String])
    case outputFailed
    /// A partner's request cannot be made, or cannot be read.
    case request(RequestError)
    case unreachable(TransportError)
    /// What is wrong with an archive, or with publishing it again.
    case archive(String)
    /// A file of the archive is Parquet.
    case parquet(String)
    /// A person has asked a command to end.
    case interrupted
    /// A search in the logs has not come to its end.
    case searchEnded(String)
    /// The input did not pass its check or its replay; the command has printed why.
    case negative

    var exitCode: Int32 {
        switch self {
        case .usage, .settingMissing, .malformed, .store(.malformedSource, _),
            .store(.sqliteWithoutFile, _), .noContext:
            2
        case .request(let error): error.isUsage ? 2 : 1
        default: 1
        }
    }

    /// What went wrong; empty if the command has said it already.
    var message: String {
        switch self {
        case .usage(let problem, _): problem
        case .settingMissing(let option, let variable): "neither --\(option) nor \(variable) is set"
        case .malformed(let name, let expected): "\(name) is malformed; expected: \(expected)"
        case .store(let error, let about):
            about.map { "partner \"\(printable($0))\": \(Self.text(error))" } ?? Self.text(error)
        case .aws(let what, let error): "\(what): \(error.reason)"
        case .emulator(let url, let error): "the emulator at \(printable(url)): \(error.reason)"
        case .file(let path, let error): "\(printable(path)): \(error.reason)"
        case .token(let problem): "the token \(problem)"
        case .secretMissing(let error): Self.text(.partner(error))
        case .masked(let place): "\(place) is the mask that show prints in place of a secret"
        case .notAsked: "there is nobody to ask"
        case .declined: "nothing was changed"
        case .partnerNotActive(let name, let standing):
            "partner \"\(printable(name))\" is \(standing)"
        case .replyUnreadable(let what): "\(what): the answer is not what the service documents"
        case .notReplayable(let sentence): sentence
        case .warehouse(let error):
            "the warehouse: \(error.reason)" + (error.code.map { " (\($0))" } ?? "")
        case .noSigning(let name): "partner \"\(printable(name))\" has no signing"
        case .noSuchSecret(let name):
            "partner \"\(printable(name))\" has no such secret, or no other one"
        case .notEdited(let problem): "the text cannot be used: \(problem)"
        case .editorFailed(let command): "the editor \(command) failed"
        case .context(let problem): "contexts: \(problem)"
        case .noContext(let name, _): "there is no context \"\(printable(name))\""
        case .request(let error): error.message
        case .unreachable(let error): "there is no answer: \(error.reason)"
        case .archive(let problem): "the archive: \(problem)"
        case .parquet(let name):
            "the archive: \(printable(name)) is Parquet, which is not read here"
        case .interrupted: "it was ended before it was done"
        case .searchEnded(let status): "the search in the logs has ended: \(printable(status))"
        case .outputFailed: "the result could not be written to standard output"
        case .negative: ""
        }
    }

    /// A line for each of several mistakes.
    private static func text(_ error: StoreError) -> String {
        guard case .partner(.mistakes(let mistakes)) = error else { return error.reason }
        return "\(mistakes.count) mistakes"
            + mistakes.map { "\n  \(printable($0.reason))" }.joined()
    }

    /// What to do about it.
    var advice: String? {
        switch self {
        case .usage(_, let words):
            "See inlet \((words + ["--help"]).joined(separator: " "))."
        case .settingMissing(let option, let variable):
            "Give --\(option), or set \(variable) as the functions have it."
        case .store(let error, _): Self.advice(error)
        case .emulator: "Start it with scripts/dev, or give the URL that it prints."
        case .aws(_, .failed(let failure)) where failure.kind == .throttling:
            "AWS has too much to do: try again later."
        case .aws(_, .failed(let failure)) where failure.kind == .transient:
            "AWS or the way there has failed: try again, and check the network."
        case .aws: "Check region, credentials and permissions (AWS_REGION, AWS_PROFILE, …)."
        case .file: nil
        case .token: "Leave it out: inlet then makes one."
        case .masked: "Give the secret, or where it is kept (ssm:…); show --show-secrets prints it."
        case .secretMissing:
            "Store it first, or correct the reference. --offline accepts it unread."
        case .notAsked: "Use --yes to go ahead without a question."
        case .partnerNotActive(let name, _): "To change that: inlet partner activate \(name)."
        case .noSigning: "Say how it signs: inlet partner update --config."
        case .editorFailed: "Set VISUAL or EDITOR to a program that edits the file it is given."
        case .noContext(_, let names):
            names.isEmpty
                ? "Add it: inlet context add NAME."
                : "There are: \(names.joined(separator: ", "))."
        case .outputFailed:
            "The command was carried out. If a token was lost, inlet partner rotate gives another."
        case .request(let error): error.advice
        case .unreachable: "Check the URL, and that the API or the emulator runs."
        case .parquet:
            """
            Let Athena make lines of JSON of it, download them, and give their directory by --from:
              UNLOAD (SELECT "type", message, "timestamp", messageattributes FROM messages_parquet
              WHERE day >= '2026-01-05') TO 's3://BUCKET/replay/'
              WITH (format = 'JSON', compression = 'GZIP')
            """
        case .searchEnded: "Try again with a shorter --since."
        case .malformed, .declined, .replyUnreadable, .notReplayable, .warehouse, .archive,
            .interrupted, .context, .noSuchSecret, .notEdited, .negative:
            nil
        }
    }

    private static func advice(_ error: StoreError) -> String? {
        switch error {
        case .malformedSource, .sqliteWithoutFile: "Give that as --registry or in INLET_PARTNERS."
        case .partner(.invalid), .partner(.mistakes): "Correct that, and try again."
        case .readOnly:
            "Edit it there, or use a database: --registry sqlite:<path>, then inlet migrate."
        case .nameTaken:
            "Choose another name, or give that partner a new token: inlet partner rotate."
        case .tokenTaken:
            "Each partner needs a token of its own; a removed partner's cannot be used again."
        case .previousTokenValid:
            "Wait until then, or end it now: inlet partner rotate --force."
        case .notAtOnce: "Split the file, and import its parts one after another."
        case .noSuchPartner: "inlet partner list shows all names."
        case .changedMeanwhile: "Look at it with inlet partner show, and try again."
        case .secret(.aws):
            "Check region, credentials and permissions (AWS_REGION, AWS_PROFILE, …)."
        default: nil
        }
    }
}
