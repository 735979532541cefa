import Delivery
import Formats
import Foundation
import TestSupport
import Testing

@Suite("The template as CloudFormation gets it", .timeLimit(.minutes(60)))
struct SAMTransformTests {
    private func transform(
        _ command: String, _ template: String, _ variant: String...
    ) async throws -> Program {
        let program = try Program(
            try Tools.python("python"), [Tools.samTransform, command, template] + variant,
            environment: ["PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"])
        _ = try await program.ended()
        return program
    }

    private func resources(of variant: String) async throws -> JSONValue {
        let program = try await transform("print", Tools.template, variant)
        guard try program.end() == .status(0) else {
            throw program.failure("could not transform the template")
        }
        return try #require(try parse(program.output)["Resources"])
    }

    @Test("functions that read the registry are in the subnets, the one that calls Segment is not")
    func subnets() async throws {
        let resources = try await resources(of: "vpc")
        for name in ["Ingest", "Authorizer", "Migrator"] {
            let subnets = resources[name]?["Properties"]?["VpcConfig"]?["SubnetIds"]
            #expect(subnets?.written == #"["subnet-0a1b2c3d", "subnet-0c2d3e4f"]"#)
        }
        let forwarder = try #require(resources["Forwarder"]?["Properties"])
        #expect(forwarder["VpcConfig"] == nil)
        let outside = try await self.resources(of: "default")
        #expect(outside["Ingest"]?["Properties"]?["VpcConfig"] == nil)
    }

    @Test(
        "the API has one public stage, and a failed creation leaves nothing in the next one's way")
    func creation() async throws {
        let resources = try await resources(of: "relay")
        var kept: [String] = []
        for member in resources.members {
            let type = member.value["Type"]?.string
            if type == "AWS::ApiGateway::Deployment" {
                #expect(member.value["Properties"]?["StageName"] == nil)
            }
            // SAM keeps versions, whose names are never used again, and logs go with the stack.
            if type == "AWS::Lambda::Version" || type == "AWS::Logs::LogGroup" { continue }
            if let policy = member.value["DeletionPolicy"]?.string {
                #expect(policy == "RetainExceptOnCreate")
                kept.append(member.name.string ?? "")
            }
        }
        #expect(
            kept.sorted() == [
                "ArchiveFiles", "PartnersTable", "RejectedQueue", "RelayDeadLetters", "Undelivered",
            ])
        let table = try #require(resources["PartnersTable"])
        #expect(table["Type"]?.string == "AWS::DynamoDB::GlobalTable")
        let replicas = table["Properties"]?["Replicas"].map { Array($0.elements) } ?? []
        #expect(replicas.map { $0["DeletionProtectionEnabled"]?.string } == ["false"])
    }

    @Test("every function and every role has its stage")
    func stage() async throws {
        let resources = try await resources(of: "staging")
        for member in resources.members
        where member.value["Type"]?.string == "AWS::Lambda::Function" {
            let variables = member.value["Properties"]?["Environment"]?["Variables"]
            #expect(variables?["INLET_STAGE"]?.string == "staging", "\(member.name.string ?? "")")
        }
    }

    @Test(
        "a front has its own resources and its own alarm, and an authorizer where it can have one",
        arguments: [
            ("default", "AWS::ApiGateway::RestApi", "5XXError", true),
            ("http-dynamodb-none", "AWS::ApiGatewayV2::Api", "5xx", true),
            ("url-dynamodb-none", "AWS::Lambda::Url", "Url5xxCount", false),
        ])
    func fronts(variant: String, type: String, metric: String, hasAuthorizer: Bool) async throws {
        let resources = try await resources(of: variant)
        let types = resources.members.compactMap { $0.value["Type"]?.string }
        let all = ["AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api", "AWS::Lambda::Url"]
        #expect(types.filter(all.contains) == [type])
        let alarm = resources["ServerErrorsAlarm"]?["Properties"]
        #expect(alarm?["MetricName"]?.string == metric)
        for name in [
            "Authorizer", "AuthorizerRole", "AuthorizerLogs", "AuthorizerErrorsAlarm",
            "AuthorizerThrottlesAlarm",
        ] {
            #expect((resources[name] != nil) == hasAuthorizer, "\(name)")
        }
        let variables = resources["Authorizer"]?["Properties"]?["Environment"]?["Variables"]
        let form = variables?["INLET_AUTHORIZER_RESPONSE"]?.string
        #expect(form == (type == "AWS::ApiGatewayV2::Api" ? "simple" : nil))
    }

    @Test(
        "a front that cannot have what is asked for is refused",
        arguments: ["http-firewall", "url-firewall", "url-domain"])
    func refusedFronts(variant: String) async throws {
        let program = try await transform("lint", Tools.template, variant)
        #expect(try program.end() == .status(1))
        let what = variant.hasSuffix("firewall") ? "Firewall=on" : "DomainName"
        #expect(program.output.contains("\(what) needs Front=rest"), "\(program.output)")
    }

    @Test(
        "each stack has a reader of its own, by day and partner, unless it is told to have none",
        arguments: [
            ("default", "inlet/", "GZIP"), ("archive", "inlet/", "GZIP"),
            ("parquet-archive", "inlet-parquet/", "UNCOMPRESSED"), ("no-archive", nil, ""),
        ])
    func archive(variant: String, root: String?, compression: String) async throws {
        let resources = try await resources(of: variant)
        let archive = resources.members.compactMap(\.name.string).filter {
            $0.hasPrefix("Archive")
        }
        guard let root else { return #expect(archive == []) }
        #expect((resources["ArchiveFiles"] != nil) == (variant != "archive"))
        #expect((resources["ArchiveFilesPolicy"] != nil) == (variant != "archive"))
        let stream = resources["ArchiveStream"]?["Properties"]
        let files = try #require(stream?["ExtendedS3DestinationConfiguration"])
        let prefix = files["Prefix"]?["Fn::Join"]?.element(at: 1)?.elements
        #expect(
            prefix?.compactMap(\.string).joined() == root
                + "day=!{timestamp:yyyy-MM-dd}/partner=!{partitionKeyFromQuery:partner}/")
        #expect(files["CompressionFormat"]?.string == compression)
        let isParquet = compression == "UNCOMPRESSED"
        #expect((files["DataFormatConversionConfiguration"] != nil) == isParquet)
        // Raw, a message would not say whose it is.
        let subscription = resources["ArchiveSubscription"]?["Properties"]
        #expect(subscription != nil && subscription?["RawMessageDelivery"] == nil)
        #expect(subscription?["RedrivePolicy"]?["deadLetterTargetArn"] != nil)
    }

    @Test("a bucket for an archive that there is not is refused")
    func refusedArchive() async throws {
        let program = try await transform("lint", Tools.template, "bucket-without-archive")
        #expect(try program.end() == .status(1))
        #expect(program.output.contains("ArchiveBucket needs Archive=json"), "\(program.output)")
    }

    @Test(
        "with a sink of one's own, ingest waits for the right to publish to it, and keeps the topic's",
        arguments: [
            ("sink-queue", "arn:aws:sqs:eu-west-1:123456789012:messages"),
            ("sink-stream", "arn:aws:kinesis:eu-west-1:123456789012:stream/messages"),
            ("sink-firehose", "arn:aws:firehose:eu-west-1:123456789012:deliverystream/messages"),
        ])
    func sinks(variant: String, arn: String) async throws {
        let resources = try await resources(of: variant)
        let variables = resources["Ingest"]?["Properties"]?["Environment"]?["Variables"]
        #expect(variables?["INLET_TOPIC_ARN"]?.string == arn)
        let sink = try #require(Sink(arn: arn))
        let own = resources["PublishToSink"]?["Properties"]?["PolicyDocument"]?["Statement"]
        let statement = try #require(own?.element(at: 0))
        #expect(statement["Resource"]?.string == arn)
        let actions = statement["Action"].map { Array($0.elements) } ?? []
        #expect(actions.compactMap(\.string) == [sink.service.right, sink.service.inquiry])
        let role = resources["IngestRole"]?["Properties"]?["Policies"]?.written ?? ""
        // Until the last request has moved, the version before publishes to the topic.
        #expect(role.contains("Messages") && role.contains("Rejected"))
        let tags = resources["Ingest"]?["Properties"]?["Tags"]?.written ?? ""
        #expect(tags.contains("PublishToSink"))
        #expect(try await self.resources(of: "default")["PublishToSink"] == nil)
        // It reads the topic, which has no messages.
        #expect(resources["ArchiveStream"] == nil)
    }

    @Test("a stream is read by relay and loader, each at its own place, and a queue by the loader")
    func sinkReaders() async throws {
        let stream = try await resources(of: "sink-stream-both")
        for (name, function) in [("Relay", "Forwarder"), ("Warehouse", "Loader")] {
            let mapping = try #require(stream["\(name)StreamMapping"]?["Properties"])
            #expect(mapping["EventSourceArn"]?.string?.hasSuffix(":stream/messages") == true)
            #expect(mapping["FunctionName"]?["Ref"]?.string == function)
            #expect(mapping["FunctionResponseTypes"]?.written == #"["ReportBatchItemFailures"]"#)
            let alarm = try #require(stream["\(name)LagAlarm"]?["Properties"])
            #expect(alarm["MetricName"]?.string == "IteratorAge")
            #expect(alarm["Dimensions"]?.written.contains(function) == true)
            // There is nothing to move: a dead letter has no message.
            let letters = stream["\(name)DeadLettersAlarm"]?["Properties"]?["AlarmDescription"]
            #expect(letters?.string?.contains("read that part of the stream again") == true)
        }
        let filter = try #require(
            stream["RelayStreamMapping"]?["Properties"]?["FilterCriteria"]?["Filters"]?
                .element(at: 0)?["Pattern"]?.string)
        // The relay takes what its subscription of the topic would let through.
        let topic = try await resources(of: "relay")["RelaySubscription"]?["Properties"]
        let senders = try #require(topic?["FilterPolicy"]?["sender"]?.written)
        #expect(
            try parse(filter)["data"]?["attributes"]?["sender"]?.written == senders)
        let queue = try await resources(of: "sink-fifo-loader")
        let mapping = try #require(queue["WarehouseSinkMapping"]?["Properties"])
        #expect(mapping["BatchSize"]?.int == 10)
        #expect(mapping["MaximumBatchingWindowInSeconds"] == nil)
        #expect(queue["WarehouseStreamMapping"] == nil && stream["WarehouseSinkMapping"] == nil)
        #expect(queue["WarehouseDeadLettersAlarm"] == nil && queue["WarehouseLagAlarm"] != nil)
    }

    @Test(
        "a sink that cannot be read, is not named, or is another than it is called, is refused",
        arguments: [
            ("sink-without-arn", "needs SinkArn"), ("sink-of-no-kind", "SinkArn needs a Sink"),
            ("sink-of-another-kind", "not the ARN of what Sink says"),
            ("sink-of-no-order", "not the ARN of what Sink says"),
            ("sink-of-order", "not the ARN of what Sink says"),
            ("sink-no-arn", "SinkArn must be the ARN of"),
            ("sink-archive", "ArchiveBucket needs"),
            ("sink-queue-relay", "The relay needs"), ("sink-firehose-loader", "no Sink=firehose"),
        ])
    func refusedSinks(variant: String, words: String) async throws {
        let program = try await transform("lint", Tools.template, variant)
        #expect(try program.end() == .status(1))
        #expect(program.output.contains(words), "\(program.output)")
    }

    @Test("signing secrets may be read in both places that a partner's record may name")
    func signingSecrets() async throws {
        let policy = try await resources(of: "json-partners")["ReadSigningSecrets"]
        let document = try #require(policy?["Properties"]?["PolicyDocument"])
        func readable(by action: String) -> [String] {
            (document["Statement"].map { Array($0.elements) } ?? []).filter { statement in
                let actions = statement["Action"]
                return actions?.string == action
                    || actions?.elements.contains { $0.string == action } == true
            }.compactMap { $0["Resource"]?.string }
        }
        let parameters = "arn:aws:ssm:eu-west-1:123456789012:parameter/inlet/*"
        #expect(readable(by: "ssm:GetParameter") == [parameters])
        #expect(readable(by: "ssm:GetParameters") == [parameters])
        #expect(
            readable(by: "secretsmanager:GetSecretValue")
                == ["arn:aws:secretsmanager:eu-west-1:123456789012:secret:/inlet/*"])
        #expect(readable(by: "secretsmanager:BatchGetSecretValue") == ["*"])
    }

    /// A line of the template, what stands there instead, and what must be said of it.
    struct Slip: Sendable {
        let line: String
        let instead: String
        let says: String
    }

    @Test(
        "what CloudFormation would refuse is found in each variant that has it",
        arguments: [
            Slip(
                line: "MessageRetentionPeriod: 1209600", instead: "MessageRetentionPeriod: 1209601",
                says: "E3034 Resources/RejectedQueue/Properties/MessageRetentionPeriod"
            ),
            Slip(
                line: "Default: us\n", instead: "NoEcho: true\n    Default: us\n",
                says: "SegmentEndpoint: a secret is a reference"),
            Slip(line: "    Default: us\n", instead: "", says: "SegmentEndpoint has no default"),
        ])
    func slips(slip: Slip) async throws {
        let directory = try TemporaryDirectory()
        let text = try String(contentsOfFile: Tools.template, encoding: .utf8)
        try #require(text.contains(slip.line))
        let template = try directory.write(
            "template.yaml", text.replacing(slip.line, with: slip.instead))
        let program = try await transform("lint", template, "default")
        #expect(try program.end() == .status(1))
        #expect(program.output.contains(slip.says), "\(program.output)\(program.errors)")
    }

    @Test("the template is as it should be in every variant")
    func variants() async throws {
        let program = try await transform("lint", Tools.template)
        #expect(try program.end() == .status(0), "\(program.output)\(program.errors)")
        for variant in ["default", "relay", "owner-secret", "json-partners", "vpc", "hardened"] {
            #expect(program.output.contains("\(variant): nothing found"))
        }
        for front in ["http", "url"] {
            for registry in ["dynamodb", "postgresql", "secret"] {
                for consumer in ["none", "relay", "loader", "both"] {
                    let variant = "\(front)-\(registry)-\(consumer)"
                    #expect(program.output.contains("\(variant): nothing found"), "\(variant)")
                }
            }
        }
    }

    @Test("checkov finds nothing in any variant but what the template leaves out with a reason")
    func policies() async throws {
        let program = try await transform("policies", Tools.template, try Tools.check("checkov"))
        #expect(try program.end() == .status(0), "\(program.output)\(program.errors)")
        #expect(program.output.contains("checkov: hardened: 4 variants"))
    }

    @Test(
        "a parameter of the stack takes hashes and references, and no secret",
        arguments: [
            (#"[{"name":"a","webhook_token":"sha256:HASH"}]"#, true),
            (
                #"[{"name":"a","webhook_token":["sha256:HASH",{"token":"sha256:HASH","expires_at":"2026-01-06T10:00:00.000Z"}]}]"#,
                true
            ),
            (
                #"[{"name":"a","webhook_token":"sha256:HASH","validation_config":{"signing":{"scheme":"segment","secrets":["ssm:/a","secretsmanager:b"]}}}]"#,
                true
            ),
            ("dynamodb:arn:aws:dynamodb:eu-west-1:123456789012:table/partners", true),
            (#"[{"name":"a","webhook_token":"planted"}]"#, false),
            (#"[{"name":"a","webhook_token":["sha256:HASH" , "planted"]}]"#, false),
            (#"[{"name":"a","webhook_token":[{"token":"planted"}]}]"#, false),
            ("[{\"name\":\"a\",\n\"webhook_token\" :\n\"planted\"}]", false),
            (
                #"[{"name":"a","webhook_token":"sha256:HASH","validation_config":{"signing":{"scheme":"segment","secrets":["ssm:/a","planted"]}}}]"#,
                false
            ),
            ("postgresql://inlet:planted@db/inlet", false),
        ])
    func partners(value: String, isTaken: Bool) throws {
        let text = try String(contentsOfFile: Tools.template, encoding: .utf8)
        let line = try #require(text.split(separator: "\n").first { $0.contains("webhook_token") })
        let pattern = try #require(line.split(separator: "'").dropFirst().first)
        let value = value.replacing("HASH", with: String(repeating: "0", count: 64))
        #expect((value.wholeMatch(of: try Regex(String(pattern))) != nil) == isTaken)
    }
}
