"""Do the routes of toxiproxy lead through, undisturbed? See `probes`."""

from __future__ import annotations

import http.client
import json

from stack.errors import NotReadyError
from stack.probes import fetch
from stack.routes import ROUTES


def proxy(port: int) -> str:
    """Every route is there, and none is disturbed."""
    status, body = fetch(port, "/proxies")
    if status != http.client.OK:
        raise NotReadyError(f"/proxies answers {status}")
    found = json.loads(body)
    if missing := [route.name for route in ROUTES if not found.get(route.name, {}).get("enabled")]:
        raise NotReadyError(f"these routes are missing: {', '.join(missing)}")
    if disturbed := sorted(name for name, route in found.items() if route["toxics"]):
        raise NotReadyError(f"disturbed: {', '.join(disturbed)}")
    return f"{len(found)} routes, none disturbed"
