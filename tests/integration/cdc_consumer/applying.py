"""The worker's steps 2 to 4 on a real MongoDB, without Kafka."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

from cdc_consumer.chunks import ChunkApplier
from cdc_consumer.collections import ensure
from cdc_consumer.mongo import Database, connect, database
from cdc_consumer.pipeline import applier
from cdc_consumer.readmodel.declare import Document
from cdc_consumer.settings import Settings


@contextlib.asynccontextmanager
async def applying(uri: str, name: str, documents: Iterable[Document]) -> AsyncIterator[tuple[ChunkApplier, Database]]:
    """An applier and its database, collections made ready."""
    documents = tuple(documents)
    client = connect(uri)
    try:
        db = database(client, name)
        await ensure(db, documents)
        yield applier(client, Settings(mongo_uri=uri, mongo_db=name), documents), db
    finally:
        await client.close()


async def empty(db: Database) -> None:
    """Remove every document, keep the indexes."""
    for collection in await db.list_collection_names():
        await db[collection].delete_many({})


async def read_models(db: Database, documents: Iterable[Document]) -> Mapping[str, dict[Any, dict[str, Any]]]:
    """Live documents by collection and id, without `_rev`."""
    found: dict[str, dict[Any, dict[str, Any]]] = {}
    for document in documents:
        cursor = db[document.collection].find({"_deleted": {"$ne": True}}, {"_rev": 0})
        found[document.collection] = {d["_id"]: d async for d in cursor}
    return found
