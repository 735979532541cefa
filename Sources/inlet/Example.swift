/// A command line that works as it stands, as a command's help shows it.
///
/// A test runs every one of them in a shell.
struct Example: Sendable {
    /// What a shell is given.
    let line: String
    /// What it is for: a phrase for a person.
    let purpose: String

    init(_ line: String, _ purpose: String) {
        self.line = line
        self.purpose = purpose
    }
}
