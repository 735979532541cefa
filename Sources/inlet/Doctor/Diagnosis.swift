import Formats

/// What came of one of the doctor's checks.
struct Diagnosis {
    enum Result: String {
        case ok, failed
        /// Its setting is not there, so nothing was looked at.
        case skipped
    }

    /// What was looked at.
    let subject: String
    let result: Result
    /// What was found: a sentence without its full stop.
    let text: String
    /// What to do about it.
    var advice: String?

    static func ok(_ subject: String, _ text: String) -> Diagnosis {
        Diagnosis(subject: subject, result: .ok, text: text)
    }

    static func failed(_ subject: String, _ text: String, _ advice: String?) -> Diagnosis {
        Diagnosis(subject: subject, result: .failed, text: text, advice: advice)
    }

    static func failed(_ subject: String, _ error: InletError) -> Diagnosis {
        failed(subject, error.message, error.advice)
    }

    static func skipped(_ subject: String, _ option: Option, _ variable: String) -> Diagnosis {
        Diagnosis(
            subject: subject, result: .skipped,
            text: "neither --\(option.name) nor \(variable) is set")
    }

    var line: String {
        let mark =
            switch result {
            case .ok: "✓"
            case .failed: "✗"
            case .skipped: "–"
            }
        let line = "\(mark) \(subject): \(printable(text))"
        return advice.map { "\(line)\n  \($0)" } ?? line
    }

    func write(to writer: inout JSONWriter) {
        writer.object { object in
            object.member("check", subject)
            object.member("result", result.rawValue)
            object.member("text", text)
            if let advice { object.member("advice", advice) }
        }
    }
}
