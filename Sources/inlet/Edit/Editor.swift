import Formats
import Glibc
import Platform

/// A person's editor, with one text in a file of its own.
struct Editor {
    private static let usual = "vi"

    private let command: String
    /// Where the text is, readable for its owner alone.
    let path: String

    /// Writes the text into a new file for the editor of `VISUAL`, else `EDITOR`, else `vi`.
    init(_ text: [UInt8], _ system: System) throws(InletError) {
        command = system["VISUAL"] ?? system["EDITOR"] ?? Self.usual
        let directory = system["TMPDIR"] ?? "/tmp"
        path = "\(directory)/inlet-\(Session.randomID().text).json"
        do throws(FileError) {
            try File.replace(path, with: text)
        } catch {
            throw .file(path: path, error)
        }
    }

    /// Waits until the person has closed the editor, and returns the text.
    func edit() throws(InletError) -> [UInt8] {
        // A shell reads the command, which may have arguments, as other programs do it.
        let quoted = path.split(separator: "'", omittingEmptySubsequences: false)
            .joined(separator: #"'\''"#)
        guard unsafe system("\(command) '\(quoted)'") == 0 else {
            throw .editorFailed(printable(command))
        }
        do throws(FileError) {
            return try File.read(path)
        } catch {
            throw .file(path: path, error)
        }
    }

    func remove() { _ = unsafe unlink(path) }
}
