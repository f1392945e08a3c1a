"""The app without databases: what it answers before it asks them, and what it says when they are away."""

from contextlib import asynccontextmanager
from typing import Any

import httpx2
import structlog

from api.main import create_app
from api.settings import Settings

# Port 1 refuses at once.
NOWHERE: dict[str, Any] = {
    "postgres_dsn": "postgresql://nobody:hunter2@127.0.0.1:1/none",
    "mongo_uri": "mongodb://127.0.0.1:1/",
    "redis_url": "redis://127.0.0.1:1/0",
    "mongo_timeout_s": 0.3,
}

# The default draws tracebacks with the values of all variables, which takes seconds.
structlog.configure(
    processors=[structlog.contextvars.merge_contextvars, structlog.processors.format_exc_info, structlog.processors.JSONRenderer()],
    logger_factory=structlog.stdlib.LoggerFactory(),
)


def settings(**changes):
    return Settings(_env_file=None, **(NOWHERE | changes))


@asynccontextmanager
async def serving(made):
    """A client of an app with these settings, or of this app."""
    app = create_app(made) if isinstance(made, Settings) else made
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://api") as client:
            yield client


def slug_of(response):
    """The problem's slug, after checking that the answer is a whole problem document."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    body = response.json()
    assert {"type", "title", "status", "detail", "instance", "trace_id"} <= body.keys()
    assert body["status"] == response.status_code
    assert body["trace_id"] == response.headers["x-request-id"]
    return body["type"].removeprefix("/problems/")
