"""Connections that a fault can disturb (PROXIES=1): each goes through a proxy of its own, and that through toxiproxy.

Only what a component itself says and hears is routed: whoever measures, heals or verifies has the direct way. Kafka tells its clients
where it is, so it has a listener for each of them that does, and says the proxy's address there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from stack.settings import HOST, Settings

PROGRAM = "proxy"


@dataclass(frozen=True)
class Route:
    """`name` is client and server. `port` and `behind` are names of ports in stack.env: the proxy's, and the server's."""

    name: str
    port: str
    behind: str


ROUTES = (
    Route("worker-mongo", "ROUTE_WORKER_MONGO", "MONGO"),
    Route("worker-kafka", "ROUTE_WORKER_KAFKA", "KAFKA_FOR_WORKER"),
    Route("connect-postgres", "ROUTE_CONNECT_POSTGRES", "POSTGRES"),
    Route("connect-kafka", "ROUTE_CONNECT_KAFKA", "KAFKA_FOR_CONNECT"),
    Route("api-postgres", "ROUTE_API_POSTGRES", "POSTGRES"),
    Route("api-mongo", "ROUTE_API_MONGO", "MONGO"),
)


def _at(settings: Settings, port: str) -> str:
    return f"{HOST}:{settings.port(port)}"


def proxies(settings: Settings) -> str:
    """Toxiproxy's configuration: all routes, none disturbed."""
    return json.dumps(
        [
            {"name": route.name, "listen": _at(settings, route.port), "upstream": _at(settings, route.behind), "enabled": True}
            for route in ROUTES
        ],
        indent=1,
    )


def listeners(settings: Settings) -> dict[str, str]:
    """Kafka's listeners for clients that are routed: where each listens, what it says of itself, and in which protocol. Empty without."""
    if not settings.state.proxies:
        return {"listens": "", "says": "", "protocols": ""}
    names = {"WORKER": ("KAFKA_FOR_WORKER", "ROUTE_WORKER_KAFKA"), "CONNECT": ("KAFKA_FOR_CONNECT", "ROUTE_CONNECT_KAFKA")}
    return {
        "listens": "".join(f",{name}://{_at(settings, behind)}" for name, (behind, _) in names.items()),
        "says": "".join(f",{name}://{_at(settings, front)}" for name, (_, front) in names.items()),
        "protocols": "".join(f",{name}:PLAINTEXT" for name in names),
    }


def _mongo(settings: Settings, port: str) -> str:
    """Direct: a driver that asked the set where its members are would go past the proxy."""
    return f"mongodb://{_at(settings, port)}/?directConnection=true"


def worker(settings: Settings) -> dict[str, str]:
    """What a routed worker is told instead."""
    if not settings.state.proxies:
        return {}
    return {"CDC_BROKER": _at(settings, "ROUTE_WORKER_KAFKA"), "CDC_MONGO_URI": _mongo(settings, "ROUTE_WORKER_MONGO")}


def api(settings: Settings, env: Mapping[str, str]) -> dict[str, str]:
    """What a routed API is told instead."""
    if not settings.state.proxies:
        return {}
    dsn = env["API_POSTGRES_DSN"].replace(_at(settings, "POSTGRES"), _at(settings, "ROUTE_API_POSTGRES"))
    return {"API_POSTGRES_DSN": dsn, "API_MONGO_URI": _mongo(settings, "ROUTE_API_MONGO")}


def connect_bootstrap(settings: Settings, direct: str) -> str:
    """Where Connect looks for Kafka."""
    return _at(settings, "ROUTE_CONNECT_KAFKA") if settings.state.proxies else direct


def connect_postgres(settings: Settings) -> str:
    """The port at which capture reaches Postgres: the connector, and who watches over it."""
    return str(settings.port("ROUTE_CONNECT_POSTGRES" if settings.state.proxies else "POSTGRES"))
