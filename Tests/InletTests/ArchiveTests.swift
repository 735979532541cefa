import AWS
import Formats
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
        #expect(
            problems.filter { $0.hasPrefix("partner=b") }
                == (1...9).map {
                    "partner=b \($0) \(other)"
                })
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

    // MARK: - S3 at fault

    @Test("S3's errors end it, each in words of its own")
    func refusals() throws {
        for (reply, words) in [
            (S3StandIn.error(404, "NoSuchBucket"), "there is no bucket archive"),
            (
                S3StandIn.error(403, "AccessDenied", "not authorized to perform: s3:ListBucket"),
                "the archive (ListObjectsV2): AccessDenied (HTTP 403): not authorized to perform"
            ),
            (S3StandIn.error(301, "PermanentRedirect"), "set AWS_REGION"),
            (S3StandIn.error(400, "AuthorizationHeaderMalformed"), "set AWS_REGION"),
            (S3StandIn.error(403, "InvalidObjectState"), "restore it first"),
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
