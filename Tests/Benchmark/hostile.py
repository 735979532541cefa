"""Hands bodies that are meant to hurt to a `bootstrap`; `scripts/bench --hostile` calls it.

    hostile.py BOOTSTRAP

Each body is sent in three sizes, n, 2n and 4n, each to a process of its own that has 128 MB of
address space, as Lambda's smallest function has of memory. Prints the processor's time for each and
the peak of resident memory for all, as a Markdown table. Exit 1 when a process ends, has no answer
that its sender knows, or takes more memory than the goal.
"""

import base64
import gzip
import hashlib
import hmac
import json
import os
import queue
import re
import resource
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler

ADDRESS_SPACE = 128_000_000
GOAL_MIB = 64
# What Lambda takes in one event, and what of it is not the body.
EVENT = 6 * 1024 * 1024 - 4096
# For one event; a process that takes longer has no bound.
PATIENCE = 60
SECRET = b"hostile"
LARGE = 5 * 1024 * 1024
TRACKING = 512_000


def signing(secret):
    return {"scheme": "customerio", "secrets": [secret], "tolerance_seconds": 0}


PARTNERS = [
    {"name": "api", "webhook_token": "api"},
    {"name": "dest", "webhook_token": "dest",
     "validation_config": {"senders": ["segment-destination"]}},
    {"name": "cio", "webhook_token": "cio",
     "validation_config": {"senders": ["customerio"], "signing": signing(SECRET.decode())}},
    {"name": "own", "webhook_token": "own", "validation_config": {"senders": ["partner"]}},
    {"name": "strict", "webhook_token": "strict",
     "validation_config": {"senders": ["partner"],
                           "required_fields": [f"f{number}" for number in range(64)]}},
] + [
    {"name": f"other-{number}", "webhook_token": f"other-{number}",
     "validation_config": {"senders": ["customerio"], "signing": signing(f"key {number}")}}
    for number in range(900)
]


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request, client_address):
        """A process that is stopped leaves its connections as they are."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *arguments):
        pass

    def reply(self, status, body, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))


class Mail:
    """What one process is handed and what it answers; a wait is its call for the next event."""

    def __init__(self):
        self.events, self.answers, self.waits = queue.Queue(), queue.Queue(), queue.Queue()


class Runtime(Handler):
    """Lambda's Runtime API. Each process has a server of its own, so that a late call of one that has
    been stopped takes no other's event."""

    def do_GET(self):
        mail = self.server.mail
        mail.waits.put(True)
        event = mail.events.get()
        if event is None:
            self.close_connection = True
            return
        deadline = int(time.time() * 1000) + 1000 * PATIENCE
        self.reply(200, event, [
            ("Lambda-Runtime-Aws-Request-Id", "hostile"),
            ("Lambda-Runtime-Deadline-Ms", str(deadline))])

    def do_POST(self):
        self.server.mail.answers.put((self.path.rsplit("/", 1)[-1], self.body()))
        self.reply(202, b"{}")


class SNS(Handler):
    """Takes everything."""

    def do_POST(self):
        body = self.body()
        ids = re.findall(rb"\.Id=([^&]*)", body)
        members = b"".join(
            b"<member><Id>%b</Id><MessageId>m</MessageId></member>" % id for id in ids)
        if b"Action=PublishBatch" in body:
            reply = (b"<PublishBatchResponse><PublishBatchResult><Successful>%b</Successful>"
                     b"<Failed/></PublishBatchResult></PublishBatchResponse>" % members)
        else:
            reply = (b"<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult>"
                     b"</PublishResponse>")
        self.reply(200, reply)


def serve(handler):
    server = Server(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    return server


# Bodies of about so many bytes.


def filled(start, part, end):
    """Begins, repeats a part, and ends."""
    return lambda size: start + part * ((size - len(start) - len(end)) // len(part)) + end


def counted(start, part, end):
    """The same with a number in each part, and a comma between."""
    def make(size):
        count = max(1, (size - len(start) - len(end)) // (len(part) + 5))
        return start + ",".join(part % number for number in range(count)) + end
    return make


def beside(size):
    half = size // 2 - 40
    return (counted('{"event_id":"e",', '"n%d":1', "")(half)
            + counted(',"data":{', '"n%d":1', "}}")(half))


def items(count, call):
    """An array of so many calls that fill it."""
    def make(size):
        room = "x" * max(0, size // count - len(call) - 2)
        return "[" + ",".join([call.replace("…", room)] * count) + "]"
    return make


TRACK = '{"type":"track","event":"E","userId":"u","properties":{"x":"…"}}'
QUOTES = '{"type":"track","event":"E","userId":"u","properties":{"x":["…"]}}'

ANY = {
    "[1,1,…": filled("[1", ",1", "]"),
    "[[],[],…": filled("[[]", ",[]", "]"),
    "[{},{},…": filled("[{}", ",{}", "]"),
    "[[[[…": filled("[", "[", "["),
    '{"":1,"":1,…': filled('{"":1', ',"":1', "}"),
    '{"n0":1,"n1":1,…': counted("{", '"n%d":1', "}"),
    '{"writeKey":"k",…': filled('{"writeKey":"k"', ',"writeKey":"k"', "}"),
    "one long string": filled('{"type":"track","event":"', "x", '","userId":"u"}'),
    "escapes": filled('{"type":"track","event":"E","userId":"u","x":"', "\\u0001", '"}'),
    "not JSON": filled("", "x", ""),
    "names of keys": filled("", "writeKey ", ""),
    "keys without an end": filled("", 'writeKey:[', ""),
}
FORMS = {
    "a=&a=&…": filled("a=", "&a=", ""),
    "a form of names": filled("a=1", "&a", ""),
    "a form of escapes": filled("a=", "%41", ""),
    "a form with a payload": filled("payload=%7B%22a%22%3A%22", "x", "%22%7D"),
}
ARRAYS = {
    "20 calls of 256 KiB": items(20, TRACK),
    "2,000 calls": items(2000, TRACK),
    "2,000 calls of quotes": lambda size: items(2000, QUOTES)(size).replace("x" * 4, '\\"\\"'),
    "2,400 invalid calls": items(2400, '{"type":"track","x":"…"}'),
    "9,000 calls": items(9000, TRACK),
}
BATCHES = {
    name: (lambda make: lambda size: '{"batch":' + make(size - 12) + "}")(make)
    for name, make in {
        **{name: ANY[name] for name in ("[1,1,…", "[[],[],…", "[{},{},…")},
        "20 calls of 25 KB": items(20, TRACK),
        "2,500 calls": items(2500, TRACK),
    }.items()
}
EVENTS = {
    "names beside data": beside,
    "content of names": lambda size: '{"event_id":"e","object_type":"email","metric":"sent","data":'
    + counted('{"content":{', '"n%d":1', "}}}")(size - 60),
    "content of ones": filled('{"event_id":"e","data":{"customer_id":"c","headers":[1', ",1", "]}}"),
    "one long content": filled('{"event_id":"e","data":{"content":"', "x", '"}}'),
}


def signed(body):
    seconds = str(int(time.time()))
    code = hmac.new(SECRET, b"v0:" + seconds.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-CIO-Timestamp": seconds, "X-CIO-Signature": code}


def forged(body):
    return {"X-CIO-Timestamp": str(int(time.time())), "X-CIO-Signature": "0" * 64}


def basic(body):
    return {"Authorization": "Basic " + base64.b64encode(b"api:").decode()}


def nothing(body):
    return {}


# Sender, path, headers, the size of the largest body, bodies, and the statuses that it may answer.
SENDERS = [
    ("segment-api", "/v1/batch", basic, TRACKING, {**ANY, **BATCHES},
     {200, 400, 401}),
    ("segment-destination", "/webhook/segment/dest", nothing, LARGE, {**ANY, **ARRAYS},
     {200, 400, 413, 501}),
    ("customerio", "/webhook/customerio/cio", signed, LARGE, {**ANY, **EVENTS}, {200}),
    ("customerio, anybody's", "/webhook/customerio", forged, LARGE,
     {"one long content": EVENTS["one long content"]}, {401, 503}),
    ("partner", "/webhook/v1/own", nothing, LARGE, {**ANY, **ARRAYS, **FORMS}, {200, 400, 413}),
    ("partner with 64 rules", "/webhook/v1/strict", nothing, LARGE, {**ANY, **ARRAYS},
     {200, 400, 413}),
]


def event(path, body, headers):
    """A REST API's event, with the body as a text, or as Base64 where that is shorter."""
    common = {"httpMethod": "POST", "path": path, "headers": headers,
              "requestContext": {"requestId": "r", "identity": {"sourceIp": "203.0.113.9"}}}
    encoded = {**common, "body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    try:
        plain = json.dumps({**common, "body": body.decode(), "isBase64Encoded": False}).encode()
    except UnicodeDecodeError:
        return json.dumps(encoded).encode()
    return min(plain, json.dumps(encoded).encode(), key=len)


class Process:
    """One environment."""

    def __init__(self, bootstrap, sns, partners):
        self.runtime = serve(Runtime)
        self.mail = self.runtime.mail = Mail()
        environment = {
            "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:%d" % self.runtime.server_address[1],
            "_HANDLER": "ingest",
            "INLET_TOPIC_ARN": "arn:aws:sns:eu-west-1:123456789012:messages",
            "INLET_REJECTED_TOPIC_ARN": "arn:aws:sns:eu-west-1:123456789012:rejected",
            "INLET_PARTNERS": f"file:{partners}", "INLET_LOG_LEVEL": "FATAL",
            "INLET_GRACEFUL_SHUTDOWN": "off", "AWS_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "s",
            "AWS_ENDPOINT_URL_SNS": f"http://127.0.0.1:{sns}",
        }
        self.program = subprocess.Popen(
            [bootstrap], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=lambda: resource.setrlimit(
                resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE)))
        self.mail.waits.get(timeout=PATIENCE)

    def status(self, name):
        with open(f"/proc/{self.program.pid}/status") as file:
            return int(re.search(rf"^{name}:\s+(\d+) kB", file.read(), re.M)[1]) / 1024

    def seconds(self):
        with open(f"/proc/{self.program.pid}/schedstat") as file:
            return int(file.read().split()[0]) / 1e9

    def send(self, event):
        """The reply's status and the processor's time, or why there is none."""
        before = self.seconds()
        self.mail.events.put(event)
        end = time.monotonic() + PATIENCE
        while True:
            try:
                kind, reply = self.mail.answers.get(timeout=0.2)
                break
            except queue.Empty:
                if self.program.poll() is not None:
                    return f"ended ({self.program.returncode})", 0
                if time.monotonic() > end:
                    return "no answer", 0
        if kind != "response":
            return f"{kind}: {reply[:100]!r}", 0
        self.mail.waits.get(timeout=PATIENCE)
        return json.loads(reply)["statusCode"], self.seconds() - before

    def stop(self):
        self.program.kill()
        self.program.wait()
        self.mail.events.put(None)
        self.runtime.shutdown()
        self.runtime.server_close()


def measured(setting, whole, allowed):
    """The reply's status, the processor's time and the peak of resident memory, in MiB.

    503 says that the time was over: on a machine with other work that may be by chance, so it is
    tried again.
    """
    for _ in range(3):
        process = Process(*setting)
        try:
            status, seconds = process.send(whole)
            memory = process.status("VmHWM") if isinstance(status, int) else 0
        finally:
            process.stop()
        if status in allowed or status != 503:
            break
    return status, seconds, memory


def row(setting, sender, name, make, is_gzip):
    label, path, headers, largest, _, allowed = sender
    times, peak, problems, size = [], 0, [], 0
    for share in (4, 2, 1):
        size = largest // share - 64
        while True:
            body = make(size).encode()
            sent = gzip.compress(body) if is_gzip else body
            whole = event(path, sent, headers(sent))
            if len(whole) <= EVENT // share:
                break
            size = size * 9 // 10
        status, seconds, memory = measured(setting, whole, allowed)
        if status not in allowed:
            problems.append(str(status))
        times.append(seconds)
        peak = max(peak, memory)
    if peak > GOAL_MIB:
        problems.append(f"more than {GOAL_MIB} MiB")
    cells = [label, f"`{name}`" + (" (gzip)" if is_gzip else ""), f"{len(body) / 1e6:.2f} MB",
             *(f"{seconds * 1e3:.1f} ms" for seconds in times), f"{peak:.1f} MiB", str(status),
             "**" + ", ".join(problems) + "**" if problems else ""]
    print("| " + " | ".join(cells) + " |", flush=True)
    return not problems


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as directory:
        partners = os.path.join(directory, "partners.json")
        with open(partners, "w") as file:
            json.dump(PARTNERS, file)
        setting = os.path.abspath(sys.argv[1]), serve(SNS).server_address[1], partners
        sys.exit(0 if measure(setting) else 1)


def measure(setting):
    print("| sender | body | 4n | n | 2n | 4n | peak | reply | |")
    print("|---|---|---|---|---|---|---|---|---|")
    good = True
    for sender in SENDERS:
        for name, make in sender[4].items():
            for is_gzip in (False, True):
                good &= row(setting, sender, name, make, is_gzip)
    sender = ("segment-destination", "/webhook/segment/dest", nothing, LARGE, {}, {400, 413})
    return good & row(setting, sender, "empty members of gzip", Members(), False)


class Members:
    """A stream of gzip's that are empty, as bytes that only look like a text."""

    def __call__(self, size):
        return self.Bytes(gzip.compress(b"", mtime=0) * (size // 20))

    class Bytes(bytes):
        def encode(self):
            return bytes(self)


main()
