"""A Prometheus that answers every expression of the dashboards with made-up series, and can be empty, behind, refusing or away.

It knows no PromQL: what it answers follows from the metric and the `by` labels that stand in the expression.
"""

from __future__ import annotations

import contextlib
import json
import math
import re
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

LABELS = {
    "target": ["postgres", "kafka", "connect", "mongo", "redis", "worker", "api"],
    "hop": ["commit_to_connect", "connect_to_kafka", "kafka_to_worker", "worker_to_mongo"],
    "topic": ["cdc.public.users", "cdc.public.items", "cdc.public.tags", "cdc.public.item_tags"],
    "table": ["users", "items", "tags", "item_tags"],
    "cause": ["mongo_unavailable", "write_conflict"],
    "instance": ["127.0.0.1:9101"],
    "job": ["worker", "api"],
    "partition": ["0", "1", "2", "3"],
    "canary": ["0", "1", "2", "3"],
    "collection": ["users_read", "items_read"],
    "step": ["decode", "mirror", "materialise", "acknowledge"],
    "op": ["c", "u", "d"],
    "route": ["/v1/items", "/v1/items/{id}", "/v1/users/{id}"],
    "method": ["GET", "POST", "PUT"],
    "outcome": ["done", "refused"],
    "state": ["running"],
    "context": ["streaming"],
    "member": ["127.0.0.1:27117"],
    "experiment": ["kill-mongo"],
    "sloth_window": ["5m", "30m", "1h", "6h"],
    "problem": ["validation", "not-found"],
    "alertname": ["Watchdog", "CdcLagGrowing"],
    "severity": ["none", "ticket"],
    "alertstate": ["firing"],
}
# What an expression is about, first match: (text in it, middle, swing)
SIZES = [
    ("count(ALERTS", 0, 0),
    ('status=~"5..', 0.01, 0.01),
    ("budget_remaining", 0.82, 0.02),
    ("slo:", 0.002, 0.002),
    ("cdc:freshness_error", 0.0004, 0.0004),
    ("cdc:freshness_seconds", 0.9, 0.4),
    ("time() - ", 0.9, 0.4),
    ("cdc_slot_safe", 8e9, 1e6),
    ("/ max", 0.02, 0.01),
    ("_bytes", 24e6, 9e6),
    ("roundtrip", 0.16, 0.05),
    ("_seconds_bucket", 0.03, 0.015),
    ("oplog_window", 40000, 10),
    ("cdc_records", 240, 60),
    ("cdc_documents", 320, 90),
    ("api_request", 90, 20),
    ("lag_records", 40, 40),
    ("messagesin", 230, 50),
    ("bytesin", 9e4, 2e4),
    ("bytesout", 9e4, 2e4),
    ("MilliSeconds", 400, 300),
]
STATES = (
    "cdc_probe_up",
    "cdc_slot_active",
    "cdc_slot_present",
    "cdc_mongo_primary",
    "up{",
    "connector_state",
    "wal_status",
    "member_state",
)
QUIET: tuple[str, ...] = ("divergent", "dead_letter", "lost", "duplicates", "reordered", "attempt_failed", "missed", "offlinepart")
QUIET += ("underm", "underr", "circuits", "gave_up")
QUIET += (
    "slot_lost",
    "stalled",
    "paused",
    "skew",
    "skipped",
    "rebalance",
    "failed",
    "errors",
    "retries",
    "Erroneous",
    "rewinds",
    "problems",
)


class FakePrometheus:
    """`mode`: live, empty, behind (series ended two minutes ago), refusing, gone (hangs up). `url` while it runs.

    While `held` is clear no question is answered.
    """

    def __init__(self):
        self.mode = "live"
        self.asked = []
        self.held = threading.Event()
        self.held.set()
        self.url = ""

    def series(self, expr):
        """Labels of the series an expression gives."""
        if "ALERTS" in expr and "count" not in expr:
            keys = [key for key in ("alertname", "severity", "alertstate") if key in expr]
            return [{key: LABELS[key][n] if n < len(LABELS[key]) else "firing" for key in keys} for n in (0, 1)]
        found = re.search(r"by \(([\w, ]+)\)", expr)
        names = [name for name in (found[1].split(", ") if found else []) if name != "le"]
        combined: list[dict[str, str]] = [{}]
        for name in names:
            combined = [one | {name: value} for one in combined for value in LABELS.get(name, ["one"])]
        return combined[:12]

    def value(self, expr, labels, moment):
        """A number that wanders, the same for the same question."""
        seed = zlib.crc32(f"{expr}{sorted(labels.items())}".encode()) % 1000
        if any(name in expr for name in STATES):
            away = labels.get("target") == "mongo" and int(moment) % 900 < 45
            return 0 if away else 1
        if any(name in expr for name in QUIET):
            return 0
        middle, swing = next(((middle, swing) for text, middle, swing in SIZES if text in expr), (3, 2))
        spike = 6 if "freshness_seconds" in expr and int(moment) % 900 < 50 else 1
        return (
            max(0, middle * (0.6 + seed / 1250) + swing * math.sin(moment / 37 + seed) + swing * 0.4 * math.sin(moment / 7 + seed)) * spike
        )

    def answer(self, path, form):
        """The `data` of an answer."""
        self.asked.append(form.get("query", path))
        if path.startswith("/api/v1/label/"):
            return LABELS.get(path.split("/")[4], [])
        assert re.fullmatch(r"\d+(ms|s)", form["timeout"]), "Prometheus takes no fractions"
        expr = form["query"]
        some = [] if self.mode == "empty" or "changes(cdc_rebalances" in expr else self.series(expr)
        if path.endswith("/query"):
            some = [] if self.mode == "behind" else some
            return {
                "resultType": "vector",
                "result": [
                    {"metric": one, "value": [float(form["time"]), str(self.value(expr, one, float(form["time"])))]} for one in some
                ],
            }
        start, end, step = (int(form[key]) for key in ("start", "end", "step"))
        last = end - 120 if self.mode == "behind" else end
        grid = list(range(start, last + 1, step))
        if "changes(process" in expr or "cdc_chaos_active" in expr:
            grid = [moment for moment in grid if moment % 900 < 45]
        elif expr.startswith("max by (alertname) (ALERTS"):
            grid = [moment for moment in grid if 60 <= moment % 900 < 200]
        return {
            "resultType": "matrix",
            "result": [
                {"metric": one, "values": [[moment, str(self.value(expr, one, moment))] for moment in grid]} for one in some if grid
            ],
        }


@contextlib.contextmanager
def fake_prometheus():
    """A running one."""
    fake = FakePrometheus()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers.get("Content-Length", 0))
            self._answer({key: value[0] for key, value in parse_qs(self.rfile.read(length).decode()).items()})

        def do_GET(self):
            self._answer({key: value[0] for key, value in parse_qs(urlsplit(self.path).query).items()})

        def _answer(self, form):
            fake.held.wait(10)
            if fake.mode == "gone":
                self.close_connection = True
                return
            good = {"status": "success", "data": fake.answer(urlsplit(self.path).path, form)} if fake.mode != "refusing" else None
            body = json.dumps(good or {"status": "error", "error": "query timed out in expression evaluation"}).encode()
            self.send_response(200 if good else 503)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield fake
    finally:
        fake.held.set()
        server.shutdown()
        server.server_close()
        thread.join()
