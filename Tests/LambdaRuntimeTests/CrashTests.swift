import Formats
import Foundation
import TestSupport
import Testing

@Suite("A process that crashes")
struct CrashTests {
    @Test(
        "tells the Runtime API with the signal and where it happened, and ends by the signal",
        arguments: [
            ("trap", "SIGILL", SIGILL), ("bounds", "SIGILL", SIGILL), ("abort", "SIGABRT", SIGABRT),
            ("segv", "SIGSEGV at address 0x8", SIGSEGV),
            ("overflow", "SIGSEGV at address", SIGSEGV),
        ])
    func reports(event: String, name: String, signal: Int32) throws {
        let lambda = try FakeLambda([
            .init("fine", id: "id-0"),
            .init(
                Array(event.utf8), id: "id-1",
                headers: [("Lambda-Runtime-Invocation-Id", "nonce")]),
        ])
        let program = try fragileRuntime(lambda)
        let end = try program.end()
        #if arch(arm64)
        #expect(end == .signal(signal == SIGILL ? SIGTRAP : signal))
        #else
        #expect(end == .signal(signal))
        #endif
        let post = try #require(lambda.posts.last)
        #expect(post.target == "/2018-06-01/runtime/invocation/id-1/error")
        #expect(post["lambda-runtime-function-error-type"] == "Runtime.Crash")
        #expect(post["lambda-runtime-invocation-id"] == "nonce")
        let json = try JSONText(post.body).root
        #expect(json["errorType"]?.string == "Runtime.Crash")
        #if !arch(arm64)
        #expect(json["errorMessage"]?.string?.contains(name) == true)
        #endif
        let frames = json["stackTrace"]?.elements.compactMap(\.string) ?? []
        #expect(frames.count > 3)
        #expect(frames.allSatisfy { $0.hasPrefix("bootstrap+0x") })
        // What only looks like a caller is no address of a program: those have 47 bits.
        let offsets = frames.map { UInt64($0.dropFirst("bootstrap+0x".count), radix: 16) ?? .max }
        #expect(offsets.dropFirst().allSatisfy { $0 < 1 << 47 }, "\(frames)")
        let written = try #require(
            program.errors.split(separator: "\n").first { $0.hasPrefix(#"{"level":"FATAL""#) })
        let line = try JSONText(Array(written.utf8)).root
        #expect(line["message"]?.string == "crash")
        #expect(line["lambdaRequestId"]?.string == "id-1")
        #expect(line["errorType"]?.string == "Runtime.Crash")
        #expect(line["stackTrace"]?.elements.compactMap(\.string) == frames)
    }

    @Test("between events a crash is reported to the log alone")
    func betweenEvents() throws {
        let lambda = try FakeLambda([.init("fine")], endsWhenEmpty: false)
        let program = try fragileRuntime(lambda)
        // The second call for an event shows that the first is over.
        _ = lambda.server.requests(atLeast: 3)
        program.signal(SIGSEGV)
        #expect(try program.end() == .signal(SIGSEGV))
        #expect(lambda.posts.count == 1)
    }

    @Test("a Runtime API that has gone does not keep the process")
    func unreachable() throws {
        let lambda = try FakeLambda([.init("trap")]) { request in
            request.target.hasSuffix("/error") ? .reset : nil
        }
        let program = try fragileRuntime(lambda)
        guard case .signal = try program.end() else {
            Issue.record("it did not end by the signal")
            return
        }
    }

    @Test("a second event's crash is reported with nothing of the first's")
    func second() throws {
        let lambda = try FakeLambda([
            .init(
                Array("fine".utf8), id: "a-longer-id-than-the-second-has",
                headers: [("Lambda-Runtime-Invocation-Id", "nonce")]),
            .init("trap", id: "2"),
        ])
        _ = try fragileRuntime(lambda).end()
        let post = try #require(lambda.posts.last)
        #expect(post.target == "/2018-06-01/runtime/invocation/2/error")
        #expect(post["lambda-runtime-invocation-id"] == nil)
    }
}
