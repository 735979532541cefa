"""Measures the handler `loader`; `scripts/bench --loader` calls it.

    loader.py BOOTSTRAP INLET UNNEST [ROUNDS]

Starts a PostgreSQL server of its own, with fsync on as its makers have it, and stores batches of 10, 100
and 1,000 tracks of 1 KB in it and in an SQLite file. Beside PostgreSQL a C program stores the same rows,
whose bytes are prepared, by the same statement. Rounds are interleaved; medians are printed as a Markdown
table. Times are from handing an event out to having its answer, as the stand-in of the Runtime API sees them.
"""

import json
import os
import queue
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

SIZES = (10, 100, 1000)
PATIENCE = 60
MESSAGE = {
    "type": "track",
    "messageId": "",
    "userId": "u-1042",
    "anonymousId": "7c1e6c0a-9d55-4f6e-8a51-3b2f0f2f9b11",
    "event": "Order Completed",
    "properties": {
        "orderId": "A-20260105-1042", "total": 99.50, "currency": "EUR", "coupon": "winter",
        "products": [
            {"sku": f"SKU-{number}", "name": "Woollen socks, blue, large", "price": 12.5, "quantity": 2}
            for number in range(4)
        ],
    },
    "context": {
        "ip": "203.0.113.9", "locale": "pt-PT", "timezone": "Europe/Lisbon",
        "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0",
        "library": {"name": "analytics.js", "version": "4.2"},
        "page": {"url": "https://shop.example/pay?x=1", "path": "/pay", "title": "Pay", "referrer": ""},
    },
    "timestamp": "2026-01-05T10:00:00.100Z",
    "sentAt": "2026-01-05T10:00:01.000Z",
    "receivedAt": "2026-01-05T10:00:02.345Z",
}


class Runtime:
    """A Runtime API for one process."""

    def __init__(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.authority = "127.0.0.1:%d" % self.server.getsockname()[1]
        self.events, self.times = queue.Queue(), queue.Queue()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.server.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        reader = connection.makefile("rb", buffering=1 << 20)
        start = 0.0
        while line := reader.readline():
            length = 0
            while (header := reader.readline().strip()):
                name, _, value = header.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            body = reader.read(length)
            if line.startswith(b"GET"):
                event = self.events.get()
                deadline = int((time.time() + PATIENCE) * 1000)
                head = (
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                    f"Lambda-Runtime-Aws-Request-Id: r\r\nLambda-Runtime-Deadline-Ms: {deadline}\r\n"
                    f"Content-Length: {len(event)}\r\n\r\n"
                ).encode()
                start = time.perf_counter()
                connection.sendall(head + event)
            else:
                if b"/response" in line:
                    self.times.put((time.perf_counter() - start, body))
                connection.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")


class Loader:
    """A loader for one warehouse."""

    def __init__(self, bootstrap, warehouse):
        self.runtime = Runtime()
        self.process = subprocess.Popen(
            [bootstrap],
            env={
                "_HANDLER": "loader", "INLET_WAREHOUSE": warehouse, "INLET_LOG_LEVEL": "ERROR",
                "INLET_GRACEFUL_SHUTDOWN": "off", "AWS_LAMBDA_RUNTIME_API": self.runtime.authority,
            },
        )

    def used(self):
        """Seconds of the processor's time."""
        with open(f"/proc/{self.process.pid}/schedstat", encoding="ascii") as file:
            return int(file.read().split()[0]) / 1e9

    def store(self, event):
        before = self.used()
        self.runtime.events.put(event)
        seconds, body = self.runtime.times.get(timeout=PATIENCE)
        if json.loads(body) != {"batchItemFailures": []}:
            raise SystemExit(f"loader: not stored: {body[:200]}")
        return seconds, self.used() - before

    def stop(self):
        self.process.kill()
        self.process.wait()


def event(count):
    """Records of SQS with messages that nobody has seen."""
    records = []
    for _ in range(count):
        # Keys in no order, as UUIDs are.
        message = dict(MESSAGE, messageId="%032x" % random.getrandbits(128))
        body = json.dumps(message, separators=(",", ":"))
        attributes = {
            name: {"stringValue": value, "stringListValues": [], "binaryListValues": [], "dataType": "String"}
            for name, value in (
                ("type", "track"), ("partner", "web-app"), ("sender", "segment-api"), ("auth", "key"),
                ("event", message["event"]), ("messageId", message["messageId"]))
        }
        records.append({
            "messageId": message["messageId"], "receiptHandle": "A" * 360, "body": body,
            "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1767607203000"},
            "messageAttributes": attributes, "md5OfBody": "0" * 32, "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:q", "awsRegion": "eu-west-1",
        })
    return json.dumps({"Records": records}, separators=(",", ":")).encode()


class Server:
    """A PostgreSQL server in a directory of its own."""

    def __init__(self, directory):
        self.tools = max(os.scandir("/usr/lib/postgresql"), key=lambda entry: int(entry.name)).path + "/bin"
        self.directory = directory
        self.as_server = []
        if os.getuid() == 0:
            subprocess.run(["chown", "postgres", directory], check=True)
            self.as_server = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        self.run("initdb", "--auth=trust", "--username=inlet", "--encoding=UTF8", "--locale=C.UTF-8")
        self.run("pg_ctl", "-w", "-o", f"-c listen_addresses= -c unix_socket_directories={directory} "
                 "-c shared_buffers=512MB -c max_wal_size=4GB", "-l", f"{directory}/log", "start")
        self.uri = f"postgresql://inlet@{directory.replace('/', '%2F')}/postgres"

    def run(self, tool, *arguments):
        subprocess.run(
            self.as_server + [f"{self.tools}/{tool}", "-D", f"{self.directory}/data", *arguments],
            check=True, stdout=subprocess.DEVNULL, cwd="/")

    def rows(self, sql):
        return subprocess.run(
            [f"{self.tools}/psql", "-XAtq", "-d", self.uri, "-c", sql], check=True, capture_output=True, text=True
        ).stdout

    def stop(self):
        self.run("pg_ctl", "-m", "immediate", "stop")


def prepared(server, inlet_columns):
    """What the C program stores: the statement and an element of each array, as one row in the table has it."""
    types = {"received_at": "timestamptz", "sent_at": "timestamptz", "timestamp": "timestamptz",
             "original_timestamp": "timestamptz", "loaded_at": "timestamptz",
             "properties": "jsonb", "context": "jsonb", "extra": "jsonb"}
    arrays = ", ".join(f"${n + 1}::{types.get(name, 'text')}[]" for n, name in enumerate(inlet_columns))
    names = ", ".join(f'"{name}"' for name in inlet_columns)
    lines = [f'INSERT INTO "inlet"."tracks" ({names}) SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING']
    selected = ", ".join(f'"{name}"::text' for name in inlet_columns)
    row = json.loads(server.rows(f"SELECT json_build_array({selected}) FROM inlet.tracks LIMIT 1"))
    row[inlet_columns.index("properties")] = json.dumps(MESSAGE["properties"], separators=(",", ":"))
    row[inlet_columns.index("context")] = json.dumps(MESSAGE["context"], separators=(",", ":"))
    row[0] = "%"
    for value in row:
        lines.append("NULL" if value is None else
                     '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"')
    return "\n".join(lines) + "\n"


def main(bootstrap, inlet, unnest, rounds=30):
    with tempfile.TemporaryDirectory() as directory:
        server = Server(directory)
        processes = []
        try:
            sqlite = f"sqlite:{directory}/warehouse.sqlite?journal=wal"
            for warehouse in (server.uri, sqlite):
                subprocess.run([inlet, "warehouse", "migrate", "--warehouse", warehouse],
                               check=True, stdout=subprocess.DEVNULL)
            loaders = {"PostgreSQL": Loader(bootstrap, server.uri), "SQLite": Loader(bootstrap, sqlite)}
            processes += loaders.values()
            loaders["PostgreSQL"].store(event(1))
            columns = server.rows(
                "SELECT attname FROM pg_attribute WHERE attrelid = 'inlet.tracks'::regclass AND attnum > 0 "
                "ORDER BY attnum").split()
            with open(f"{directory}/prepared", "w", encoding="utf-8") as file:
                file.write(prepared(server, columns))
            program = subprocess.Popen([unnest, server.uri, f"{directory}/prepared"],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            measure(loaders, program, int(rounds))
            program.stdin.close()
            program.wait(timeout=PATIENCE)
        finally:
            for process in processes:
                process.stop()
            server.stop()


def measure(loaders, program, rounds):
    times = {}
    for turn in range(-2, rounds):
        for size in SIZES:
            if turn >= 0 and size == 1000 and turn % 2:
                continue
            for name in random.sample(["PostgreSQL", "SQLite", "C"], 3):
                if name == "C":
                    program.stdin.write(f"{size}\n")
                    program.stdin.flush()
                    seconds, used = (int(text) / 1e6 for text in program.stdout.readline().split())
                else:
                    seconds, used = loaders[name].store(event(size))
                if turn >= 0:
                    times.setdefault((name, size), []).append((seconds, used))
    print("| rows | C by `unnest` | Inlet in PostgreSQL | of C's rows per second | Inlet in SQLite "
          "| processor per row: C | Inlet, PostgreSQL | Inlet, SQLite |")
    print("|---|---|---|---|---|---|---|---|")
    for size in SIZES:
        speed = {name: size / statistics.median(one[0] for one in times[name, size])
                 for name in ("C", "PostgreSQL", "SQLite")}
        used = {name: statistics.median(one[1] for one in times[name, size]) / size * 1e6
                for name in speed}
        print(f"| {size} | {speed['C']:,.0f}/s | {speed['PostgreSQL']:,.0f}/s "
              f"| {speed['PostgreSQL'] / speed['C']:.2f} | {speed['SQLite']:,.0f}/s "
              f"| {used['C']:.1f} µs | {used['PostgreSQL']:.1f} µs | {used['SQLite']:.1f} µs |")


if __name__ == "__main__":
    main(*sys.argv[1:])
