"""The worker's steps 2 to 5 on a real MongoDB, without Kafka."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Container, Iterable, Mapping, Sequence
from typing import Any

from cdc_consumer.chunks import ChunkApplier
from cdc_consumer.collections import ensure
from cdc_consumer.dead_letters.letter import DeadLetter
from cdc_consumer.dead_letters.parked import Parked
from cdc_consumer.dead_letters.parking import Parking
from cdc_consumer.envelope import Change, Key
from cdc_consumer.mongo import Database, connect, database
from cdc_consumer.pipeline import applier
from cdc_consumer.readmodel.declare import Document
from cdc_consumer.settings import Settings
from cdc_consumer.version import Version


class Drawer:
    """Keeps dead letters instead of writing them to Kafka."""

    def __init__(self) -> None:
        self.letters: list[DeadLetter] = []

    async def send(self, letters: Sequence[DeadLetter]) -> None:
        self.letters += letters


@contextlib.asynccontextmanager
async def applying(
    uri: str, name: str, documents: Iterable[Document], drawer: Drawer | None = None
) -> AsyncIterator[tuple[Parking, Database]]:
    """What applies chunks of records, and its database, collections made ready."""
    documents = tuple(documents)
    client = connect(uri)
    try:
        db = database(client, name)
        await ensure(db, documents)
        settings = Settings(mongo_uri=uri, mongo_db=name, drafts=True)
        yield Parking(applier(client, settings, documents), Parked(db), drawer or Drawer()), db
    finally:
        await client.close()


@contextlib.asynccontextmanager
async def apart(uri: str, name: str, documents: Iterable[Document]) -> AsyncIterator[ChunkApplier]:
    """What changes a database from outside its workers, as the commands do."""
    client = connect(uri)
    try:
        yield applier(client, Settings(mongo_uri=uri, mongo_db=name, drafts=True), documents)
    finally:
        await client.close()


@contextlib.asynccontextmanager
async def sweeping(
    uri: str, name: str, documents: Iterable[Document]
) -> AsyncIterator[Callable[[str, Version, Container[Key]], Awaitable[int]]]:
    """What removes orphans from a database, as `python -m cdc_consumer sweep` does once the workers have caught up."""
    async with apart(uri, name, documents) as changes:
        yield changes.sweep


@contextlib.asynccontextmanager
async def letting_go(uri: str, name: str, documents: Iterable[Document]) -> AsyncIterator[Callable[[Sequence[Change]], Awaitable[None]]]:
    """What ends the waiting for changes that are discarded, as `dead-letters discard` does."""
    async with apart(uri, name, documents) as changes:
        yield changes.let_go


async def empty(db: Database) -> None:
    """Remove every document, keep the indexes."""
    for collection in await db.list_collection_names():
        await db[collection].delete_many({})


async def read_models(db: Database, documents: Iterable[Document]) -> Mapping[str, dict[Any, dict[str, Any]]]:
    """Live documents by collection and id, without what is the worker's own."""
    found: dict[str, dict[Any, dict[str, Any]]] = {}
    for document in documents:
        cursor = db[document.collection].find({"_deleted": {"$ne": True}}, {"_rev": 0, "_v": 0})
        found[document.collection] = {d["_id"]: d async for d in cursor}
    return found
