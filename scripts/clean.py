"""Emptying the MongoDB side, and the floors that keep late records of an earlier epoch from coming back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from bson.int64 import Int64
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from cdc_consumer.readmodel import routes
from cdc_consumer.readmodel.declare import Document, mirror_name
from monitor.progress import Reporter

Mongo: TypeAlias = Database[dict[str, Any]]

FLOORS = "cdc_floors"
CHUNK = 10_000


def targets(documents: Iterable[Document], existing: Iterable[str]) -> list[str]:
    """The collections to empty, of those that exist: what clients read, and every mirror, also those no longer declared."""
    documents = tuple(documents)
    declared = {document.collection for document in documents}
    return sorted(name for name in existing if name in declared or name.startswith(mirror_name("")))


def captured_tables(documents: Iterable[Document]) -> list[str]:
    """Every table the documents are made of."""
    return list(routes.captured_tables(documents))


def raise_floors(db: Mongo, tables: Iterable[str], epoch: int) -> list[str]:
    """Declare everything older than `epoch` dead, for each table; the tables whose floor was lower before.

    A floor never sinks. Raises PyMongoError.
    """
    floor = {"e": Int64(epoch), "c": Int64(0), "l": Int64(0)}
    return [table for table in tables if _raise_floor(db[FLOORS], table, floor)]


def _raise_floor(floors: Collection[dict[str, Any]], table: str, floor: Mapping[str, Int64]) -> bool:
    try:
        done = floors.update_one({"_id": table, "_v": {"$lt": floor}}, {"$set": {"_v": floor}}, upsert=True)
    except DuplicateKeyError:
        return False  # there is one that is not lower: the upsert found nothing to update and could not insert
    return bool(done.modified_count or done.upserted_id is not None)


def counts(db: Mongo, names: Iterable[str]) -> dict[str, int]:
    """Documents in each collection, tombstones included."""
    return {name: db[name].count_documents({}) for name in names}


def empty(db: Mongo, sizes: Mapping[str, int], report: Reporter) -> dict[str, int]:
    """Delete every document; how many in each collection. Indexes and validators stay. Raises PyMongoError."""
    return {name: _empty_one(db[name], size, report) for name, size in sizes.items()}


def _empty_one(collection: Collection[dict[str, Any]], size: int, report: Reporter) -> int:
    """In chunks along _id: one delete of a million documents shows no progress and outlasts any timeout."""
    step = report.task(f"emptying {collection.name}", size)
    deleted = 0
    while True:
        edge = list(collection.find({}, {"_id": 1}).sort("_id", 1).skip(CHUNK - 1).limit(1))
        done = collection.delete_many({"_id": {"$lte": edge[0]["_id"]}} if edge else {}).deleted_count
        deleted += done
        step(done)
        if not edge:
            return deleted
