import AWS
import Formats
import Foundation
import Platform
import TestSupport
import Testing
import Tracking

@testable import inlet

@Suite("An archive that is looked at", .timeLimit(.minutes(60)))
struct ArchiveTests {
    private static let now = Timestamp(rfc3339: "2026-01-08T00:00:00Z".utf8)

    /// A person whose archive is that of the stand-in.
    private func person(_ archive: S3StandIn, root: String = "inlet/") throws -> Operator {
        try Operator(
            [
                "INLET_ARCHIVE": "s3://\(S3StandIn.bucket)/\(root)",
                "AWS_ENDPOINT_URL_S3": archive.url, "AWS_REGION": "eu-west-1",
                "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "key",
                "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            ], migrated: false)
    }

    private func look(_ person: Operator, _ options: String...) -> Operator.Result {
        person.run(["archive", "replay", "--dry-run", "--json"] + options, at: Self.now)
    }

    /// `day partner count` of each line of the result.
    private func groups(_ result: Operator.Result) throws -> [String] {
        try #require(try result.json()["groups"]).elements.map { group in
            let words = [group["day"]?.string, group["partner"]?.string].map { $0 ?? "?" }
            return "\(words.joined(separator: " ")) \(group["messages"]?.int ?? -1)"
        }
    }

    private static func key(_ day: String, _ partner: String, _ name: String = "a.gz") -> String {
        "inlet/day=\(day)/partner=\(partner)/\(name)"
    }

    @Test("messages are counted by day and partner, whatever their files are like")
    func counts() throws {
        let one = ArchiveLine.gzip([ArchiveLine.envelope("m-1")])
        let two = ArchiveLine.gzip(["", ArchiveLine.envelope("m-2"), ArchiveLine.envelope("m-3")])
        let plain =
            ArchiveLine.envelope("m-4", partner: "shop") + "\r\n\n"
            + ArchiveLine.envelope("m-5", partner: "shop", at: "2026-01-06T00:00:00.000Z")
        let archive = try S3StandIn([
            // Several members in one file, and the last line without an end.
            Self.key("2026-01-05", "web-app"): one + two, Self.key("2026-01-05", "empty"): [],
            Self.key("2026-01-05", "nothing"): ArchiveLine.gzip([]),
            Self.key("2026-01-05", "shop"): Array(plain.utf8),
            "inlet/other.gz": one, "inlet-failed/a.gz": one,
        ])
        defer { archive.stop() }
        let result = look(try person(archive), "--since", "2026-01-05", "--until", "2026-01-07")
        #expect(result.code == 0, "\(result.errors)")
        #expect(
            try groups(result) == [
                "2026-01-05 shop 1", "2026-01-05 web-app 3", "2026-01-06 shop 1",
            ])
        #expect(try result.json()["published"]?.int == 0)
        let table = try person(archive).run(
            ["archive", "replay", "--dry-run", "--since", "3d"], at: Self.now)
        #expect(table.output.contains("2026-01-05  web-app  3\n"), "\(table.output)")
        #expect(table.errors.contains("5 messages of 3 files would be published."))
    }

    @Test(
        "a time is SNS's, its begin counts and its end does not, and a day's file may hold the next"
    )
    func window() throws {
        let lines = [
            "2026-01-04T23:59:59.999Z", "2026-01-05T00:00:00.000Z", "2026-01-05T23:59:59.999Z",
            "2026-01-06T00:00:00.000Z",
        ].map { ArchiveLine.envelope($0, at: $0) }
        let archive = try S3StandIn([
            Self.key("2026-01-04", "web-app"): ArchiveLine.gzip(Array(lines[..<2])),
            Self.key("2026-01-05", "web-app"): ArchiveLine.gzip([lines[2]]),
            Self.key("2026-01-07", "web-app"): ArchiveLine.gzip([lines[3]]),
        ])
        defer { archive.stop() }
        let person = try person(archive)
        let day = look(person, "--since", "2026-01-05", "--until", "2026-01-06")
        #expect(try groups(day) == ["2026-01-05 web-app 2"])
        #expect(try day.json()["leftOut"]?.int == 2)
        #expect(
            archive.targets.filter { $0.contains("prefix") }.map { $0.suffix(10) }
                == [
                    "2026-01-04/", "2026-01-05/", "2026-01-06/", "2026-01-07/",
                ].map { $0.suffix(10) })
        let moment = look(person, "--since", "2026-01-05T23:59:59.999Z")
        #expect(try groups(moment) == ["2026-01-05 web-app 1", "2026-01-06 web-app 1"])
        // What comes from now on is never in it.
        let future = look(person, "--since", "3d", "--until", "2027-01-01")
        #expect(try future.json()["until"]?.string == "2026-01-08T00:00:00.000Z")
    }

    @Test("only the folders of the partners that are asked for are listed, whatever their names")
    func partners() throws {
        let names = ["a/b", "b", "b-2", "web app"]
        var objects: [String: [UInt8]] = [:]
        for name in names + ["b-3", "other"] {
            objects[Self.key("2026-01-05", PercentEncoding.encode(name))] =
                ArchiveLine.gzip([ArchiveLine.envelope("m", partner: name)])
        }
        let archive = try S3StandIn(objects)
        defer { archive.stop() }
        let options = names.flatMap { ["--partner", $0] }
        let result = try person(archive).run(
            ["archive", "replay", "--dry-run", "--json", "--since", "2026-01-05"] + options,
            at: Self.now)
        #expect(try groups(result) == names.map { "2026-01-05 \($0) 1" })
        #expect(
            !archive.targets.contains { $0.hasPrefix("/archive/inlet/") && $0.contains("other") })
    }

    @Test("types and ids choose too")
    func filters() throws {
        let archive = try S3StandIn([
            Self.key("2026-01-05", "web-app"): ArchiveLine.gzip(
                ["m-1", "m-2"].map { ArchiveLine.envelope($0) }
                    + [ArchiveLine.envelope("m-3", type: "page")])
        ])
        defer { archive.stop() }
        let person = try person(archive)
        for (option, value, count) in [
            ("--type", "page", 1), ("--message-id", "m-2", 1), ("--event", "Order Shipped", 2),
            ("--sender", "partner", 0),
        ] {
            let result = look(person, "--since", "2026-01-05", option, value)
            #expect(try result.json()["chosen"]?.int == count, "\(option)")
        }
    }

    @Test("keys that fill several pages are all read, in order, and --after begins behind one")
    func pages() throws {
        var objects: [String: [UInt8]] = [:]
        let keys = (0..<7).map { Self.key("2026-01-0\(5 + $0 / 5)", "web-app", "\($0).gz") }
        for key in keys { objects[key] = ArchiveLine.gzip([ArchiveLine.envelope(key)]) }
        let archive = try S3StandIn(objects, page: 2)
        defer { archive.stop() }
        let person = try person(archive)
        func read(_ options: String...) throws -> [String] {
            let before = archive.targets.count
            let result = person.run(
                ["archive", "replay", "--dry-run", "--json", "--since", "2026-01-05"] + options,
                at: Self.now)
            #expect(result.code == 0, "\(result.errors)")
            return archive.targets[before...].filter { $0.hasPrefix("/archive/") }
                .map { String($0.dropFirst(9)) }
        }
        #expect(try read() == keys)
        for (place, key) in keys.enumerated() {
            #expect(try read("--after", key) == Array(keys[(place + 1)...]))
        }
    }

    @Test("what cannot be read is named by file and line, and the rest is read")
    func damages() throws {
        let lines = (1...3).map { ArchiveLine.envelope("m-\($0)") }
        let whole = ArchiveLine.gzip(lines)
        let others = [
            "not JSON", "{}", #"{"Message":"{}"}"#, ArchiveLine.message("m"),
            ArchiveLine.envelope("m", text: "not JSON"), ArchiveLine.envelope("m", text: "{}"),
            ArchiveLine.envelope("m", at: "noon"),
            #"{"rawData":"*"}"#, #"{"rawData":"e30="}"#,
        ]
        let archive = try S3StandIn([
            Self.key("2026-01-05", "a"): Array(whole.dropLast(20)),
            Self.key("2026-01-05", "b"): ArchiveLine.gzip(others + lines),
            Self.key("2026-01-05", "c"): Array(whole.dropLast(4)) + [1, 2, 3, 4],
        ])
        defer { archive.stop() }
        let result = look(try person(archive), "--since", "2026-01-05")
        #expect(result.code == 1)
        let report = try result.json()
        // The last line of the first file is not whole.
        #expect(report["chosen"]?.int == 2 + 3 + 3)
        #expect(report["failed"]?.int == 1 + others.count + 1)
        let problems = try #require(report["problems"]).elements.map {
            "\($0["file"]?.string?.split(separator: "/").dropLast().last ?? "") "
                + "\($0["line"]?.int ?? 0) \($0["reason"]?.string ?? "")"
        }
        let damage = "The file is cut short or damaged; what comes before that was read."
        let other = "It is not a message of Inlet's."
        #expect(problems.contains("partner=a 0 \(damage)"))
        #expect(problems.filter { $0.hasPrefix("partner=b") } == ["partner=b 1 \(other)"])
        #expect(problems.contains("partner=c 0 \(damage)"))
    }

    @Test("a line that is too long is left out, and named")
    func longLine() throws {
        let long = String(repeating: "x", count: ArchiveLines.maximumLine + 1)
        var seen: [String] = []
        try ArchiveLines.read(Array("a\n\(long)\nb\n\(long)".utf8)) { line, number in
            seen.append("\(number) \(line.map { String(decoding: $0, as: UTF8.self) } ?? "-")")
            return true
        }
        #expect(seen == ["1 a", "2 -", "3 b", "4 -"])
    }

    @Test("where Inlet publishes to Firehose itself, its own envelope is read")
    func ownForm() throws {
        let text = ArchiveLine.message("m-1")
        let line =
            #"{"attributes":{"type":"track","partner":"crm","sender":"partner","auth":"signed","#
            + #""messageId":"m-1","requestId":"r-1"},"message":\#(text)}"#
        let message = try #require(ArchivedMessage(line: Array(line.utf8)))
        #expect(message.message.json == Array(text.utf8))
        #expect(message.message.origin.partner == "crm")
        #expect(message.publishedAt.rfc3339 == "2026-01-05T10:00:00.500Z")
        #expect(message.item?.requestID == "r-1")
    }

    @Test(
        "lines that Firehose found no place for are read, and so are those that Athena has written")
    func otherForms() throws {
        let line = ArchiveLine.envelope("m-1")
        let athena =
            #"{"type":"Notification","message":"# + quoted(ArchiveLine.message("m-2"))
            + #","timestamp":"2026-01-05T10:00:00.000Z","messageattributes":{"#
            + #""type":{"type":"String","value":"track"},"event":null,"#
            + #""partner":{"type":"String","value":"crm"},"auth":{"type":"String","value":"signed"},"#
            + #""sender":{"type":"String","value":"partner"},"#
            + #""requestid":{"type":"String","value":"r-2"}}}"#
        let archive = try S3StandIn([
            "inlet-failed/processing-failed/2026-01-05/a.gz": ArchiveLine.gzip([
                ArchiveLine.failed(line), ArchiveLine.failed(line + "\n"),
            ]),
            "inlet-failed/format-conversion-failed/2026-01-05/b": Array(athena.utf8),
        ])
        defer { archive.stop() }
        let result = look(try person(archive), "--failed")
        #expect(try groups(result) == ["2026-01-05 crm 1", "2026-01-05 web-app 2"])
        let message = try #require(ArchivedMessage(line: Array(athena.utf8)))
        #expect(message.message.json == Array(ArchiveLine.message("m-2").utf8))
        #expect(message.message.origin.authentication == .signed)
        #expect(message.item?.requestID == "r-2")
    }

    private func quoted(_ text: String) -> String {
        var writer = JSONWriter()
        writer.string(text)
        return writer.text
    }

    @Test("Parquet is told apart, with what to do about it")
    func parquet() throws {
        let bytes = Array("PAR1 and so on PAR1".utf8)
        let archive = try S3StandIn(["inlet-parquet/day=2026-01-05/partner=a/b.parquet": bytes])
        defer { archive.stop() }
        for root in ["inlet/", "inlet-parquet/"] {
            let result = try person(archive, root: root).run(
                ["archive", "replay", "--dry-run", "--since", "2026-01-05"], at: Self.now)
            #expect(result.code == 1)
            #expect(result.errors.contains("is Parquet, which is not read here"))
            #expect(result.errors.contains("UNLOAD (SELECT"), "\(result.errors)")
        }
    }

    @Test("lines that cannot be read are shown by file, so that those of one do not hide others")
    func grouped() throws {
        let bad = Array(repeating: "not JSON", count: 150)
        let archive = try S3StandIn([
            Self.key("2026-01-05", "a"): ArchiveLine.gzip(bad),
            Self.key("2026-01-05", "b"): ArchiveLine.gzip(["", "not JSON"]),
        ])
        defer { archive.stop() }
        let person = try person(archive)
        let result = look(person, "--since", "2026-01-05")
        let problems = try #require(try result.json()["problems"]).elements
        #expect(problems.map { $0["lines"]?.int } == [150, 1])
        #expect(problems.map { $0["line"]?.int } == [1, 2])
        #expect(try result.json()["failed"]?.int == 151)
        let table = person.run(
            ["archive", "replay", "--dry-run", "--since", "2026-01-05"], at: Self.now)
        #expect(table.output.contains("1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 140 more"))
        #expect(table.output.contains("partner=b"), "\(table.output)")
    }

    @Test("a file that cannot be had is named, and the others are read")
    func unreadableObjects() throws {
        let file = ArchiveLine.gzip([ArchiveLine.envelope("m-1")])
        var objects = ["a", "b", "c", "e"].map { Self.key("2026-01-05", $0) }
            .reduce(into: [:]) { $0[$1] = file }
        objects[Self.key("2026-01-05", "d")] = Array("PAR1 and so on PAR1".utf8)
        let faults = [
            "/partner%3Da/": (403, "AccessDenied"), "/partner%3Db/": (403, "InvalidObjectState"),
            "/partner%3Dc/": (400, "KMS.DisabledException"),
        ]
        let archive = try S3StandIn(objects) { _, target in
            faults.first { target.contains($0.key) }.map {
                S3StandIn.error($0.value.0, $0.value.1)
            }
        }
        defer { archive.stop() }
        let result = look(try person(archive), "--since", "2026-01-05")
        #expect(result.code == 1)
        let report = try result.json()
        #expect(report["chosen"]?.int == 1)
        let reasons = try #require(report["problems"]).elements.map { $0["reason"]?.string ?? "" }
        #expect(
            reasons == [
                "The file cannot be had: AccessDenied (HTTP 403): No.",
                "The file is in cold storage: restore it first.",
                "The file cannot be had: KMS.DisabledException (HTTP 400)",
                "The file is Parquet.",
            ])
        #expect(result.errors.contains("partner=d/a.gz is Parquet"), "\(result.errors)")
    }

    @Test("a bucket whose files may all not be read is not asked for each of them")
    func denied() throws {
        var objects: [String: [UInt8]] = [:]
        for number in 0..<40 { objects[Self.key("2026-01-05", "a", "\(number)")] = [1] }
        let archive = try S3StandIn(objects) { _, target in
            target.contains("?") ? nil : S3StandIn.error(403, "AccessDenied")
        }
        defer { archive.stop() }
        let result = look(try person(archive), "--since", "2026-01-05")
        #expect(result.code == 1)
        #expect(result.errors.contains("AccessDenied"), "\(result.errors)")
        #expect(archive.targets.filter { $0.hasPrefix("/archive/") }.count == 20)
    }

    @Test("a file larger than a part is read part by part, and each is tried again by itself")
    func parts() throws {
        let blank = Array(repeating: UInt8(ascii: " "), count: 1 << 20) + [0x0A]
        var bytes = Array((ArchiveLine.envelope("m-1") + "\n").utf8)
        for _ in 0..<9 { bytes += blank }
        bytes += Array(ArchiveLine.envelope("m-2").utf8)
        let archive = try S3StandIn([Self.key("2026-01-05", "a"): bytes]) { number, _ in
            // The first call lists the day before.
            number == 4 ? S3StandIn.error(503, "SlowDown") : nil
        }
        defer { archive.stop() }
        let result = look(
            try person(archive), "--since", "2026-01-05", "--until", "2026-01-06")
        #expect(try result.json()["chosen"]?.int == 2, "\(result.errors)")
        let ranges = archive.server.requests.compactMap { $0["range"] }
        let end = bytes.count - 1
        #expect(
            ranges == ["bytes=0-8388607", "bytes=8388608-\(end)", "bytes=8388608-\(end)"])
    }

    @Test("a file that is another one before all its parts are read is left out")
    func changedParts() throws {
        let key = Self.key("2026-01-05", "a")
        let line = Array((ArchiveLine.envelope("m-1") + "\n").utf8)
        let bytes = line + Array(repeating: 0x20, count: 9 << 20)
        // As long as the first, so that nothing else tells.
        let other = Array(repeating: 0x20, count: 9 << 20) + line
        let archive = try S3StandIn(
            [key: bytes, Self.key("2026-01-05", "b"): line], changes: [key: other])
        defer { archive.stop() }
        let result = look(
            try person(archive), "--since", "2026-01-05", "--until", "2026-01-06")
        #expect(result.code == 1)
        let report = try result.json()
        #expect(report["chosen"]?.int == 1, "\(result.errors)")
        let reasons = try #require(report["problems"]).elements.map { $0["reason"]?.string }
        #expect(reasons == ["The file has changed since it was listed."])
    }

    @Test(
        "without a tag that S3 would match, parts are read all the same",
        arguments: ["", "\"\"", "W/\"1\"", "plain", "\"a\r\nX-Other: b\""])
    func unusableTag(tag: String) throws {
        let line = Array((ArchiveLine.envelope("m-1") + "\n").utf8)
        let blank = Array(repeating: UInt8(ascii: " "), count: 1 << 20) + [0x0A]
        let bytes = line + (0..<9).flatMap { _ in blank }
        let archive = try S3StandIn([Self.key("2026-01-05", "a"): bytes], tag: tag)
        defer { archive.stop() }
        let result = look(
            try person(archive), "--since", "2026-01-05", "--until", "2026-01-06")
        #expect(try result.json()["chosen"]?.int == 1, "\(result.errors)")
        #expect(archive.server.requests.allSatisfy { $0["if-match"] == nil })
        #expect(archive.server.requests.allSatisfy { $0["x-other"] == nil })
    }

    @Test("a part that was not asked for is not taken for the whole")
    func unaskedPart() throws {
        let file = ArchiveLine.gzip([ArchiveLine.envelope("m-1")])
        let archive = try S3StandIn([Self.key("2026-01-05", "a"): file]) { _, target in
            target.contains("?") ? nil : .response(status: 206, body: Array(file.prefix(20)))
        }
        defer { archive.stop() }
        let result = look(try person(archive), "--since", "2026-01-05")
        #expect(result.code == 1)
        #expect(result.errors.contains("206"), "\(result.errors)")
    }

    // MARK: - Nothing, or not that

    @Test("where no file is, the places that were searched are named")
    func nothing() throws {
        let archive = try S3StandIn([
            "inlet/2026/01/05/a.gz": ArchiveLine.gzip([ArchiveLine.envelope("m-1")])
        ])
        defer { archive.stop() }
        let result = look(try person(archive), "--since", "2026-01-05")
        #expect(result.code == 1)
        #expect(
            result.errors.contains(
                "there is no file below s3://archive/inlet/day=2026-01-04/, "
                    + "s3://archive/inlet/day=2026-01-05/, s3://archive/inlet/day=2026-01-06/ "
                    + "and 3 more"), "\(result.errors)")
        let person = try Operator(migrated: false)
        _ = try person.directory.write("archive/.hidden", "")
        let folder = look(person, "--from", "\(person.directory.path)/archive")
        #expect(folder.code == 1)
        #expect(folder.errors.contains("there is no file below"), "\(folder.errors)")
    }

    @Test("--after takes a key with its bucket, and nothing that is not in the archive")
    func after() throws {
        let keys = ["1", "2", "3"].map { Self.key("2026-01-05", "a", $0) }
        let file = ArchiveLine.gzip([ArchiveLine.envelope("m-1")])
        var objects = keys.reduce(into: [:]) { $0[$1] = file }
        objects["other/1"] = file
        objects["inlet-failed/1"] = file
        let archive = try S3StandIn(objects)
        defer { archive.stop() }
        let person = try person(archive)
        for name in [keys[0], "s3://archive/\(keys[0])"] {
            let rest = look(person, "--since", "2026-01-05", "--after", name)
            #expect(try rest.json()["chosen"]?.int == 2, "\(rest.errors)")
        }
        let last = look(person, "--since", "2026-01-05", "--after", keys[2])
        #expect(last.code == 0, "\(last.errors)")
        for name in [
            "1", "zzz", "other/1", "inlet-failed/1", "inlet/", "s3://bucket/\(keys[0])",
            keys[0] + "0", String(keys[0].dropLast()), "/\(keys[0])",
        ] {
            let result = look(person, "--since", "2026-01-05", "--after", name)
            #expect(result.code == 2, "\(name): \(result.errors)")
            #expect(result.errors.contains("\(name) is not there"), "\(result.errors)")
        }
        #expect(look(person, "--failed", "--after", "inlet-failed/1").code == 0)
        #expect(look(person, "--failed", "--after", keys[0]).code == 2)
    }

    // MARK: - S3 at fault

    @Test("a listing that does not go on ends, and keys that were not asked for are not taken")
    func listings() throws {
        @Sendable
        func page(_ keys: [String], _ token: String) -> SocketServer.Reply {
            let list = keys.map { "<Contents><Key>\($0)</Key><Size>1</Size></Contents>" }
            return .text(
                200,
                "<ListBucketResult>\(list.joined())<IsTruncated>\(!token.isEmpty)</IsTruncated>"
                    + "<NextContinuationToken>\(token)</NextContinuationToken></ListBucketResult>")
        }
        let key = "inlet/day=2026-01-04/partner=a/"
        for pages in [
            // The same token again, and the same keys again.
            [page([key + "1"], "t"), page([key + "2"], "t"), page([key + "3"], "t")],
            [page([key + "1"], "t"), page([key + "1"], "u"), page([key + "1"], "v")],
        ] {
            let archive = try S3StandIn([:]) { _, target in
                guard target.contains("?") else { return .response(status: 200) }
                guard target.contains("continuation-token") else { return pages[0] }
                return target.contains("continuation-token=t") ? pages[1] : pages[2]
            }
            defer { archive.stop() }
            let result = look(try person(archive), "--since", "2026-01-05")
            #expect(result.code == 1)
            #expect(result.errors.contains("not what the service documents"), "\(result.errors)")
            #expect(archive.targets.count <= 4)
        }
        let other = try S3StandIn([:]) { _, target in
            target.contains("?") ? page(["inlet-failed/1", "other"], "") : nil
        }
        defer { other.stop() }
        let result = look(try person(other), "--since", "2026-01-05")
        #expect(result.errors.contains("there is no file below"), "\(result.errors)")
    }

    @Test("S3's errors end it, each in words of its own")
    func refusals() throws {
        for (reply, words) in [
            (S3StandIn.error(404, "NoSuchBucket"), "there is no bucket archive"),
            (
                S3StandIn.error(403, "AccessDenied", "not authorized to perform: s3:ListBucket"),
                "the archive (ListObjectsV2 inlet/day=2026-01-04/): AccessDenied (HTTP 403): "
                    + "not authorized to perform"
            ),
            (S3StandIn.error(301, "PermanentRedirect"), "set AWS_REGION"),
            (S3StandIn.error(400, "AuthorizationHeaderMalformed"), "set AWS_REGION"),
            (.text(200, "<html>"), "the answer is not what the service documents"),
            (.text(200, "<Other/>"), "the answer is not what the service documents"),
            (
                .text(
                    200,
                    "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"),
                "the answer is not what the service documents"
            ),
        ] {
            let archive = try S3StandIn([:]) { _, _ in reply }
            defer { archive.stop() }
            let result = try person(archive).run(
                ["archive", "replay", "--dry-run", "--since", "2026-01-05"], at: Self.now)
            #expect(result.code == 1)
            #expect(result.errors.contains(words), "\(result.errors)")
        }
    }

    @Test("S3 that asks for patience, fails or cuts off is asked again, and not without end")
    func throttled() throws {
        let key = Self.key("2026-01-05", "web-app")
        let objects = [key: ArchiveLine.gzip([ArchiveLine.envelope("m-1")])]
        // On a connection that was used before, libcurl itself would ask again after a reset.
        let faults: [SocketServer.Reply] = [
            .reset, S3StandIn.error(503, "SlowDown", "Please reduce your request rate."),
            S3StandIn.error(500, "InternalError"),
            .raw(Array("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf".utf8)),
        ]
        let archive = try S3StandIn(objects) { number, _ in
            faults.indices.contains(number - 1) ? faults[number - 1] : nil
        }
        defer { archive.stop() }
        let one = try person(archive)
        let result = look(one, "--since", "2026-01-05", "--until", "2026-01-06")
        #expect(try groups(result) == ["2026-01-05 web-app 1"], "\(result.errors)")
        #expect(one.waits.count == faults.count)

        let down = try S3StandIn(objects) { _, _ in S3StandIn.error(503, "SlowDown") }
        defer { down.stop() }
        let other = look(try person(down), "--since", "2026-01-05")
        #expect(other.code == 1)
        #expect(other.errors.contains("SlowDown (HTTP 503)"), "\(other.errors)")
        #expect(down.targets.count == 6)
        for (reply, words) in [
            (S3StandIn.error(503, "SlowDown"), "too much to do: try again later"),
            (.close, "check the network"),
            (S3StandIn.error(403, "InvalidAccessKeyId"), "Check region, credentials"),
        ] {
            let archive = try S3StandIn(objects) { _, target in target.contains("?") ? nil : reply }
            defer { archive.stop() }
            let result = try person(archive).run(
                ["archive", "replay", "--dry-run", "--since", "2026-01-05"], at: Self.now)
            #expect(result.errors.contains("(GetObject \(key))"), "\(result.errors)")
            #expect(result.errors.contains(words), "\(result.errors)")
        }
    }

    @Test("a file that has expired meanwhile is named, and the next one is read")
    func gone() throws {
        let keys = ["a", "b"].map { Self.key("2026-01-05", $0) }
        let file = ArchiveLine.gzip([ArchiveLine.envelope("m-1")])
        let archive = try S3StandIn([keys[0]: file, keys[1]: file]) { _, target in
            target.contains("/partner%3Da/") ? S3StandIn.error(404, "NoSuchKey") : nil
        }
        defer { archive.stop() }
        let result = look(try person(archive), "--since", "2026-01-05")
        #expect(result.code == 1)
        #expect(try result.json()["chosen"]?.int == 1)
        #expect(result.output.contains("The file is gone."))
    }

    // MARK: - Files

    @Test("files that were downloaded are read in the order of their names")
    func folder() throws {
        let person = try Operator(migrated: false)
        for (name, id) in [("b/2.gz", "m-3"), ("a", "m-1"), ("b/1", "m-2"), (".hidden", "m-0")] {
            _ = try person.directory.write(name, ArchiveLine.envelope(id) + "\n")
        }
        let path = person.directory.path
        let all = look(person, "--from", path)
        #expect(try all.json()["chosen"]?.int == 3)
        #expect(try all.json()["after"]?.string == "\(path)/b/2.gz")
        let rest = look(person, "--from", "\(path)/", "--after", "\(path)/a")
        #expect(try rest.json()["chosen"]?.int == 2)
        let one = look(person, "--from", "\(path)/b/1", "--since", "2026-01-05")
        #expect(try one.json()["chosen"]?.int == 1)
        let none = look(person, "--from", "\(path)/none")
        #expect(none.code == 1)
        #expect(none.errors.contains("there is no such file"))
    }

    @Test("what is no file, or leads nowhere or back up, is named, and the rest is read")
    func specialFiles() throws {
        let person = try Operator(migrated: false)
        let path = "\(person.directory.path)/archive"
        _ = try person.directory.write("archive/b/1", ArchiveLine.envelope("m-1") + "\n")
        _ = try person.directory.write("archive/z", ArchiveLine.envelope("m-2") + "\n")
        try FileManager.default.createSymbolicLink(
            atPath: "\(path)/a", withDestinationPath: "nowhere")
        try FileManager.default.createSymbolicLink(
            atPath: "\(path)/b/up", withDestinationPath: "..")
        try FileManager.default.createSymbolicLink(
            atPath: "\(path)/c", withDestinationPath: "c")
        try FileManager.default.createSymbolicLink(
            atPath: "\(path)/d", withDestinationPath: "/dev/null")
        let result = look(person, "--from", path)
        #expect(result.code == 1)
        let report = try result.json()
        #expect(report["chosen"]?.int == 2)
        let problems = try #require(report["problems"]).elements.map {
            "\($0["file"]?.string?.dropFirst(path.count + 1) ?? "") \($0["reason"]?.string ?? "")"
        }
        #expect(
            problems == [
                "a There is no such file: the link leads nowhere.",
                "b/up The directory leads back up, is too deep, or cannot be read.",
                "c There is no such file: the link leads nowhere.", "d It is no regular file.",
            ])
    }

    @Test("--after means a path however it is written, and must be one of the files")
    func afterPath() throws {
        let person = try Operator(migrated: false)
        let path = person.directory.path
        for name in ["a", "b/1", "b/2"] {
            _ = try person.directory.write("archive/\(name)", ArchiveLine.envelope("m") + "\n")
        }
        for name in ["/archive/b/1", "//archive/./b//1"] {
            let rest = look(person, "--from", "\(path)/archive//", "--after", path + name)
            #expect(try rest.json()["chosen"]?.int == 1, "\(name): \(rest.errors)")
        }
        for name in ["\(path)/archive/b", "\(path)/archive/b/0", "b/1", "zzz"] {
            let result = look(person, "--from", "\(path)/archive", "--after", name)
            #expect(result.code == 2, "\(name): \(result.errors)")
            #expect(result.errors.contains("\(name) is not there"), "\(result.errors)")
        }
    }

    @Test("what is said wrong is refused before anything is asked")
    func usage() throws {
        let archive = try S3StandIn([:])
        defer { archive.stop() }
        let person = try person(archive)
        for (options, words) in [
            ([], "say from when: --since"),
            (["--since", "soon"], "--since is malformed"),
            (["--since", "2026-01-05", "--until", "2026-01-05"], "before that of --until"),
            (["--since", "2026-02-30"], "--since is malformed"),
            (["--since", "1999-01-01"], "3653 days"),
            (["--since", "1d", "--archive", "bucket"], "s3://bucket/inlet/"),
            (["--since", "1d", "--archive", "s3://A/"], "s3://bucket/inlet/"),
            (["--from", "x", "--failed"], "--from is in place of"),
            (["--since", "2027-01-01"], "--since lies in the future"),
            (["--since", "1d", "--rate", "0"], "a number from 1 to 10000"),
            (["--since", "1d", "--rate", "abc"], "a number from 1 to 10000"),
            (["--since", "1d", "--topic", "nonsense"], "--topic or INLET_TOPIC_ARN is malformed"),
        ] {
            let result = person.run(["archive", "replay", "--dry-run"] + options, at: Self.now)
            #expect(result.code == 2, "\(options): \(result.errors)")
            #expect(result.errors.contains(words), "\(options): \(result.errors)")
        }
        for (options, words) in [
            (["--rate", "0"], "a number from 1 to 10000"), ([], "neither --topic"),
            (["--topic", "arn:aws:sns:eu-west-1:123456789012:t"], "there is nobody to ask"),
        ] {
            let result = person.run(["archive", "replay", "--since", "1d"] + options, at: Self.now)
            #expect(result.errors.contains(words), "\(options): \(result.errors)")
        }
        let topic = ["--topic", "arn:aws:sns:eu-west-1:123456789012:t"]
        let no = person.run(["archive", "replay", "--since", "1d"] + topic, answer: "n")
        #expect(no.errors.contains("nothing was changed"), "\(no.errors)")
        #expect(archive.targets == [])
    }

    @Test("a partner whose name encoders write in different ways is found, and no key comes twice")
    func folders() throws {
        let archive = try S3StandIn([:])
        defer { archive.stop() }
        for (names, folders) in [
            ([], [""]), (["b", "a_1"], ["partner=a_1/", "partner=b/"]),
            (["a.b"], ["partner=a"]), (["it's", "it", "it-is"], ["partner=it"]),
            (["é", "b"], ["partner="]), (["b", "b"], ["partner=b/"]),
        ] {
            let options = names.flatMap { ["--partner", $0] }
            let before = archive.targets.count
            _ = try person(archive).run(
                ["archive", "replay", "--dry-run", "--since", "2026-01-07"] + options, at: Self.now)
            let listed: [String] = archive.targets[before...].compactMap { target in
                let prefix = target.split(separator: "&").last?.dropFirst("prefix=".count)
                return prefix?.hasPrefix("inlet/") == true ? prefix.map(String.init) : nil
            }
            let expected: [String] = (6...9).flatMap { day in
                folders.map { "inlet/day=2026-01-0\(day)/\($0)" }
            }
            #expect(listed == expected, "\(names)")
        }
    }

    @Test(
        "a bucket has a host of its own at AWS, and is a folder elsewhere or with a dot in its name"
    )
    func places() throws {
        func place(
            _ key: String, _ bucket: String, _ variables: [String: String]
        ) throws -> [String] {
            let environment = ["AWS_REGION": "eu-west-1"].merging(variables) { $1 }
            let settings = AWSSettings(System(environment: { environment[$0] }))
            let place = ObjectStore.place(of: key, in: bucket, at: try settings.endpoint(of: .s3))
            return [place.url, place.host, place.path]
        }
        let host = "abc.s3.eu-west-1.amazonaws.com"
        #expect(try place("", "abc", [:]) == ["https://\(host)/", host, "/"])
        #expect(
            try place("a b/é+", "abc", [:])
                == ["https://\(host)/a%20b/%C3%A9%2B", host, "/a%20b/%C3%A9%2B"])
        let shared = "s3.eu-west-1.amazonaws.com"
        #expect(try place("k", "a.b", [:]) == ["https://\(shared)/a.b/k", shared, "/a.b/k"])
        #expect(try place("", "a.b", [:]) == ["https://\(shared)/a.b", shared, "/a.b"])
        let fips = "abc.s3-fips.us-gov-west-1.amazonaws.com"
        #expect(
            try place("k", "abc", ["AWS_REGION": "us-gov-west-1", "AWS_USE_FIPS_ENDPOINT": "true"])
                == ["https://\(fips)/k", fips, "/k"])
        for url in ["http://127.0.0.1:9/base", "http://127.0.0.1:9/base/"] {
            #expect(
                try place("k", "abc", ["AWS_ENDPOINT_URL_S3": url])
                    == ["http://127.0.0.1:9/base/abc/k", "127.0.0.1:9", "/base/abc/k"])
        }
    }

    @Test("an archive's address, and where what failed is")
    func address() {
        for (text, root, failed) in [
            ("s3://abc", "", "inlet-failed/"), ("s3://abc/", "", "inlet-failed/"),
            ("s3://abc/inlet", "inlet/", "inlet-failed/"),
            ("s3://a.b-c/x/inlet/", "x/inlet/", "x/inlet-failed/"),
        ] {
            #expect(ArchiveAddress(text)?.root == root)
            #expect(ArchiveAddress(text)?.failed == failed)
        }
        for text in ["", "s3://", "s3://ab", "s3://a_b/", "https://abc/", "abc"] {
            #expect(ArchiveAddress(text) == nil, "\(text)")
        }
    }
}
