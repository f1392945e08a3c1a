"""Sends the requests to the real app, in this process, and collects plans. Writes are undone: nothing is left behind."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from api.deps import Resources
from api.evidence import mongo, postgres
from api.evidence.client import Client, RequestFailed
from api.evidence.plans import Exchange, Plan
from api.evidence.scenario import LIMIT, Read
from api.main import create_app, held
from api.mongo import ReadModel
from api.settings import Settings
from api.sql import Database


async def read_exchanges(client: Client, read_model: ReadModel, recorder: mongo.Recorder, reads: list[Read]) -> list[Exchange]:
    """The plans of the GETs."""
    exchanges = []
    for read in reads:
        parameters = read.parameters | ({"limit": LIMIT} if read.is_list else {})
        recorder.listening = not read.second_page
        body = await client.send("GET", read.path, parameters)
        if read.second_page:
            if body["next"] is None:
                raise RequestFailed(f"{read.title}: there is no second page. Seed more rows: make seed")
            recorder.listening = True
            await client.send("GET", read.path, parameters | {"cursor": body["next"]})
        recorder.listening = False
        shown = [f"{name}={value}" for name, value in parameters.items()] + ["cursor=..."] * read.second_page
        exchange = Exchange(read.title, f"GET {read.path}" + ("?" + "&".join(shown) if shown else ""))
        for command in recorder.take():
            exchange.plans.append(await mongo.explain(read_model, command, examined=read.examined, index=read.index))
        exchanges.append(exchange)
    return exchanges


async def write_exchanges(client: Client, recorder: postgres.Recorder, tag: str) -> list[Exchange]:
    """The plans of every kind of write, with one tag that exists and one that does not."""
    exchanges = []

    async def send(title: str, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = await client.send(method, path, body=body)
        exchanges.append(Exchange(title, f"{method} {path}", recorder.take()))
        return answer

    person = {"name": "Evidence", "email": "evidence@example.org"}
    user = await send("A new user", "POST", "/v1/users", person)
    thing = {"owner_id": user["id"], "title": "Evidence", "price": "1.00", "tags": [tag, "evidence-a"]}
    item = await send("A new item with a known and a new tag", "POST", "/v1/items", thing)
    await send("A user replaced", "PUT", f"/v1/users/{user['id']}", person)
    await send("An item replaced, another tag", "PUT", f"/v1/items/{item['id']}", thing | {"tags": [tag, "evidence-b"]})
    await send("An item deleted", "DELETE", f"/v1/items/{item['id']}")
    await send("A user deleted", "DELETE", f"/v1/users/{user['id']}")
    return exchanges


@asynccontextmanager
async def app_without_cache(settings: Settings, recorder: mongo.Recorder) -> AsyncIterator[FastAPI]:
    """The app. Every read reaches MongoDB, and the recorder hears of it."""
    app = create_app(settings)
    async with held(settings.model_copy(update={"redis_url": None}), [recorder]) as resources:
        app.state.resources = resources
        yield app


@asynccontextmanager
async def undone(app: FastAPI) -> AsyncIterator[AsyncConnection]:
    """Lets all requests write in one transaction, which is rolled back: their commits release savepoints."""
    resources: Resources = app.state.resources
    engine = resources.database.bind
    assert isinstance(engine, AsyncEngine)  # noqa: S101  # so create_app made it
    async with engine.connect() as connection:
        await connection.begin()
        await connection.begin_nested()
        app.state.resources = dataclasses.replace(resources, database=Database(connection, timeout_s=60))
        try:
            yield connection
        finally:
            app.state.resources = resources
            await connection.rollback()


async def mongo_evidence(app: FastAPI, recorder: mongo.Recorder, reads: list[Read]) -> list[Exchange]:
    """Plans of the reads."""
    return await read_exchanges(Client(app), app.state.resources.read_model, recorder, reads)


async def postgres_evidence(app: FastAPI, tag: str) -> tuple[list[Exchange], list[tuple[str, Plan]], dict[str, bool]]:
    """Plans of the writes, plans of the foreign keys' own queries, and all indexes (True: it keeps something unique)."""
    async with undone(app) as connection:
        recorder = postgres.Recorder(connection)
        try:
            writes = await write_exchanges(Client(app), recorder, tag)
        finally:
            recorder.stop()
        keys = await connection.run_sync(postgres.foreign_key_plans)
        indexes = await connection.run_sync(postgres.all_indexes)
    return writes, keys, indexes
