"""/metrics, /ready and /live of worker, prober and keeper, on a thread of their own: they answer while the event loop is busy."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from prometheus_client.registry import Collector


class Server(ThreadingHTTPServer):
    """Says nothing when a client leaves before it has its answer: a scrape that timed out is the scraper's news."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """As the base class, but for a connection that the client closed."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def serve(host: str, port: int, trouble: Callable[[], str], registry: Collector = REGISTRY) -> int:
    """Start serving; returns the port. /ready is 200 while `trouble()` is empty, else 503 with it; /live is always 200."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._answer(200, CONTENT_TYPE_LATEST, generate_latest(registry))
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
