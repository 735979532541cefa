import Formats

extension Command {
    static let doctor = Command(
        words: ["doctor"],
        summary: "Look at settings, registry, secrets, topic, queue, API, version and clock.",
        options: [WebhookAddress.option, Replayer.topic, RejectedQueue.option],
        details: """
            Each check has a line of its own, with what to do if it failed. What is not set is not
            looked at. Nothing is changed, published or received. The exit code is 1 if a check failed.
            """,
        examples: [
            Example("inlet doctor", "what is wrong here, and what to do about it"),
            Example("inlet doctor --json", "the same for a program"),
        ]
    ) { session throws(InletError) in
        var diagnoses: [Diagnosis] = []
        try Checkup(session).examine { diagnosis throws(InletError) in
            diagnoses.append(diagnosis)
            if !session.isJSON { try session.print(diagnosis.line) }
        }
        if session.isJSON {
            try session.print(json: { writer in
                writer.array { array in for one in diagnoses { one.write(to: &array) } }
            })
        }
        guard diagnoses.allSatisfy({ $0.result != .failed }) else { throw .negative }
    }
}
