import Foundation
import TestSupport
import Testing

private let key = "wk-live-page-7Rt3"

@Suite("The emulator's live page", .timeLimit(.minutes(60)))
struct LivePageTests {
    @Test(
        "works in a browser: requests are seen within a second, with all that is said of them",
        .enabled(
            if: Tools.hasBrowser, "it needs Debian's chromium, by scripts/install --tests"))
    func browser() throws {
        let inlet = try LocalInlet(partners: #"[{"name":"web-app","webhook_token":"\#(key)"}]"#)
        defer { inlet.stop() }
        try FileManager.default.createDirectory(
            atPath: Tools.screenshots, withIntermediateDirectories: true)
        let browser = try Program(
            try Tools.python("python"), [Tools.livePage, inlet.url, key, Tools.screenshots],
            environment: [
                "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": Tools.screenshots,
                "NO_PROXY": "*", "PYTHONDONTWRITEBYTECODE": "1",
            ])
        defer { browser.stop() }
        guard try browser.end() == .status(0) else { throw browser.failure("the page failed") }
    }
}
