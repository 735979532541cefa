import Foundation
import Platform
import TestSupport
import Testing
@testable import Transport

@Suite("Further authorities")
struct AuthorityTests {
    /// An HTTPS server whose certificate it has signed itself.
    private final class Server {
        let url: String
        let certificate: String
        private let program: Program
        private let directory: TemporaryDirectory

        init() throws {
            directory = try TemporaryDirectory()
            certificate = "\(directory.path)/certificate.pem"
            let made = try Program(
                "/usr/bin/openssl",
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-days", "2", "-subj", "/CN=inlet", "-addext",
                    "subjectAltName=IP:127.0.0.1", "-keyout", "\(directory.path)/key.pem", "-out",
                    certificate,
                ], environment: ["PATH": "/usr/bin:/bin"])
            guard try made.end() == .status(0) else { throw made.failure("made no certificate") }
            let script = try directory.write("server.py", Self.script)
            program = try Program(
                "/usr/bin/python3", [script, directory.path], environment: ["LANG": "C.UTF-8"])
            let line = try program.line(with: "https://")
            url = line
        }

        deinit { program.stop() }

        private static let script = """
            import http.server, ssl, sys
            class Handler(http.server.BaseHTTPRequestHandler):
                def do_GET(self):
                    self.send_response(200)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                def log_message(self, *_):
                    pass
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(sys.argv[1] + "/certificate.pem", sys.argv[1] + "/key.pem")
            server.socket = context.wrap_socket(server.socket, server_side=True)
            print(f"https://127.0.0.1:{server.server_address[1]}", flush=True)
            server.serve_forever()
            """
    }

    private static func status(_ url: String, _ authorities: [UInt8]?) throws -> Int {
        try HTTPConnection(proxy: .never, authorities: authorities).send(
            HTTPRequest(method: "GET", url: url), timeout: .seconds(60), maximumBody: 1000
        ).status
    }

    @Test("are trusted on the connection that is given them, and nowhere else")
    func trusted() throws {
        let server = try Server()
        let other = try Server()
        let authorities = try TrustStore.including(server.certificate)
        #expect(try Self.status(server.url, authorities) == 200)
        for untrusted in [nil, try TrustStore.including(other.certificate)] {
            let error = #expect(throws: TransportError.self) {
                try Self.status(server.url, untrusted)
            }
            guard case .tls = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
    }

    @Test("come beside the system's")
    func beside() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("ca.pem", "further")
        let text = try TrustStore.including(path)
        let system = try TrustStore.file.map { try File.read($0) } ?? []
        #expect(text == system + Array("\nfurther".utf8))
        #expect(throws: FileError.missing) { try TrustStore.including(path + ".not") }
    }
}
