"""What the API counts: requests by route, how long they took, and what they waited for. Served at /metrics.

Labels are bounded: route templates, statuses, kinds of problems; never a path or an id.
"""

from __future__ import annotations

import platform
from importlib import metadata
from typing import Final

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, Info, generate_latest
from starlette.types import Scope

router = APIRouter(tags=["health"], include_in_schema=False)

REQUESTS: Final = Histogram(
    "cdc_api_request_seconds",
    "Duration of requests by method, route and status",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
IN_FLIGHT: Final = Gauge("cdc_api_requests_in_flight", "Requests that are being served")
PROBLEMS: Final = Counter("cdc_api_problems_total", "Answers that were problems, by kind (the last part of their type)", ["problem"])
POOL: Final = Gauge("cdc_api_postgres_pool_connections", "Connections of the pool: in use, idle, and how many there may be", ["state"])
POOL_WAIT: Final = Histogram(
    "cdc_api_postgres_wait_seconds",
    "Wait of a transaction for its connection: for a free one, for a new one, or for the check of an idle one",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5),
)
VERSION: Final = "0.1.0"  # of the project, as in pyproject.toml
BUILD: Final = Info("cdc_api_build", "Versions of what runs in this process")
BUILD.info(
    {"program": "api", "version": VERSION, "python": platform.python_version()}
    | {name: metadata.version(name) for name in ("fastapi", "sqlalchemy", "psycopg", "pymongo")}
)
METHODS: Final = frozenset({"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"})


def observe(scope: Scope, status: int, seconds: float) -> None:
    """Count one request under its route's template: a path with ids in it would be a label without end."""
    method = scope["method"] if scope["method"] in METHODS else "other"
    REQUESTS.labels(method, getattr(scope.get("route"), "path", "none"), status).observe(seconds)


@router.get("/metrics")
async def metrics() -> Response:
    """Everything, in Prometheus' text format."""
    return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
