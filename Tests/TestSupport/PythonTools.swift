import Foundation

/// Programs of the tests' Python environment.
package enum PythonTools {
    package struct Missing: Error, CustomStringConvertible {
        let path: String
        package var description: String { "\(path) is not there: run scripts/install --tests" }
    }

    /// The environment's directory.
    package static var venv: String { package.appending(path: ".build/venv").path }

    /// The directory of the environment's programs.
    package static var programs: String { "\(venv)/bin" }

    /// The path of a program that is there.
    package static func program(_ name: String) throws -> String {
        try existing("\(venv)/bin/\(name)")
    }

    /// The same path, when a program is there.
    package static func existing(_ path: String) throws -> String {
        guard FileManager.default.isExecutableFile(atPath: path) else { throw Missing(path: path) }
        return path
    }

    private static var package: URL {
        (0..<3).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }
    }
}
