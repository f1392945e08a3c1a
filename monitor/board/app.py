"""The board's server: a page, the dashboards' definitions, and the values of their expressions. It can read and nothing else."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, HTTPException, Query, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from pydantic import AfterValidator

from monitor.board import runbook
from monitor.board.answer import choices, refresh
from monitor.board.definitions import Dashboard, load
from monitor.board.prometheus import Prometheus, PrometheusError

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = Path(__file__).with_name("page")
POLICY = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

RANGES = (5, 15, 60, 360)


def _known(minutes: int) -> int:
    if minutes not in RANGES:
        raise ValueError(f"there are {', '.join(map(str, RANGES))}")
    return minutes


Minutes = Annotated[int, AfterValidator(_known)]
"""How far back: one of the ranges that the page offers."""
Chosen = Annotated[list[str], Query(max_length=100)]
"""What is chosen for a variable, as name=value, any number of times."""


def create_app(
    prometheus: Prometheus, directory: Path = ROOT / "grafana" / "dashboards", clock: Callable[[], float] = time.time
) -> FastAPI:
    """The server for the dashboards of a directory. Raises ValueError if one of them cannot be drawn."""
    dashboards = load(directory)
    app = FastAPI(title="board", docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/page", StaticFiles(directory=PAGE), name="page")
    app.include_router(_pages())
    app.include_router(_values(dashboards, prometheus, clock))
    app.middleware("http")(_careful)
    app.exception_handler(PrometheusError)(_away)
    return app


async def _careful(request: Request, proceed: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await proceed(request)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-cache"
    return response


async def _away(_: Request, error: PrometheusError) -> JSONResponse:
    return JSONResponse({"message": str(error), "advice": error.advice}, 502)


def _pages() -> APIRouter:
    router = APIRouter()

    @router.get("/")
    def index() -> FileResponse:
        return FileResponse(PAGE / "index.html")

    @router.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "serving"}

    @router.get("/runbook")
    def shown_runbook() -> HTMLResponse:
        status, html = runbook.page(ROOT / "docs" / "runbook.md")
        return HTMLResponse(html, status)

    @router.get("/d/{uid}")
    def as_in_grafana(uid: str) -> RedirectResponse:
        return RedirectResponse(f"/#{uid}")

    return router


def _values(dashboards: Mapping[str, Dashboard], prometheus: Prometheus, clock: Callable[[], float]) -> APIRouter:
    router = APIRouter(prefix="/api/dashboards")

    def find(uid: str) -> Dashboard:
        if uid not in dashboards:
            raise HTTPException(404, f"there is no dashboard {uid}; there are {', '.join(dashboards)}")
        return dashboards[uid]

    @router.get("")
    def definitions() -> list[dict[str, Any]]:
        return [dashboard.shown() for dashboard in dashboards.values()]

    @router.get("/{uid}/data")
    def data(uid: str, minutes: Minutes = 15, var: Chosen = []) -> dict[str, Any]:  # noqa: B006
        chosen: dict[str, list[str]] = {}
        for name, _, value in (one.partition("=") for one in var):
            chosen.setdefault(name, []).append(value)
        return refresh(find(uid), prometheus, chosen, minutes, clock())

    @router.get("/{uid}/variables")
    def variables(uid: str, minutes: Minutes = 15) -> dict[str, list[str]]:
        return choices(find(uid), prometheus, minutes, clock())

    return router
