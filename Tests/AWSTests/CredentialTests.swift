import AWS
import Formats
import Platform
import Signing
import TestSupport
import Testing
import Transport

@Suite("Credentials")
struct CredentialTests {
    private func load(_ variables: [String: String]) throws -> Credentials {
        try CredentialChain(settings(variables)).credentials(within: budget())
    }

    @Test("the environment comes first, and no file is looked for")
    func environment() throws {
        let asked = Recorder<String>()
        let chain = CredentialChain(
            AWSSettings(
                System(environment: {
                    asked.append($0)
                    return keys[$0]
                })))
        #expect(asked.all.isEmpty)
        let found = try chain.credentials(within: budget())
        #expect(found == Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "sesame"))
        #expect(!asked.all.contains("HOME"))
        let token = try load(keys.merging(["AWS_SESSION_TOKEN": "t"]) { $1 })
        #expect(token.sessionToken == "t")
    }

    @Test("half a key pair is an error that names the other half")
    func incomplete() {
        #expect(throws: AWSError.credentialsIncomplete("AWS_SECRET_ACCESS_KEY")) {
            try load(["AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": ""])
        }
        #expect(throws: AWSError.credentialsIncomplete("AWS_ACCESS_KEY_ID")) {
            try load(["AWS_SECRET_ACCESS_KEY": "a"])
        }
        #expect(throws: AWSError.credentialsMissing) { try load([:]) }
    }

    @Test("a profile's keys come from the credentials file, then from the config file")
    func profile() throws {
        let directory = try TemporaryDirectory()
        let credentials = try directory.write(
            "credentials",
            """
            # comment
            [default]
            aws_access_key_id = one   ; inline
            AWS_SECRET_ACCESS_KEY=first
            aws_secret_access_key = s#1
            aws_security_token = legacy

            [other]
            aws_access_key_id = two
            """)
        let config = try directory.write(
            "config",
            """
            [default]
            aws_access_key_id = hidden
            [ profile  other ]
            aws_secret_access_key = s2
            [profile "third"]
            s3 =
              aws_access_key_id = nested
            aws_access_key_id = three
            aws_secret_access_key = s3
            """)
        var variables = [
            "AWS_SHARED_CREDENTIALS_FILE": credentials, "AWS_CONFIG_FILE": config,
        ]
        #expect(
            try load(variables)
                == Credentials(
                    accessKeyID: "one", secretAccessKey: "s#1", sessionToken: "legacy"))
        variables["AWS_PROFILE"] = "other"
        #expect(try load(variables) == Credentials(accessKeyID: "two", secretAccessKey: "s2"))
        variables["AWS_PROFILE"] = "third"
        #expect(try load(variables) == Credentials(accessKeyID: "three", secretAccessKey: "s3"))
        variables["AWS_PROFILE"] = "nobody"
        #expect(throws: AWSError.profileMissing("nobody")) { try load(variables) }
    }

    @Test("the files are found under HOME")
    func home() throws {
        let directory = try TemporaryDirectory()
        _ = try directory.write(
            ".aws/credentials", "[default]\naws_access_key_id=a\naws_secret_access_key=b\n")
        let found = try load(["HOME": directory.path])
        #expect(found.accessKeyID == "a")
    }

    @Test(
        "ways to credentials that are not built in are named",
        arguments: ["role_arn", "sso_session", "sso_start_url", "credential_process"])
    func unsupported(key: String) throws {
        let directory = try TemporaryDirectory()
        let config = try directory.write("config", "[default]\n\(key) = x\nsource_profile = y\n")
        #expect(throws: AWSError.unsupportedCredentials(key)) {
            try load(["AWS_CONFIG_FILE": config])
        }
    }

    @Test("a file that cannot be read is an error that names it")
    func unreadable() throws {
        let directory = try TemporaryDirectory()
        #expect {
            try load(["AWS_CONFIG_FILE": directory.path])
        } throws: {
            ($0 as? AWSError)?.reason.hasPrefix(directory.path) == true
        }
    }
}

@Suite("Credentials of a container")
struct ContainerCredentialTests {
    private static func reply(_ id: String, expires: Timestamp?) -> SocketServer.Reply {
        let expiration = expires?.rfc3339.map { #","Expiration":"\#($0)""# } ?? ""
        return .text(
            200, #"{"AccessKeyId":"\#(id)","SecretAccessKey":"s","Token":"t"\#(expiration)}"#)
    }

    private static func later(_ seconds: Int64) -> Timestamp {
        Timestamp(milliseconds: date.milliseconds + seconds * 1000)
    }

    private func chain(
        _ server: SocketServer, _ more: [String: String] = [:],
        waits: Recorder<Duration> = Recorder()
    ) -> CredentialChain {
        var variables = [
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(server.url)/2021-04-23/credentials"
        ]
        variables.merge(more) { $1 }
        return CredentialChain(AWSSettings(system(variables, waits: waits)))
    }

    @Test("are asked for with the token, and kept")
    func asked() throws {
        let server = try SocketServer { _ in Self.reply("A", expires: Self.later(3600)) }
        let chain = chain(server, ["AWS_CONTAINER_AUTHORIZATION_TOKEN": "tok/en="])
        let found = try chain.credentials(within: budget())
        #expect(
            found
                == Credentials(
                    accessKeyID: "A", secretAccessKey: "s", sessionToken: "t",
                    expiration: Self.later(3600)))
        #expect(try chain.credentials(within: budget()) == found)
        let requests = server.requests
        #expect(requests.count == 1)
        #expect(requests[0].method == "GET")
        #expect(requests[0].target == "/2021-04-23/credentials")
        #expect(requests[0]["authorization"] == "tok/en=")
        #expect(requests[0]["accept"] == "application/json")
    }

    @Test("the token's file is read each time and stands above the token")
    func tokenFile() throws {
        let server = try SocketServer { _ in Self.reply("A", expires: nil) }
        let directory = try TemporaryDirectory()
        let path = try directory.write("token", "first")
        let chain = chain(
            server,
            [
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": path,
                "AWS_CONTAINER_AUTHORIZATION_TOKEN": "x",
            ])
        _ = try chain.credentials(within: budget())
        _ = try directory.write("token", "second")
        chain.invalidate()
        _ = try chain.credentials(within: budget())
        #expect(server.requests.map { $0["authorization"] } == ["first", "second"])
    }

    @Test("a token with a line end is refused", arguments: ["a\nb", "a\r", "a\r\nX-Other: b"])
    func badToken(token: String) throws {
        let server = try SocketServer { _ in Self.reply("A", expires: nil) }
        let chain = chain(server, ["AWS_CONTAINER_AUTHORIZATION_TOKEN": token])
        #expect(throws: AWSError.self) { try chain.credentials(within: budget()) }
        #expect(server.requests.isEmpty)
    }

    @Test(
        "plain HTTP may only stay on the machine",
        arguments: [
            "http://example.com/", "http://169.254.170.1/", "http://10.0.0.1/", "ftp://localhost/",
            "http://localhost.example.com/", "http://127.0.0.1@example.com/", "nonsense",
        ])
    func hosts(url: String) {
        let variables = ["AWS_CONTAINER_CREDENTIALS_FULL_URI": url]
        #expect {
            try CredentialChain(settings(variables)).credentials(within: budget())
        } throws: {
            ($0 as? AWSError)?.reason.hasPrefix("AWS_CONTAINER_CREDENTIALS_FULL_URI") == true
        }
    }

    @Test("three attempts are made, a second apart")
    func attempts() throws {
        let waits = Recorder<Duration>()
        let server = try SocketServer { request in
            request.connection < 2 ? .text(500, "{}") : Self.reply("A", expires: nil)
        }
        let found = try chain(server, waits: waits).credentials(within: budget())
        #expect(found.accessKeyID == "A")
        #expect(waits.all == [.seconds(1), .seconds(1)])
    }

    @Test(
        "what is no reply with credentials is an error",
        arguments: [
            .text(404, "{}"), .text(200, ""), .text(200, "[]"), .text(200, #"{"AccessKeyId":"A"}"#),
            .text(200, #"{"AccessKeyId":"A","SecretAccessKey":"s","Expiration":"soon"}"#),
            .close, .reset, .raw(Array("garbage\r\n\r\n".utf8)), reply("A", expires: later(-1)),
        ] as [SocketServer.Reply])
    func badReplies(reply: SocketServer.Reply) throws {
        let server = try SocketServer { _ in reply }
        let chain = chain(server)
        #expect {
            try chain.credentials(within: budget())
        } throws: {
            ($0 as? AWSError)?.reason.hasPrefix("credentials of the container") == true
        }
    }

    @Test("they are replaced before they expire")
    func refresh() throws {
        let server = try SocketServer { request in
            request.connection == 0
                ? Self.reply("A", expires: Self.later(3600))
                : Self.reply("B", expires: Self.later(7200))
        }
        let chain = chain(server)
        func id(at seconds: Int64) throws -> String {
            try chain.credentials(within: budget(at: Self.later(seconds))).accessKeyID
        }
        #expect(try id(at: 0) == "A")
        #expect(try id(at: 3600 - 901) == "A")
        #expect(server.requests.count == 1)
        #expect(try id(at: 3600 - 899) == "B")
        #expect(try id(at: 3600) == "B")
        #expect(server.requests.count == 2)
    }

    @Test("when replacing fails the old ones are used until they expire")
    func refreshFails() throws {
        let server = try SocketServer { request in
            request.connection == 0 ? Self.reply("A", expires: Self.later(3600)) : .text(500, "")
        }
        let chain = chain(server)
        func id(at seconds: Int64) throws -> String {
            try chain.credentials(within: budget(at: Self.later(seconds))).accessKeyID
        }
        #expect(try id(at: 0) == "A")
        #expect(try id(at: 3000) == "A")
        let asked = server.requests.count
        #expect(asked > 1)
        #expect(try id(at: 3599) == "A")
        #expect(server.requests.count == asked)
        #expect(throws: AWSError.self) { try id(at: 3600) }
    }

    @Test("refused credentials are loaded anew, each time")
    func invalidate() throws {
        let server = try SocketServer { request in
            Self.reply("\(request.connection)", expires: nil)
        }
        let chain = chain(server)
        for round in 0..<3 {
            #expect(try chain.credentials(within: budget()).accessKeyID == "\(round)")
            #expect(try chain.credentials(within: budget()).accessKeyID == "\(round)")
            chain.invalidate()
        }
    }

    @Test("they are replaced before they expire, time after time")
    func refreshAgain() throws {
        let server = try SocketServer { request in
            let round = Int64(request.connection)
            return Self.reply("\(round)", expires: Self.later(3600 * (round + 1)))
        }
        let chain = chain(server)
        for round in Int64(0)..<4 {
            for second in [3600 * round, 3600 * round + 2600] {
                let found = try chain.credentials(within: budget(at: Self.later(second)))
                #expect(found.accessKeyID == "\(round)")
            }
            let next = try chain.credentials(within: budget(at: Self.later(3600 * round + 2800)))
            #expect(next.accessKeyID == "\(round + 1)")
        }
    }

    @Test("with twelve minutes left one silent attempt is made, in half a second")
    func advisory() throws {
        let server = try SocketServer { request in
            request.connection == 0
                ? Self.reply("A", expires: Self.later(3600)) : .hold(.init(), then: .close)
        }
        let waits = Recorder<Duration>()
        let chain = chain(server, waits: waits)
        let start = Instant.now
        func id(at seconds: Int64) throws -> String {
            try chain.credentials(within: budget(at: Self.later(seconds))).accessKeyID
        }
        #expect(try id(at: 0) == "A")
        #expect(try id(at: 3600 - 12 * 60) == "A")
        #expect(Instant.now - start >= .milliseconds(500))
        #expect(server.requests.count == 2 && waits.all.isEmpty)
    }

    @Test("with five minutes left all three attempts are made")
    func mandatory() throws {
        let server = try SocketServer { request in
            request.connection == 0 ? Self.reply("A", expires: Self.later(3600)) : .text(500, "")
        }
        let waits = Recorder<Duration>()
        let chain = chain(server, waits: waits)
        #expect(try chain.credentials(within: budget()).accessKeyID == "A")
        let late = try chain.credentials(within: budget(at: Self.later(3600 - 5 * 60)))
        #expect(late.accessKeyID == "A")
        #expect(server.requests.count == 4 && waits.all == [.seconds(1), .seconds(1)])
    }

    @Test("a pause after a failure ends with the next success, and the next failure has its own")
    func pauseEnds() throws {
        let works = Recorder<Bool>()
        let server = try SocketServer { request in
            works.all.last == false
                ? .text(500, "")
                : Self.reply("\(works.all.count)", expires: Self.later(3600))
        }
        let chain = chain(server)
        func id(at seconds: Int64) throws -> String {
            try chain.credentials(within: budget(at: Self.later(seconds))).accessKeyID
        }
        #expect(try id(at: 0) == "0")
        for round in 1...2 {
            works.append(false)
            let kept = try id(at: 3000)
            let asked = server.requests.count
            // Paused: nothing is asked, until AWS refuses what there is.
            #expect(try id(at: 3000) == kept && server.requests.count == asked)
            works.append(true)
            chain.invalidate()
            #expect(try id(at: 3000) == "\(2 * round)")
            #expect(server.requests.count == asked + 1)
        }
    }

    @Test("a service that never answers costs no more than the deadline")
    func deadline() throws {
        let gate = SocketServer.Gate()
        let server = try SocketServer { _ in .hold(gate, then: .close) }
        let watch = Stopwatch()
        #expect(throws: AWSError.self) {
            try chain(server).credentials(within: budget(.milliseconds(100)))
        }
        #expect(watch.waited < .seconds(2))
    }
}
