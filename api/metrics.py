"""What the API counts: requests by route, and how long they took. Served at /metrics."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, Histogram, generate_latest
from starlette.types import Scope

router = APIRouter(tags=["health"], include_in_schema=False)

REQUESTS: Final = Histogram(
    "cdc_api_request_seconds",
    "Duration of requests by method, route and status",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
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
