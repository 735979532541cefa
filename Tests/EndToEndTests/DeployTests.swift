import Formats
import Foundation
import TestSupport
import Testing

/// `scripts/deploy` in a copy of what it needs, with SAM, and a stand-in for AWS.
private final class Deployer {
    private let directory = try? TemporaryDirectory()
    private let aws: Program
    private let url: String

    /// `modes` are the stand-in's.
    init(_ modes: String...) throws {
        aws = try Program(
            try Tools.python("python"), [Tools.cloudFormation] + modes,
            environment: ["PATH": "/usr/bin:/bin"])
        url = try aws.line(with: "http://127.0.0.1:")
        let place = URL(filePath: try #require(directory).path)
        for (file, from) in [
            ("template.yaml", Tools.template), ("scripts/deploy", Tools.script("deploy")),
            ("scripts/commit", Tools.script("commit")),
            ("scripts/samconfig.toml", Tools.script("samconfig.toml")),
            // Some program of this machine: SAM only packs it.
            (".build/lambda/bootstrap", "/bin/true"),
        ] {
            let target = place.appending(path: file)
            try FileManager.default.createDirectory(
                at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
            try FileManager.default.copyItem(
                at: URL(filePath: from).resolvingSymlinksInPath(), to: target)
        }
    }

    deinit { aws.stop() }

    /// Replaces a text of the configuration.
    func configure(_ text: String, with other: String) throws {
        let file = URL(filePath: try #require(directory).path)
            .appending(path: "scripts/samconfig.toml")
        let config = try String(contentsOf: file, encoding: .utf8)
        try #require(config.contains(text))
        try config.replacing(text, with: other).write(to: file, atomically: true, encoding: .utf8)
    }

    /// Makes the copy a repository with one commit of this name.
    func commit(tag: String) async throws {
        let place = try #require(directory).path
        for arguments in [
            ["init", "--quiet"], ["add", "template.yaml"],
            [
                "-c", "user.name=Test", "-c", "user.email=test@example.org", "commit", "--quiet",
                "--message", "Test",
            ], ["tag", tag],
        ] {
            let git = try Program(
                "/usr/bin/git", ["-C", place] + arguments,
                environment: ["PATH": "/usr/bin:/bin", "HOME": place])
            guard try await git.ended() == .status(0) else { throw git.failure("git failed") }
        }
    }

    /// Runs it to its end.
    func run(
        _ arguments: [String], tools: String? = nil, environment: [String: String] = [:]
    ) async throws -> Program {
        let program = try Program(
            "\(try #require(directory).path)/scripts/deploy", arguments,
            environment: [
                "PATH": "\(tools ?? PythonTools.programs):/usr/bin:/bin",
                "HOME": try #require(directory).path, "AWS_ENDPOINT_URL": url,
                "AWS_EC2_METADATA_DISABLED": "true",
            ].merging(environment) { $1 })
        _ = try await program.ended()
        return program
    }

    /// What has been done to the stack.
    ///
    /// Ends the stand-in: only then all that it wrote is here.
    func done() throws -> [JSONValue] {
        aws.stop()
        return try aws.output.split(separator: "\n").dropFirst().map { try parse(String($0)) }
    }
}

@Suite("scripts/deploy", .timeLimit(.minutes(60)))
struct DeployTests {
    private static let staging = ["--stage", "staging", "--region", "eu-west-1"]
    private static let access = [
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "key",
    ]

    @Test("deploys without a question, waits for the API, and changes nothing the second time")
    func deploys() async throws {
        let deployer = try Deployer("slow")
        for _ in 0..<2 {
            let program = try await deployer.run(
                Self.staging + ["--packaged"], environment: Self.access)
            #expect(try program.end() == .status(0), "\(program.errors)")
            #expect(program.output.contains(#"{"status":"healthy","build":"v0-before"}"#))
            #expect(
                program.output.contains("INLET_PARTNERS=dynamodb:inlet-staging-partners-staging"))
        }
        let done = try deployer.done()
        #expect(
            done.map { $0["did"]?.string } == [
                "CreateChangeSet", "ExecuteChangeSet", "GET /prod/health", "GET /prod/ready",
                // What is there before is asked for its build.
                "GET /prod/health", "CreateChangeSet", "GET /prod/health", "GET /prod/ready",
            ])
        #expect(done[0]["stack"]?.string == "inlet-staging")
        let parameters = try #require(done[0]["parameters"])
        #expect(parameters.members.map(\.name.string) == ["Architecture", "Build", "Stage"])
        #expect(parameters["Stage"]?.string == "staging")
        #expect(["x86_64", "arm64"].contains(parameters["Architecture"]?.string))
        #expect(done[0]["capabilities"]?.written == #"["CAPABILITY_IAM"]"#)
        #expect(
            done.map { $0["type"]?.string } == ["CREATE", nil, nil, nil, nil, "UPDATE", nil, nil])
    }

    @Test("a creation that fails is an error, and not in the way of the next")
    func secondTry() async throws {
        let deployer = try Deployer("fail-once")
        let failed = try await deployer.run(Self.staging + ["--packaged"], environment: Self.access)
        #expect(try failed.end() == .status(1))
        let program = try await deployer.run(
            Self.staging + ["--packaged"], environment: Self.access)
        #expect(try program.end() == .status(0), "\(program.errors)")
        #expect(
            try deployer.done().map { $0["status"]?.string } == [
                nil, "ROLLBACK_COMPLETE", "ROLLBACK_COMPLETE", nil, "CREATE_COMPLETE", nil, nil,
            ])
    }

    @Test("a dry run says what it would run, without tools, credentials or anybody to ask")
    func dryRun() async throws {
        let deployer = try Deployer()
        let program = try await deployer.run(
            Self.staging + ["--dry-run", "--migrate", "secretsmanager:inlet/owner"],
            tools: "/nowhere")
        #expect(try program.end() == .status(0), "\(program.errors)")
        let commands = program.output.split(separator: "\n").filter { $0.hasPrefix("+ ") }
        #expect(
            commands.map { $0.split(separator: " ").dropFirst().prefix(2).joined(separator: " ") }
                == [
                    "scripts/package", "sam validate", "swift build",
                    ".build/release/inlet --registry",
                    "sam deploy", "curl --silent", "curl --silent",
                ])
        #expect(commands[4].contains("--config-env staging --region eu-west-1"))
        #expect(program.output.contains(#""Stage=staging""#))
        #expect(program.output.contains("Not here: SAM"))
        #expect(try deployer.done().isEmpty)
    }

    @Test("two regions are deployed one after the other: the second reads the first one's table")
    func regions() async throws {
        let deployer = try Deployer()
        let dry = try await deployer.run(
            ["--stage", "production", "--regions", "eu-west-1,us-east-1", "--dry-run"],
            tools: "/nowhere")
        #expect(try dry.end() == .status(0), "\(dry.errors)")
        let lines = dry.output.split(separator: "\n").map(String.init)
        let steps = lines.filter { $0.hasPrefix("parameter ") || $0.contains(" deploy --config") }
        try #require(steps.count == 4)
        #expect(steps[0] == #"parameter ReplicaRegion: "us-east-1""#)
        #expect(steps[1].contains("--config-env production --region eu-west-1"))
        #expect(steps[2] == #"parameter PartnersTableName: "<PartnersTableName>""#)
        #expect(steps[3].contains("--config-env production --region us-east-1"))
        #expect(lines.filter { $0.hasPrefix("+ curl") }.count == 4)

        let program = try await deployer.run(
            ["--stage", "staging", "--regions", "eu-west-1,us-east-1", "--packaged"],
            environment: Self.access)
        #expect(try program.end() == .status(0), "\(program.output)\(program.errors)")
        let parameters = try deployer.done().compactMap { $0["parameters"] }
        #expect(parameters.map { $0["ReplicaRegion"]?.string } == ["us-east-1", nil])
        #expect(
            parameters.map { $0["PartnersTableName"]?.string }
                == [nil, "inlet-staging-partners-staging"])
    }

    @Test("with a key for probes, an event must be published")
    func probe() async throws {
        let deployer = try Deployer()
        var access = Self.access
        access["INLET_PROBE_KEY"] = "planted-key"
        let program = try await deployer.run(Self.staging + ["--packaged"], environment: access)
        #expect(try program.end() == .status(0), "\(program.output)\(program.errors)")
        #expect(!program.output.contains("planted"))
        #expect(!program.errors.contains("planted"))
        let probe = try #require(try deployer.done().last)
        #expect(probe["did"]?.string == "POST /prod/v1/track")
        #expect(probe["user"]?.string == "planted-key:")
        #expect(probe["body"]?["event"]?.string == "Inlet Probe")
        let refusing = try Deployer("refuse-probes")
        let failed = try await refusing.run(Self.staging + ["--packaged"], environment: access)
        #expect(try failed.end() == .status(1))
        #expect(failed.errors.contains("the API did not publish an event"))
    }

    @Test("what was there before is remembered, and can be brought back")
    func rollBack() async throws {
        let deployer = try Deployer()
        let back = Self.staging + ["--roll-back", "--dry-run"]
        let unknown = try await deployer.run(back)
        #expect(try unknown.end() == .status(1))
        #expect(unknown.errors.contains("nothing is known of what was there before"))
        for _ in 0..<2 {
            let program = try await deployer.run(
                Self.staging + ["--packaged"], environment: Self.access)
            #expect(try program.end() == .status(0), "\(program.errors)")
        }
        // The stand-in says that it was built of this.
        try await deployer.commit(tag: "v0-before")
        let program = try await deployer.run(back)
        #expect(try program.end() == .status(0), "\(program.errors)")
        #expect(program.output.contains("back to v0-before in eu-west-1"))
        #expect(
            program.output.contains(
                "+ .build/before-v0-before/scripts/deploy --stage staging --region eu-west-1"))
    }

    @Test("a section for a region stands in the place of the stage's there")
    func sectionOfRegion() async throws {
        let deployer = try Deployer()
        try deployer.configure(
            "[production.deploy.parameters]",
            with: """
                [staging-us-east-1.deploy.parameters]
                stack_name = "inlet-far"
                parameter_overrides = ["file://.build/deploy.yaml", "Stage=staging"]

                [production.deploy.parameters]
                """)
        let program = try await deployer.run(
            ["--stage", "staging", "--regions", "eu-west-1,us-east-1", "--dry-run"])
        #expect(try program.end() == .status(0), "\(program.errors)")
        #expect(program.output.contains("stack inlet-staging in eu-west-1"))
        #expect(program.output.contains("stack inlet-far in us-east-1"))
        #expect(program.output.contains("--config-env staging-us-east-1 --region us-east-1"))
        let unknown = try await deployer.run(
            ["--stage", "staging-us-east-1", "--region", "us-east-1", "--dry-run"])
        #expect(unknown.errors.contains("which has: staging production"))
    }

    @Test(
        "a stage that leaves the package's processor to chance is refused",
        arguments: [
            ("    \"file://.build/deploy.yaml\",\n", "", "must begin with"),
            ("\"file://", "# \"file://", "must begin with"),
            ("\"Stage=", "\"Architecture=x86_64\",\n    \"Stage=", "must not give Architecture"),
        ])
    func processor(text: String, other: String, says: String) async throws {
        let deployer = try Deployer()
        try deployer.configure(text, with: other)
        let program = try await deployer.run(Self.staging + ["--dry-run"])
        #expect(try program.end() == .status(1))
        #expect(program.errors.contains(says))
        #expect(program.output.isEmpty)
    }

    @Test("what is missing is said before anything is built")
    func missing() async throws {
        let deployer = try Deployer()
        let noTools = try await deployer.run(
            Self.staging, tools: "/nowhere", environment: Self.access)
        #expect(try noTools.end() == .status(1))
        #expect(noTools.errors.contains("SAM, AWS's deployment tool, is needed"))
        let noCredentials = try await deployer.run(Self.staging)
        #expect(try noCredentials.end() == .status(1))
        #expect(noCredentials.errors.contains("AWS does not let us in"))
        #expect(noCredentials.errors.contains("Unable to locate credentials"))
        for program in [noTools, noCredentials] {
            #expect(!program.output.contains("package"))
        }
        #expect(try deployer.done().isEmpty)
    }

    @Test(
        "wrong usage is refused, with what is right",
        arguments: [
            ([], "--stage is needed: one of staging production"),
            (["--stage", "test", "--region", "eu-west-1"], "which has: staging production"),
            (["--stage", "staging"], "--region, or AWS_REGION, is needed"),
            (["--stage", "staging", "--region", "Ireland"], "Ireland is no region"),
            (
                ["--stage", "staging", "--region", "eu-west-1,us-east-1"],
                "--region takes one region"
            ),
            (["--stage", "staging", "--regions", "eu-west-1,"], "--regions takes two regions"),
            (
                ["--stage", "staging", "--regions", "eu-west-1,eu-west-1"],
                "--regions takes two different regions"
            ),
            (
                ["--stage", "staging", "--regions", "eu-west-1,us-east-1,us-west-2"],
                "--regions takes two regions"
            ),
            (["--stage"], "--stage needs a value"), (["--now"], "there is no option --now"),
            (
                [
                    "--stage", "staging", "--region", "eu-west-1", "--migrate",
                    "postgresql://u:planted@h/d",
                ],
                "--migrate takes secretsmanager:<id> or ssm:<name>"
            ),
        ])
    func usage(arguments: [String], says: String) throws {
        let program = try Program(
            Tools.script("deploy"), arguments + ["--dry-run"],
            environment: ["PATH": "/usr/bin:/bin"])
        #expect(try program.end() == .status(2))
        #expect(program.errors.contains(says))
        #expect(!program.errors.contains("planted"))
    }
}
