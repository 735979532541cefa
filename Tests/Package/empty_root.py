"""Drives the packaged bootstrap in an empty root; scripts/test-package prepares what it needs.

usage: empty_root.py DIRECTORY

DIRECTORY holds the certificates and `root`, which is where bootstrap runs. The network namespace
is ours alone. A case passes when bootstrap answers its one event with the status expected.
"""

import _ssl
import contextlib
import ctypes
import fcntl
import hashlib
import http.server
import json
import os
import pathlib
import shutil
import socket
import sqlite3
import ssl
import struct
import subprocess
import sys
import threading

DIRECTORY = pathlib.Path(sys.argv[1])
ROOT = DIRECTORY / "empty"
PUBLISHED = b"""<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult>\
<MessageId>6f9a1c3e-0000-4000-8000-000000000001</MessageId></PublishResult><ResponseMetadata>\
<RequestId>6f9a1c3e-0000-4000-8000-000000000002</RequestId></ResponseMetadata></PublishResponse>"""
EVENT = json.dumps({
    "version": "2.0", "routeKey": "$default", "rawPath": "/v1/track", "rawQueryString": "",
    "headers": {"content-type": "application/json"}, "isBase64Encoded": False,
    "requestContext": {
        "http": {"method": "POST", "path": "/v1/track", "sourceIp": "192.0.2.1"},
        "requestId": "r", "stage": "$default", "timeEpoch": 1700000000000},
    "body": json.dumps({"writeKey": "key", "event": "Opened", "userId": "u"}),
}).encode()
AMAZON_LINUX = "etc/pki/tls/certs/ca-bundle.crt"
DEBIAN = "etc/ssl/certs/ca-certificates.crt"


def raise_loopback() -> None:
    """What `ip link set lo up` does."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        get_flags, set_flags, up = 0x8913, 0x8914, 1
        request = struct.pack("16sH14x", b"lo", 0)
        (flags,) = struct.unpack_from("H", fcntl.ioctl(control, get_flags, request), 16)
        fcntl.ioctl(control, set_flags, struct.pack("16sH14x", b"lo", flags | up))


def answer_names(sock: socket.socket, asked: list[str]) -> None:
    """A DNS server that knows one name: dns.test is 127.0.0.1, and has no other records."""
    while True:
        query, peer = sock.recvfrom(512)
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += 1 + query[at]
        question, kind = query[12:at + 5], int.from_bytes(query[at + 1:at + 3], "big")
        name = ".".join(labels).lower()
        asked.append(name)
        known = name == "dns.test"
        is_address = known and kind == 1
        flags = 0x8180 if known else 0x8183
        record = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + bytes([127, 0, 0, 1])
        sock.sendto(
            query[:2] + struct.pack(">HHHHH", flags, 1, int(is_address), 0, 0) + question
            + (record if is_address else b""), peer)


class Quiet(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None: ...

    def reply(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def read_body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A handshake that is refused is an outcome here, not an accident."""


def serve(handler: type[Quiet], tls: ssl.SSLContext | None = None) -> Server:
    server = Server(("127.0.0.1", 0), handler)
    if tls:
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class Lambda:
    """A Runtime API with one event; `posted` is set once bootstrap has answered or given up."""

    def __init__(self) -> None:
        self.reply: dict[str, object] = {}
        self.posted = threading.Event()
        events = [EVENT]
        outer = self

        class Handler(Quiet):
            def do_GET(self) -> None:
                if not events:
                    threading.Event().wait()
                self.reply(200, events.pop(), {
                    "Lambda-Runtime-Aws-Request-Id": "one",
                    "Lambda-Runtime-Deadline-Ms": "4102444800000",
                    "Content-Type": "application/json"})

            def do_POST(self) -> None:
                body = self.read_body()
                outer.reply = json.loads(body) if body else {}
                self.reply(202, b"{}", {})
                outer.posted.set()

        self.server = serve(Handler)


def status_of_event(host: str, tls: ssl.SSLContext, environment: dict[str, str]) -> tuple[int, str]:
    """What bootstrap answers its event, and the cipher it spoke to SNS with."""
    ciphers: list[str] = []

    class SNS(Quiet):
        def do_POST(self) -> None:
            self.read_body()
            ciphers.append(f"{self.connection.version()} {self.connection.cipher()[0]}")
            self.reply(200, PUBLISHED, {"Content-Type": "text/xml"})

    sns, api = serve(SNS, tls), Lambda()
    process = subprocess.Popen(
        ["/bootstrap"], preexec_fn=lambda: (os.chroot(ROOT), os.chdir("/")),
        stdout=subprocess.DEVNULL, env={
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server.server_port}",
            "AWS_ENDPOINT_URL_SNS": f"https://{host}:{sns.server_port}",
            "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key",
            "INLET_PARTNERS": '[{"name":"test","webhook_token":"key"}]',
            "INLET_TOPIC_ARN": "arn:aws:sns:eu-west-1:123456789012:messages",
            "INLET_GRACEFUL_SHUTDOWN": "off", "_HANDLER": "ingest", **environment})
    try:
        if not api.posted.wait(15):
            raise SystemExit(f"FAIL  no answer; bootstrap's exit code: {process.poll()}")
    finally:
        process.kill()
        process.wait()
        sns.server_close()
        api.server.server_close()
    return int(api.reply.get("statusCode", 0)), ciphers[0] if ciphers else "no TLS"


def server_side(
    certificate: str, cipher: str | None = None, curve: str | None = None
) -> ssl.SSLContext:
    """TLS 1.3, or 1.2 with one cipher."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(DIRECTORY / f"{certificate}.pem", DIRECTORY / f"{certificate}.key")
    if cipher:
        tls.maximum_version = ssl.TLSVersion.TLSv1_2
        tls.set_ciphers(f"{cipher}:@SECLEVEL=1")
    else:
        tls.minimum_version = ssl.TLSVersion.TLSv1_3
    if curve:
        exchange_by(tls, curve)
    return tls


def exchange_by(tls: ssl.SSLContext, curve: str) -> None:
    """Debian 12's Python sets curves by an older function of OpenSSL, which does not know X25519."""
    try:
        tls.set_ecdh_curve(curve)
    except ssl.SSLError:
        # What SSL_CTX_set1_groups_list stands for, on the SSL_CTX that the object begins with.
        openssl = ctypes.CDLL(_ssl.__file__)
        context = ctypes.c_void_p.from_address(id(tls) + object.__basicsize__)
        set_groups_list = 92
        if openssl.SSL_CTX_ctrl(context, set_groups_list, 0, curve.encode()) != 1:
            raise


def put_trust(place: str | None) -> None:
    """Puts the trusted certificates into the root, at this place only."""
    for known in ("etc/pki", "etc/ssl", "own.pem"):
        path = ROOT / known
        path.unlink() if path.is_file() else shutil.rmtree(path, ignore_errors=True)
    if place:
        (ROOT / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(DIRECTORY / "trusted.pem", ROOT / place)


TABLE = """CREATE TABLE webhook_partners (id {id} PRIMARY KEY, name text, description text,
    webhook_token text, previous_webhook_token text, previous_expires_at {time}, status text,
    validation_config {json}, created_at {time}, modified_at {time}, deleted_at {time})"""
PARTNER = """INSERT INTO webhook_partners (id, name, webhook_token, status, validation_config,
    created_at, modified_at) VALUES ('0b8f4f0e-6f0a-4a55-8a6e-0d4be1c1f0aa', 'test',
    'sha256:""" + hashlib.sha256(b"key").hexdigest() + """', 'ACTIVE', '{}',
    '2026-01-05T10:00:00.000Z', '2026-01-05T10:00:00.000Z')"""


def make_sqlite(path: pathlib.Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute(TABLE.format(id="text", time="text", json="text"))
        database.execute(PARTNER)
        database.commit()


@contextlib.contextmanager
def postgresql():
    """A PostgreSQL server with TLS, the partner, and a user for each way to log in.

    Yields its port; None where there is none, or where it would see itself run as root.
    """
    tools = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    mapped = pathlib.Path("/proc/self/uid_map").read_text().split()
    if not tools or mapped[:3] != ["0", "0", "4294967295"]:
        print("not run: PostgreSQL, which takes its Debian package and a real root")
        yield None
        return
    tools = tools[-1].parent
    data = DIRECTORY / "postgresql"
    data.mkdir()
    shutil.copy(DIRECTORY / "rsa.pem", data / "server.crt")
    shutil.copy(DIRECTORY / "rsa.key", data / "server.key")
    (data / "server.key").chmod(0o600)
    for path in (data, *data.iterdir()):
        shutil.chown(path, "postgres", "postgres")
    DIRECTORY.chmod(0o755)
    (DIRECTORY / "password").write_text("secret")
    (DIRECTORY / "password").chmod(0o644)
    user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    subprocess.run(
        [*user, tools / "initdb", "-D", data / "cluster", "-U", "scram", "--auth=md5", "--no-sync",
         f"--pwfile={DIRECTORY / 'password'}"], check=True, stdout=subprocess.DEVNULL, cwd="/")
    port = 5432
    server = subprocess.Popen(
        [*user, tools / "postgres", "-D", data / "cluster", "-p", str(port),
         "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={data}",
         "-c", "ssl=on", "-c", f"ssl_cert_file={data / 'server.crt'}",
         "-c", f"ssl_key_file={data / 'server.key'}"],
        stderr=subprocess.PIPE, text=True, cwd="/")
    try:
        for line in server.stderr:
            if "ready to accept connections" in line:
                break
        else:
            raise SystemExit("PostgreSQL did not start")
        threading.Thread(target=server.stderr.read, daemon=True).start()
        for sql in (
            TABLE.format(id="uuid", time="timestamptz", json="jsonb"), PARTNER,
            "SET password_encryption = md5; CREATE USER old SUPERUSER PASSWORD 'secret'",
        ):
            subprocess.run(
                [tools / "psql", "-q", "-d", f"postgresql://scram:secret@127.0.0.1:{port}/postgres",
                 "-c", sql], check=True)
        yield port
    finally:
        server.terminate()
        server.send_signal(3)
        server.wait()


def database_cases(port: int | None) -> list[tuple]:
    """Partners that are found in a database: a case for each way to it."""
    def case(title: str, partners: str, expected: int) -> tuple:
        return (title, "hosts.test", server_side("rsa"), "own.pem",
                {"SSL_CERT_FILE": "/own.pem", "INLET_PARTNERS": partners}, expected)

    make_sqlite(ROOT / "partners.db")
    cases = [case("partners in SQLite", "sqlite:/partners.db", 200)]
    if port is None:
        return cases
    for title, user, host, options, expected in (
        ("without TLS", "scram", "127.0.0.1", "sslmode=disable", 200),
        ("a name from /etc/hosts", "scram", "hosts.test", "sslmode=require", 200),
        ("a name from DNS, verified", "scram", "dns.test",
         "sslmode=verify-full&sslrootcert=/own.pem", 200),
        ("an older password", "old", "127.0.0.1", "sslmode=disable", 200),
        ("another name than the certificate's", "scram", "localhost",
         "sslmode=verify-full&sslrootcert=/own.pem", 503),
        ("a name that is nowhere", "scram", "none.test", "sslmode=disable", 503),
    ):
        cases.append(case(
            f"partners in PostgreSQL, {title}",
            f"postgresql://{user}:secret@{host}:{port}/postgres?{options}", expected))
    return cases


def main() -> None:
    raise_loopback()
    (ROOT / "etc").mkdir()
    (ROOT / "etc/hosts").write_text("127.0.0.1 localhost\n127.0.0.1 hosts.test\n")
    (ROOT / "etc/resolv.conf").write_text("nameserver 127.0.0.1\n")
    asked: list[str] = []
    names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    names.bind(("127.0.0.1", 53))
    threading.Thread(target=answer_names, args=(names, asked), daemon=True).start()

    ecdhe = ["AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305"]
    # What it shows, the name, the server, where the trusted certificates are, settings, the status.
    cases = [
        ("a name from /etc/hosts", "hosts.test", server_side("rsa"), AMAZON_LINUX, {}, 200),
        ("a name from DNS", "dns.test", server_side("rsa"), AMAZON_LINUX, {}, 200),
        ("a name that is nowhere", "none.test", server_side("rsa"), AMAZON_LINUX, {}, 503),
        ("certificates where Debian has them", "hosts.test", server_side("rsa"), DEBIAN, {}, 200),
        ("certificates named by SSL_CERT_FILE", "hosts.test", server_side("rsa"), "own.pem",
         {"SSL_CERT_FILE": "/own.pem"}, 200),
        ("no certificates", "hosts.test", server_side("rsa"), None, {}, 503),
        ("a stranger's certificate", "hosts.test", server_side("stranger"), AMAZON_LINUX, {}, 503),
        ("a certificate for another name", "localhost", server_side("rsa"), AMAZON_LINUX, {}, 503),
    ]
    for certificate in ("p256", "p384"):
        cases.append((f"TLS 1.3, {certificate}", "hosts.test", server_side(certificate),
                      AMAZON_LINUX, {}, 200))
    for curve in ("prime256v1", "secp384r1", "X25519"):
        cases.append((f"TLS 1.3, exchange by {curve}", "hosts.test",
                      server_side("rsa", curve=curve), AMAZON_LINUX, {}, 200))
    for key, certificate in (("RSA", "rsa"), ("ECDSA", "p256")):
        for cipher in [*ecdhe, "AES128-SHA256", "AES256-SHA384", "AES128-SHA"]:
            cases.append((f"TLS 1.2, ECDHE-{key}-{cipher}", "hosts.test",
                          server_side(certificate, f"ECDHE-{key}-{cipher}"), AMAZON_LINUX, {}, 200))
    cases.append(("TLS 1.2, no ECDHE", "hosts.test", server_side("rsa", "AES128-GCM-SHA256"),
                  AMAZON_LINUX, {}, 200))

    failures = 0
    with postgresql() as port:
        cases += database_cases(port)
        for title, host, tls, place, environment, expected in cases:
            put_trust(place)
            status, cipher = status_of_event(host, tls, environment)
            failures += status != expected
            print("ok    " if status == expected else "FAIL  ", f"{title}: {status}, {cipher}",
                  sep="", flush=True)
    if "dns.test" not in asked or "hosts.test" in asked:
        failures += 1
        print("FAIL  /etc/hosts comes before DNS; DNS was asked for:", *sorted(set(asked)))
    if failures:
        raise SystemExit(f"{failures} failed")
    print(f"{len(cases)} cases in a root with {', '.join(sorted(os.listdir(ROOT)))}")


main()
