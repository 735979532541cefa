"""What the stand-ins of warehouses share: a server whose next answers can be made to fail."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Lost(Exception):
    """The connection ends without an answer."""


class State:
    """Faults to come, one for each call that does something, and what was counted."""

    def __init__(self):
        self.lock = threading.Lock()
        self.faults = []
        self.counts = {}

    def count(self, name):
        with self.lock:
            self.counts[name] = self.counts.get(name, 0) + 1

    def fault(self):
        with self.lock:
            return self.faults.pop(0) if self.faults else None


def serve(state, answer):
    """Serves on a port that it prints; `answer` gets method, path, headers and body, and returns
    status, headers and a value that becomes JSON."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            try:
                if self.path == "/control":
                    reply = control(json.loads(body or b"{}"))
                else:
                    reply = answer(self.command, self.path, self.headers, body)
            except Lost:
                self.close_connection = True
                return
            status, headers, value = reply
            data = json.dumps(value).encode()
            self.send_response(status)
            for name, text in headers.items():
                self.send_header(name, text)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_DELETE = handle_any

        def log_message(self, *_):
            pass

    def control(wanted):
        with state.lock:
            state.faults += wanted.get("faults", [])
            for name in wanted.get("reset", []):
                state.counts.pop(name, None)
            if wanted.get("expire"):
                state.tokens.clear()
            return 200, {}, {"counts": state.counts, "faults": state.faults}

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(f"Running on http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()
