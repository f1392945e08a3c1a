"""Kafka Connect's REST interface as a real HTTP server over a small state: what the commands see, without Kafka."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from connectors.source import Slot


class FakeConnect:
    """One connector. `fail_with` makes its task FAIL whenever it should run; `busy` answers that many requests with `refusal`."""

    def __init__(self):
        self.config = None
        self.state = "STOPPED"
        self.offsets = []
        self.offsets_when_running = []
        self.fail_with = ""
        self.busy = 0
        self.refusal = 409, "rebalance in progress"
        self.requests = []
        self.source = None

    @property
    def tasks(self):
        if self.config is None or self.state == "STOPPED":
            return []
        if self.fail_with:
            return [{"id": 0, "state": "FAILED", "trace": self.fail_with}]
        return [{"id": 0, "state": self.state}]

    def answer(self, method, path, body):  # noqa: C901, PLR0911, PLR0912 - the table of Connect's answers
        if self.busy:
            self.busy -= 1
            code, message = self.refusal
            return code, {"error_code": code, "message": message}
        if (method, path) == ("POST", "/connectors"):
            if "connector.class" not in body["config"]:
                return 400, {"error_code": 400, "message": "Connector configuration is invalid"}
            self.config = body["config"] | {"name": body["name"]}
            self.state = body["initial_state"]
            return 201, {}
        if self.config is None:
            return 404, {"error_code": 404, "message": "Connector cdc-postgres not found"}
        match method, path.split("?")[0].removeprefix("/connectors/cdc-postgres"):
            case "GET", "/config":
                return 200, self.config
            case "PUT", "/config":
                self.config = body | {"name": "cdc-postgres"}
                return 200, {}
            case "PATCH", "/config":
                self.config |= body
                return 200, {}
            case "GET", "/status":
                return 200, {"connector": {"state": self.state}, "tasks": self.tasks}
            case "GET", "/offsets":
                return 200, {"offsets": [{"partition": {"server": "cdc"}, "offset": offset} for offset in self.offsets]}
            case "DELETE", "/offsets":
                if self.state != "STOPPED":
                    return 400, {"error_code": 400, "message": "must be stopped"}
                self.offsets = []
                return 200, {}
            case (("PUT" | "POST"), ("/stop" | "/pause" | "/resume" | "/restart") as verb):
                self.state = {"/stop": "STOPPED", "/pause": "PAUSED"}.get(verb, "RUNNING")
                if self.state == "RUNNING":
                    self.offsets = self.offsets or self.offsets_when_running
                if self.source:
                    self.source.follow(self)
                return 202, None
            case "DELETE", "":
                self.config = None
                return 204, None
        return 405, {"message": f"{method} {path}"}

    @contextmanager
    def serve(self):
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def _handle(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                fake.requests.append((self.command, self.path))
                code, answer = fake.answer(self.command, self.path, json.loads(body) if body else None)
                data = b"" if answer is None else json.dumps(answer).encode()
                self.send_response(code)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = _handle  # noqa: N815 - the names http.server looks for

            def log_message(self, *args):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class FakeSource:
    """The source database: a running task makes and holds the slot, a stopped one lets it go."""

    def __init__(self, tables, slot=None):
        self.tables = dict.fromkeys(tables, True)
        self.found = slot
        self.streams = True
        self.drops = 0
        self.position = 0
        self.signals = {}
        self.forgotten = []

    def follow(self, connect):
        if connect.state == "RUNNING" and not connect.fail_with:
            self.found = slot(active=self.streams)
        elif self.found:
            self.found = slot(active=False)

    def slot(self):
        return self.found

    def published(self):
        return self.tables

    def drop_slot(self):
        self.drops += 1
        if self.found and not self.found.active:
            self.found = None

    def wal_position(self):
        return self.position

    def signal(self, name, kind, data):
        self.signals[name] = (kind, data)

    def forget_signal(self, name):
        self.forgotten.append(name)


def slot(*, active=True, wal_status="reserved", confirmed=0):
    return Slot(active=active, wal_status=wal_status, retained_bytes=0, confirmed_lsn=confirmed)
