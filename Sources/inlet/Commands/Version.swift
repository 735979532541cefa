import CBuild
import Formats
import Senders

extension Command {
    static let version = Command(
        words: ["version"], summary: "Print the version, and the commit it was built from.",
        usesContext: false,
        details: "The commit is unknown if swift build was not told it, as scripts/dev tells it.",
        examples: [Example("inlet version --json", "for a program")]
    ) { session throws(InletError) in
        let commit = unsafe String(cString: cbuild_commit())
        guard session.isJSON else {
            return try session.print("\(Product.name) \(Product.version) (commit \(commit))")
        }
        try session.print(json: { writer in
            writer.object { object in
                object.member("version", Product.version)
                object.member("commit", commit)
            }
        })
    }
}
