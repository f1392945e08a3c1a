"""Is it alive, is it ready, and how is everything it needs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from api import mongo, problems
from api.deps import AllResources, Resources
from api.openapi import declare

router = APIRouter(tags=["health"])

State = Literal["up", "down", "off"]
CRITICAL = ("postgres", "mongo")


class Component(BaseModel):
    """One thing the API needs. `off`: not configured."""

    state: State
    critical: bool
    latency_ms: float | None


class Health(BaseModel):
    """`degraded`: requests are served, something that only makes them faster is down."""

    status: Literal["ok", "degraded"]
    components: dict[str, Component]


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


async def _probe(name: str, work: Awaitable[object] | None, timeout_s: float) -> Component:
    state: State
    if work is None:
        return Component(state="off", critical=name in CRITICAL, latency_ms=None)
    started = time.perf_counter()
    try:
        async with asyncio.timeout(timeout_s):
            await work
        state = "up"
    except Exception:  # noqa: BLE001  # whatever it is, the component does not serve
        state = "down"
    return Component(state=state, critical=name in CRITICAL, latency_ms=round((time.perf_counter() - started) * 1000, 2))


async def _examine(held: Resources) -> Health:
    """Probes every component at once. Raises NotReady when a critical one is down."""
    redis = held.cache.redis
    probes = {"postgres": held.database.ping(), "mongo": mongo.ping(held.read_model), "redis": redis.ping() if redis else None}
    found = await asyncio.gather(*(_probe(name, work, held.settings.health_timeout_s) for name, work in probes.items()))
    components = dict(zip(probes, found, strict=True))
    down = [name for name, component in components.items() if component.state == "down"]
    if any(components[name].critical for name in down):
        raise problems.NotReady(f"Down: {', '.join(down)}.", {name: component.model_dump() for name, component in components.items()})
    return Health(status="degraded" if down else "ok", components=components)


@router.get("/livez", responses=declare())
async def live() -> Alive:
    """The process answers; it asks nobody else."""
    return Alive()


@router.get("/readyz", responses=declare(problems.NotReady))
async def ready(held: AllResources) -> Health:
    """Whether requests can be served: both databases answer."""
    return await _examine(held)


@router.get("/v1/health/", responses=declare(problems.NotReady))
async def health(held: AllResources) -> Health:
    """The state of every component, with the time its probe took."""
    return await _examine(held)
