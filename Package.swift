// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

/// A library target with these dependencies, and settings every target shares.
func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// A C library of the system, seen through `module.modulemap` and `shim.h`.
func system(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(
        name: name, path: "Sources/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let package = Package(
    name: "inlet",
    targets: [
        // C
        system("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
        system("COpenSSL", pkgConfig: "libcrypto", apt: "libssl-dev"),
        system("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
        // tools
        library("Compression", ["CZlib"]),
        library("Formats"),
        library("Signing", ["COpenSSL", "Formats"]),
        library("Transport", ["CCurl"]),
        library("AWS", ["Transport", "Signing", "Formats"]),
        library("Store", ["AWS", "Transport", "Signing", "Formats"]),
        // domain
        library("LambdaRuntime", ["Transport", "Formats"]),
        library("Gateway", ["Formats"]),
        library("Tracking", ["Signing", "Formats"]),
        // tests
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: settings),
        tests("CompressionTests", ["Compression"]),
        tests("TransportTests", ["Transport"]),
        tests("FormatsTests", ["Formats"]),
        tests("SigningTests", ["Signing", "Formats"]),
        tests("AWSTests", ["AWS", "Transport", "Signing", "Formats", "TestSupport"]),
        tests("StoreTests", ["Store", "AWS", "Transport", "Signing", "Formats", "TestSupport"]),
    ]
)
