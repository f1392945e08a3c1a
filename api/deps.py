"""What routes ask for. Reads and writes get different types: the type says which database.

All are coroutines, though none waits: FastAPI sends a plain function to a thread and back, for every request.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from api.cache import Cache
from api.mongo import ReadModel
from api.problems import UnsupportedMediaType
from api.settings import Settings
from api.sql import Database


@dataclass(frozen=True)
class Resources:
    """What one process holds open, from the start of the app to its end."""

    settings: Settings
    database: Database
    read_model: ReadModel
    cache: Cache


async def resources(request: Request) -> Resources:
    """Those of the running app."""
    return cast("Resources", request.app.state.resources)


AllResources = Annotated[Resources, Depends(resources)]


async def _write(held: AllResources) -> Database:
    return held.database


async def _read(held: AllResources) -> ReadModel:
    return held.read_model


Write = Annotated[Database, Depends(_write)]
Read = Annotated[ReadModel, Depends(_read)]


async def declared_json(request: Request) -> None:
    """Raises UnsupportedMediaType for a body that does not say it is JSON."""
    headers = request.headers
    if headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers:
        return
    kind = headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise UnsupportedMediaType(f"Content-Type is {kind[:100]}." if kind else "There is no Content-Type.")


JsonBody = Depends(declared_json)
