import Foundation
import TestSupport
import Testing

private let key = "wk-live-page-7Rt3"
private let hubToken = "hub-token-live-page"
private let partners = #"""
    [{"name":"web-app","webhook_token":"\#(key)"},
     {"name":"hub","webhook_token":"\#(hubToken)","validation_config":{"senders":["partner"],
      "signing":{"scheme":"github","secrets":["hub-old-live-page","hub-new-live-page"]}}}]
    """#

@Suite("The emulator's live page", .timeLimit(.minutes(60)))
struct LivePageTests {
    @Test(
        "works in a browser: requests are seen within a second, with all that is said of them",
        .enabled(
            if: Tools.hasBrowser, "it needs Debian's chromium, by scripts/install --tests"))
    func browser() throws {
        let inlet = try LocalInlet(partners: partners)
        defer { inlet.stop() }
        try FileManager.default.createDirectory(
            atPath: Tools.screenshots, withIntermediateDirectories: true)
        let browser = try Program(
            try Tools.python("python"),
            [Tools.livePage, inlet.url, key, hubToken, Tools.screenshots],
            environment: [
                "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": Tools.screenshots,
                "NO_PROXY": "*", "PYTHONDONTWRITEBYTECODE": "1",
            ])
        defer { browser.stop() }
        guard try browser.end() == .status(0) else { throw browser.failure("the page failed") }
    }
}
