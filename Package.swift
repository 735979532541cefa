// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

/// Targets that no request waits for are compiled for size: the package's is bounded.
let cold = [
    "AWS", "Deployment", "Partners", "PostgreSQL", "Relay", "SQLite", "Secrets", "Store",
    "Warehouse", "WarehouseStore",
]

/// The settings that every target shares, and those of its own.
func settings(of name: String) -> [SwiftSetting] {
    guard cold.contains(name) else { return settings }
    return settings + [.unsafeFlags(["-Osize"], .when(configuration: .release))]
}

/// The commit that `inlet version` names, if whoever builds says it: `scripts/commit` knows it.
let commit = Context.environment["INLET_COMMIT", default: "unknown"].filter {
    $0.isLetter || $0.isNumber || $0 == "-"
}

/// Targets with a README beside their code, which is no source.
let documented = [
    "bootstrap", "emulator", "inlet", "Delivery", "Relay", "Senders", "Store", "Warehouse",
]

/// What the build leaves out of a target.
func excluded(of name: String) -> [String] { documented.contains(name) ? ["README.md"] : [] }

/// A library target with these dependencies, and settings every target shares.
func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(
        name: name, dependencies: dependencies, exclude: excluded(of: name),
        swiftSettings: settings(of: name))
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, exclude: excluded(of: name),
        swiftSettings: settings)
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
        // programs
        program(
            "bootstrap",
            [
                "Ingest", "Relay", "Deployment", "LambdaRuntime", "Delivery", "Partners",
                "Store", "Warehouse", "WarehouseStore", "Secrets", "AWS", "Transport", "Platform",
                "Formats",
            ]),
        program(
            "emulator",
            [
                "Samples", "Senders", "Tracking", "Partners", "Store", "Warehouse", "Secrets",
                "AWS", "Compression", "LocalServer", "Platform", "Formats", "COpenSSL",
                "CProcess", "CYAML",
            ]),
        program(
            "inlet",
            [
                "Samples", "Senders", "Tracking", "Delivery", "Partners", "Store", "Warehouse",
                "WarehouseStore", "Secrets", "AWS", "Compression", "Transport", "Platform",
                "Signing", "Formats", "CBuild", "CProcess",
            ]),
        // flow
        library(
            "Ingest",
            [
                "LambdaRuntime", "Gateway", "Senders", "Tracking", "Delivery", "Partners",
                "Secrets", "AWS", "Transport", "Platform", "Formats",
            ]),
        library(
            "Relay",
            [
                "LambdaRuntime", "Queues", "Warehouse", "WarehouseStore", "Tracking", "Delivery",
                "Partners", "Secrets", "Transport", "Platform", "Formats",
            ]),
        library(
            "Deployment",
            [
                "LambdaRuntime", "Store", "Warehouse", "WarehouseStore", "AWS", "Transport",
                "Platform", "Formats",
            ]),
        // domain
        library("LambdaRuntime", ["Transport", "Platform", "Formats", "CCrash", "CMalloc"]),
        library("Gateway", ["Formats"]),
        library("Queues", ["Formats"]),
        library("Tracking", ["Signing", "Formats"]),
        library(
            "Senders",
            [
                "Gateway", "Tracking", "Partners", "Compression", "Transport", "Platform",
                "Formats",
            ]),
        library("Samples", ["Senders", "Tracking", "Partners", "Formats"]),
        library("Partners", ["Secrets", "Tracking", "AWS", "Signing", "Platform", "Formats"]),
        library(
            "Store",
            [
                "Partners", "Secrets", "SQLite", "PostgreSQL", "AWS", "Transport", "Platform",
                "Signing", "Formats",
            ]),
        library("Warehouse", ["Signing", "Formats"]),
        library(
            "WarehouseStore",
            [
                "Warehouse", "Secrets", "SQLite", "PostgreSQL", "AWS", "Transport", "Platform",
                "Formats",
            ]),
        library("Delivery", ["AWS", "Transport", "Platform", "Tracking", "Signing", "Formats"]),
        // tools
        library("Secrets", ["AWS", "Platform", "Formats"]),
        library("SQLite", ["CSQLite", "Platform"]),
        library("PostgreSQL", ["CPostgreSQL", "Transport", "Platform", "Formats"]),
        library("AWS", ["Transport", "Platform", "Signing", "Formats"]),
        library("Transport", ["CCurl", "COpenSSL", "Platform", "Formats"]),
        library("Signing", ["CDigest", "COpenSSL", "Formats"]),
        library("Compression", ["CZlib"]),
        library("LocalServer", ["CMicroHTTPD", "Platform", "Formats"]),
        library("Platform", ["Formats"]),
        library("Formats"),
        // C
        system("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
        system("COpenSSL", pkgConfig: "libcrypto", apt: "libssl-dev"),
        system("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
        system("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
        system("CPostgreSQL", pkgConfig: "libpq", apt: "libpq-dev"),
        system("CMicroHTTPD", pkgConfig: "libmicrohttpd", apt: "libmicrohttpd-dev"),
        system("CYAML", pkgConfig: "yaml-0.1", apt: "libyaml-dev"),
        // Of the C library itself.
        .systemLibrary(name: "CMalloc", path: "Sources/CMalloc"),
        .target(name: "CProcess"),
        .target(name: "CCrash"),
        .target(
            name: "CBuild", cSettings: [.define("INLET_COMMIT", to: "\"\(commit)\"")]),
        .target(name: "CDigest", dependencies: ["COpenSSL"]),
        // tests
        .target(
            name: "TestSupport", dependencies: ["Signing", "Formats"], path: "Tests/TestSupport",
            swiftSettings: settings),
        .target(
            name: "StandIns",
            dependencies: ["emulator", "LocalServer", "Platform", "Formats", "TestSupport"],
            path: "Tests/StandIns", swiftSettings: settings),
        .executableTarget(
            name: "fragile-runtime",
            dependencies: ["LambdaRuntime", "Transport", "Platform", "Formats"],
            path: "Tests/FragileRuntime", swiftSettings: settings),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "bootstrap", "emulator", "inlet", "Samples", "Senders", "Delivery", "Partners",
                "Secrets", "Store", "Warehouse", "AWS", "Transport", "Platform", "Formats",
                "StandIns",
                "TestSupport",
            ],
            exclude: [
                "archive.py", "cloudformation.py", "live_page.py", "local_aws.py",
                "real_client.py", "sam_transform.py", "sinks.py", "standard_webhooks.py",
            ],
            swiftSettings: settings),
        tests(
            "InletTests",
            [
                "inlet", "Senders", "Tracking", "Partners", "Secrets", "SQLite", "AWS", "Transport",
                "Platform", "Signing", "Formats", "StandIns", "TestSupport",
            ]),
        tests("EmulatorTests", ["emulator", "LocalServer", "Platform", "Formats"]),
        tests(
            "LambdaRuntimeTests",
            ["LambdaRuntime", "Transport", "Platform", "Formats", "TestSupport", "fragile-runtime"]),
        .testTarget(
            name: "IngestTests",
            dependencies: [
                "Ingest", "LambdaRuntime", "Senders", "Tracking", "Delivery", "Partners", "Store",
                "Secrets", "AWS", "Transport", "Platform", "Signing", "Formats", "TestSupport",
            ],
            exclude: ["Fixtures"], swiftSettings: settings),
        tests(
            "RelayTests",
            [
                "Relay", "LambdaRuntime", "Queues", "Warehouse", "WarehouseStore", "SQLite",
                "Tracking", "Delivery", "Secrets", "AWS", "Transport", "Platform", "Formats",
                "TestSupport",
            ]),
        tests(
            "DeploymentTests",
            [
                "Deployment", "LambdaRuntime", "Store", "AWS", "Transport", "Platform", "Formats",
                "TestSupport",
            ]),
        tests("TestSupportTests", ["TestSupport", "Transport", "Platform", "Formats"]),
        tests("QueuesTests", ["Queues", "Formats", "TestSupport"]),
        tests(
            "SendersTests",
            [
                "Senders", "Tracking", "Partners", "Secrets", "Gateway", "AWS",
                "Transport", "Platform", "Formats", "TestSupport",
            ]),
        .testTarget(
            name: "SamplesTests",
            dependencies: ["Samples", "Senders", "Partners", "Secrets", "Formats", "TestSupport"],
            exclude: ["sign.py"], swiftSettings: settings),
        tests(
            "PartnersTests",
            ["Partners", "Secrets", "AWS", "Platform", "Signing", "Formats", "TestSupport"]),
        tests("GatewayTests", ["Gateway", "Formats"]),
        tests("TrackingTests", ["Tracking", "Formats"]),
        tests(
            "DeliveryTests",
            ["Delivery", "Tracking", "AWS", "Transport", "Platform", "Formats", "TestSupport"]),
        tests("WarehouseTests", ["Warehouse", "Signing", "Formats", "TestSupport"]),
        .testTarget(
            name: "WarehouseStoreTests",
            dependencies: [
                "WarehouseStore", "Warehouse", "Relay", "Secrets", "SQLite", "PostgreSQL", "AWS",
                "Transport", "Platform", "Formats", "TestSupport",
            ],
            exclude: [
                "Services/databricks.py", "Services/service.py", "Services/teradata.py",
            ],
            swiftSettings: settings),
        tests("SQLiteTests", ["SQLite", "TestSupport"]),
        tests(
            "StoreTests",
            [
                "Store", "Partners", "Secrets", "SQLite", "PostgreSQL", "AWS", "Transport",
                "Platform", "Formats", "TestSupport",
            ]),
        tests("SecretsTests", ["Secrets", "AWS", "Platform", "Formats", "TestSupport"]),
        tests("AWSTests", ["AWS", "Transport", "Platform", "Signing", "Formats", "TestSupport"]),
        tests(
            "TransportTests", ["Transport", "Platform", "Formats", "COpenSSL", "TestSupport"]),
        tests("PlatformTests", ["Platform", "Formats"]),
        tests("SigningTests", ["Signing", "Formats"]),
        tests("CompressionTests", ["Compression"]),
        tests("LocalServerTests", ["LocalServer", "Platform", "Formats"]),
        tests("FormatsTests", ["Formats", "TestSupport"]),
        tests("TidyTests", []),
    ]
)
