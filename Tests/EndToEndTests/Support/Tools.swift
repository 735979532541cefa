import Foundation
import TestSupport

/// Where the programs under test are, and the tools of `scripts/install --tests`.
enum Tools {
    static var bootstrap: String { build.appending(path: "bootstrap").path }
    /// What is deployed, where `scripts/test` has packaged it; else the one just built.
    static var packagedBootstrap: String {
        ProcessInfo.processInfo.environment["INLET_PACKAGED_BOOTSTRAP"] ?? bootstrap
    }
    static var emulator: String { build.appending(path: "emulator").path }
    static var inlet: String { build.appending(path: "inlet").path }
    static var template: String { package.appending(path: "template.yaml").path }
    static var readme: String { package.appending(path: "README.md").path }

    /// A program of the Python environment.
    static func python(_ name: String) throws -> String { try PythonTools.program(name) }

    /// A program that checks templates or workflows, of a Python environment of its own.
    static func check(_ name: String) throws -> String {
        try PythonTools.existing(package.appending(path: ".build/venv-checks/bin/\(name)").path)
    }

    /// The files of a directory of the package, with this suffix.
    static func files(in directory: String, suffix: String) throws -> [String] {
        let place = package.appending(path: directory).path
        return try FileManager.default.contentsOfDirectory(atPath: place).sorted()
            .filter { $0.hasSuffix(suffix) }.map { "\(place)/\($0)" }
    }

    /// The Python packages that have a client of Segment's API: Segment's own, and two made of it.
    static let libraries = ["segment", "rudderstack", "customerio"]

    static var hasLibraries: Bool {
        libraries.allSatisfy { FileManager.default.fileExists(atPath: "\(sitePackages)/\($0)") }
    }

    /// AWS's Runtime Interface Emulator, which comes with its SAM CLI.
    static func runtimeInterfaceEmulator() throws -> String {
        #if arch(arm64)
        let architecture = "arm64"
        #else
        let architecture = "x86_64"
        #endif
        return try PythonTools.existing(
            "\(sitePackages)/samcli/local/rapid/aws-lambda-rie-\(architecture)")
    }

    /// Where the Python environment keeps its packages.
    private static var sitePackages: String {
        let libraries = URL(filePath: PythonTools.venv).appending(path: "lib")
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: libraries.path)) ?? []
        let python = versions.first { $0.hasPrefix("python3") } ?? "python3"
        return libraries.appending(path: python).appending(path: "site-packages").path
    }

    /// The directory of the running test program, which was built together with the others.
    private static var build: URL {
        URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    }

    private static var package: URL {
        (0..<4).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }
    }

    /// The client's part of the tests, next to them.
    static var client: String {
        package.appending(path: "Tests/EndToEndTests/real_client.py").path
    }
    static var sinks: String {
        package.appending(path: "Tests/EndToEndTests/sinks.py").path
    }
    /// The archive's part of AWS.
    static var archive: String {
        package.appending(path: "Tests/EndToEndTests/archive.py").path
    }
    static var samTransform: String {
        package.appending(path: "Tests/EndToEndTests/sam_transform.py").path
    }
    static var cloudFormation: String {
        package.appending(path: "Tests/EndToEndTests/cloudformation.py").path
    }
    /// A file under `scripts`.
    static func script(_ name: String) -> String {
        package.appending(path: "scripts/\(name)").path
    }
    static var localAWS: String {
        package.appending(path: "Tests/EndToEndTests/local_aws.py").path
    }
    static var livePage: String {
        package.appending(path: "Tests/EndToEndTests/live_page.py").path
    }
    /// Where a browser test leaves pictures for people.
    static var screenshots: String { package.appending(path: ".build/live-page").path }
    /// Debian's browser, and the Python package that drives it.
    static var hasBrowser: Bool {
        FileManager.default.isExecutableFile(atPath: "/usr/bin/chromium")
            && FileManager.default.fileExists(atPath: "\(sitePackages)/playwright")
    }
    static var standardWebhooks: String {
        package.appending(path: "Tests/EndToEndTests/standard_webhooks.py").path
    }
}
