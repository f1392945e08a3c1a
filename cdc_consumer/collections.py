"""The collections the worker owns, made ready: mirrors, read collections, their validators and indexes. Idempotent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pymongo
from pymongo import IndexModel

from cdc_consumer.mongo import Database
from cdc_consumer.readmodel.declare import Document, mirror_name
from cdc_consumer.readmodel.indexes import INDEXES
from cdc_consumer.readmodel.routes import captured_tables, mirror_indexes
from cdc_consumer.schemas import agree

BUILD_SECONDS = 3600.0  # a new index on a large collection takes its time
# Sparse: rows that are alive have no entry, so inserting them does not pay for it. Beside one of an older worker it changes nothing.
PURGE = IndexModel("_purge_at", expireAfterSeconds=0, sparse=True, name="purge_tombstones_sparse")
OLD_PURGE: Final = "purge_tombstones"


async def ensure(db: Database, documents: Iterable[Document]) -> None:
    """Create what is missing. An index that exists is left as it is. Raises NewerSchema."""
    with pymongo.timeout(BUILD_SECONDS):
        await _ensure(db, tuple(documents))


async def ensure_mirrors(db: Database, documents: Iterable[Document]) -> None:
    """Create what mirrors alone need (`mirrors_only`): rows are found by their key, and tombstones go away."""
    with pymongo.timeout(BUILD_SECONDS):
        for table in captured_tables(documents):
            await _purge(db, mirror_name(table))


async def _ensure(db: Database, documents: tuple[Document, ...]) -> None:
    for document in documents:
        await agree(db, document)
    columns = mirror_indexes(documents)
    for table in captured_tables(documents):
        found_by = [IndexModel(column, name=f"by_{column}") for column in columns.get(table, ())]
        await _purge(db, mirror_name(table), *found_by)
    for document in documents:
        queries = [IndexModel(list(keys), **options) for keys, options in INDEXES.get(document.collection, ())]
        await _purge(db, document.collection, *queries)


async def _purge(db: Database, collection: str, *others: IndexModel) -> None:
    """The collection with its indexes: that of tombstones, in place of an older worker's, and these others."""
    await db[collection].create_indexes([PURGE, *others])
    if OLD_PURGE in await db[collection].index_information():
        await db[collection].drop_index(OLD_PURGE)
