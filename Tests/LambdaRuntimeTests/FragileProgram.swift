import Foundation
import TestSupport
import Testing

/// The runtime in a process of its own, whose handler fails as it is told.
///
/// `arguments` are its supervisor's times, `margin=20000`, and `register`.
func fragileRuntime(
    _ lambda: FakeLambda, loops: Int = 1, isShared: Bool = false, _ arguments: String...
) throws -> Program {
    let tests = try #require(
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    let path = URL(filePath: tests).deletingLastPathComponent()
        .appending(path: "fragile-runtime").path
    return try Program(
        path, [lambda.authority, String(loops)] + (isShared ? ["shared"] : []) + arguments,
        environment: ["SWIFT_BACKTRACE": "enable=no"])
}

/// A deadline as Lambda writes it.
func deadline(in milliseconds: Int64) -> Int64 {
    Int64(Date().timeIntervalSince1970 * 1000) + milliseconds
}
