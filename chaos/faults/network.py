"""What can happen to a connection between two components, through toxiproxy (stack/routes.py): slow, narrow, reset, or silent."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any

from chaos.backends import Backend, Local
from chaos.faults.base import Room, SkippedError
from stack.errors import StackError
from stack.settings import HOST

_SECONDS = 5.0
_WAYS = ("upstream", "downstream")
TOXICS: dict[str, tuple[str, dict[str, int], str]] = {
    "latency": ("latency", {"latency": 100, "jitter": 50}, "each way takes 100 ms more, give or take 50"),
    "bandwidth": ("bandwidth", {"rate": 32}, "each way carries 32 KB/s"),
    "reset": ("reset_peer", {"timeout": 0}, "connections are reset as soon as they are used"),
    "partition": ("timeout", {"timeout": 0}, "nothing arrives, and nobody is told"),
}
"""By kind: toxiproxy's name, its settings, and what it means."""


def lacks_proxies(backend: Backend) -> str:
    """What this pipeline would need; empty when its connections can be disturbed."""
    routed = isinstance(backend, Local) and backend.stack.settings.state.proxies
    return "" if routed else "needs connections through toxiproxy: make down, then make up PROXIES=1 (local mode)"


def _port(room: Room) -> int:
    """Where toxiproxy is told. Raises SkippedError when there is none."""
    if (lacking := lacks_proxies(room.backend)) or not isinstance(room.backend, Local):
        raise SkippedError(lacking)
    return room.backend.stack.settings.port("PROXY")


def ask(port: int, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """Toxiproxy's answer. Raises StackError when it has none, or does not do it."""
    connection = http.client.HTTPConnection(HOST, port, timeout=_SECONDS)
    try:
        connection.request(method, path, json.dumps(body) if body is not None else None)
        response = connection.getresponse()
        text = response.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        raise StackError(f"toxiproxy does not answer: {error}", advice="Look at: make logs S=proxy") from error
    finally:
        connection.close()
    if response.status >= http.client.BAD_REQUEST:
        raise StackError(f"toxiproxy: {method} {path} answers {response.status}: {text[:200]}", advice="Look at: make logs S=proxy")
    return json.loads(text) if text.strip() else None


@dataclass(frozen=True)
class Disturbed:
    """One kind of trouble on one route, both ways."""

    kind: str
    route: str

    def describe(self) -> str:
        """See Fault."""
        return f"{self.kind} from {self.route.replace('-', ' to ')}: {TOXICS[self.kind][2]}"

    def inject(self, room: Room) -> None:
        """See Fault."""
        port, (name, attributes, _) = _port(room), TOXICS[self.kind]
        for way in _WAYS:
            toxic = {"name": f"{self.kind}-{way}", "type": name, "stream": way, "attributes": attributes}
            ask(port, "POST", f"/proxies/{self.route}/toxics", toxic)

    def effect(self, room: Room) -> str:
        """See Fault. As toxiproxy has it."""
        found = ask(_port(room), "GET", f"/proxies/{self.route}")["toxics"]
        return f"{self.route}: {', '.join(toxic['name'] for toxic in found)}" if found else ""

    def heal(self, room: Room) -> None:
        """See Fault. Of every route."""
        if not lacks_proxies(room.backend):
            ask(_port(room), "POST", "/reset")
