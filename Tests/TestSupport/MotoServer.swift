import Glibc

/// AWS as moto plays it, on a port of its own.
package final class MotoServer: Sendable {
    package let url: String
    private let program: Program

    /// One server for all tests that do not stop it.
    package static let shared = Result { try MotoServer() }

    package init() throws {
        // It takes a port of its own choice, and says which.
        program = try Program(
            "/bin/sh",
            [
                "-c", Self.guardian, "guardian", "\(getpid())",
                try PythonTools.program("moto_server"), "-H", "127.0.0.1", "-p", "0",
            ],
            // Nothing of the developer's own AWS configuration.
            environment: [
                "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1",
                "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
                "AWS_EC2_METADATA_DISABLED": "true", "NO_PROXY": "*",
            ])
        let greeting = try program.line(with: "Running on http://")
        url = String(greeting.split(separator: " ").last ?? "")
    }

    deinit { stop() }

    package func stop() { program.stop() }

    /// Starts a program, and ends it when the process that it is for is gone.
    private static let guardian = """
        parent=$1
        shift
        "$@" &
        child=$!
        trap 'kill $child' TERM INT
        while kill -0 $parent 2>/dev/null && kill -0 $child 2>/dev/null; do sleep 0.1; done
        kill $child 2>/dev/null
        wait $child
        """
}
