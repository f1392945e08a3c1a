"""/metrics, /ready and /live of the keeper, on a thread of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from cdc_consumer.http import Server
from connectors.keeper.metrics import REGISTRY


def serve(host: str, port: int, trouble: Callable[[], str]) -> int:
    """Start serving; returns the port. /ready is 200 while `trouble()` is empty, else 503 with it; /live is always 200."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._answer(200, CONTENT_TYPE_LATEST, generate_latest(REGISTRY))
            elif self.path in ("/ready", "/readyz"):
                text = trouble()
                self._answer(503 if text else 200, "text/plain; charset=utf-8", f"{text or 'ready'}\n".encode())
            elif self.path in ("/live", "/livez"):
                self._answer(200, "text/plain", b"alive\n")
            else:
                self._answer(404, "text/plain", b"there are /metrics, /ready and /live\n")

        def _answer(self, status: int, content_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Scrapes are not news."""

    server = Server((host, port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="http", daemon=True).start()
    return int(server.server_address[1])
