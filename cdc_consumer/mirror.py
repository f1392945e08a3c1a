"""Step 1: the rows of a chunk, written to `mirror_<table>` if they are newer than what is there.

Three ways, from the quickest to the most careful:

- insert: rows first seen as an insert or a snapshot row go through one insert_many (4 to 5 times faster than upserts);
- guard: updates and deletes that carry all they need replace what is older (`_v` below theirs), or insert;
- merge: rows that collided on insert, that came without a before image or with values the source left out. What they replace is
  read and replaced in one transaction: its values fill the gaps, and its image tells which documents it was part of. That image is kept
  in the row (`_was`) until those documents are written, so that a crash in between does not lose it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pymongo import InsertOne, ReplaceOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import BulkWriteError

from cdc_consumer.coalesce import Chunk, RowState
from cdc_consumer.envelope import Key, Poison, Row
from cdc_consumer.mongo import DUPLICATE_KEY, Database, transaction
from cdc_consumer.readmodel.declare import mirror_name
from cdc_consumer.version import Version

RESERVED: Final = frozenset({"_id", "_v", "_deleted", "_purge_at", "_was"})
BATCH: Final = 1000  # rows read or written in one command
FLOORS: Final = "cdc_floors"  # {_id: table, _v}: every row of the table below it is dead (TRUNCATE, a new epoch)


@dataclass(slots=True)
class Written:
    """What mirroring a chunk did: rows written, rows that were not newer, and images of rows it replaced unseen."""

    rows: int = 0
    stale: int = 0
    images: list[tuple[Key, Row]] = field(default_factory=list)
    marked: list[Any] = field(default_factory=list)  # ids of rows that keep the image of what they replaced


def mongo_id(key: Key) -> Any:
    """The `_id` of a row: its key, as an object when the key has several columns."""
    return dict(key) if isinstance(key, tuple) else key


def row_key(_id: Any) -> Key:
    """The opposite of `mongo_id`."""
    return tuple(sorted(_id.items())) if isinstance(_id, dict) else _id


def mirror_document(state: RowState, purge_at: dt.datetime) -> dict[str, Any]:
    """The mirror's document for a row: its columns and version, or a tombstone."""
    head = {"_id": mongo_id(state.key), "_v": state.version.to_bson()}
    if state.columns is None:
        return {**head, "_deleted": True, "_purge_at": purge_at}
    if clash := RESERVED & state.columns.keys():
        raise Poison("reserved_column", f"columns {sorted(clash)} have names the mirror needs for itself")
    return {**head, **state.columns}


class Mirrors:
    """Writes chunks into the mirrors of one database."""

    def __init__(self, db: Database, tombstone_ttl: dt.timedelta, routing: Mapping[str, Sequence[str]]) -> None:
        """`routing` gives the columns of each table that lead to its parents."""
        self._db = db
        self._routing = routing
        self._ttl = tombstone_ttl

    async def write(self, chunk: Chunk, session: AsyncClientSession) -> Written:
        """Write every row of the chunk that is newer, majority-acknowledged. Idempotent and independent of order."""
        mirror, written = self._db[mirror_name(chunk.table)], Written()
        merge = [row for row in chunk.rows.values() if row.missing or row.blind]
        simple = [row for row in chunk.rows.values() if not (row.missing or row.blind)]
        merge += await self._insert(mirror, [row for row in simple if row.fresh], written, session)
        await self._guard(mirror, [row for row in simple if not row.fresh], written, session)
        for i in range(0, len(merge), BATCH):
            await self._merge(chunk.table, merge[i : i + BATCH], written, session)
        await self._bury(mirror, chunk, session)
        return written

    async def _insert(
        self, mirror: AsyncCollection[Any], rows: Sequence[RowState], written: Written, session: AsyncClientSession
    ) -> list[RowState]:
        if not rows:
            return []
        documents = self._documents(rows)
        try:
            await mirror.insert_many(documents, ordered=False, session=session)
        except BulkWriteError as error:
            collided = [rows[e["index"]] for e in duplicates_only(error)]
            written.rows += len(rows) - len(collided)
            return collided
        written.rows += len(rows)
        return []

    async def _guard(self, mirror: AsyncCollection[Any], rows: Sequence[RowState], written: Written, session: AsyncClientSession) -> None:
        documents = self._documents(rows)
        # An upsert whose guard does not match tries to insert and collides: the stored row is not older, or was inserted by
        # another writer in that very moment. A second pass tells the two apart (SERVER-37124).
        for _ in range(2):
            if not documents:
                return
            guarded = [ReplaceOne({"_id": d["_id"], "_v": {"$lt": d["_v"]}}, d, upsert=True) for d in documents]
            try:
                await mirror.bulk_write(guarded, ordered=False, session=session)
            except BulkWriteError as error:
                collided = [documents[e["index"]] for e in duplicates_only(error)]
                written.rows += len(documents) - len(collided)
                documents = collided
            else:
                written.rows += len(documents)
                return
        written.stale += len(documents)

    async def _merge(self, table: str, rows: Sequence[RowState], written: Written, session: AsyncClientSession) -> None:
        mirror, columns = self._db[mirror_name(table)], self._routing.get(table, ())

        async def replace() -> tuple[int, list[tuple[Key, Row]], list[Any]]:
            ids = [mongo_id(row.key) for row in rows]
            found = mirror.find({"_id": {"$in": ids}}, session=session, batch_size=len(ids) + 1)
            stored = {row_key(d["_id"]): d async for d in found}
            writes: list[InsertOne[Any] | ReplaceOne[Any]] = []
            images: list[tuple[Key, Row]] = []
            marked = []
            for state, document in zip(rows, self._documents(rows), strict=True):
                old = stored.get(state.key)
                if old is None:
                    writes.append(InsertOne(_without(document, state.missing)))
                    continue
                was = _places(old, columns)
                images += [(state.key, place) for place in was]
                if Version.from_bson(old["_v"]) < state.version:
                    document.update({name: old[name] for name in state.missing if name in old})
                    kept = _without(document, state.missing - old.keys())
                    writes.append(ReplaceOne({"_id": document["_id"]}, {**kept, "_was": was} if columns else kept))
                if columns:
                    marked.append(document["_id"])
            if writes:
                await mirror.bulk_write(writes, ordered=False, session=session)
            return len(writes), images, marked

        count, images, marked = await transaction(session, replace)
        written.rows += count
        written.stale += len(rows) - count
        written.images += images
        written.marked += marked

    async def settle(self, table: str, written: Written, session: AsyncClientSession) -> None:
        """Forget the images of replaced rows: every document they were part of is written."""
        for i in range(0, len(written.marked), BATCH):
            marked = {"_id": {"$in": written.marked[i : i + BATCH]}, "_was": {"$exists": True}}
            await self._db[mirror_name(table)].update_many(marked, {"$unset": {"_was": ""}}, session=session)

    async def _bury(self, mirror: AsyncCollection[Any], chunk: Chunk, session: AsyncClientSession) -> None:
        # After the rows were written, never before: a floor set meanwhile either is seen here, or its sweep sees these rows.
        floor = await self._db[FLOORS].find_one({"_id": chunk.table}, session=session)
        if floor is None:
            return
        version = Version.from_bson(floor["_v"])
        below = [mongo_id(row.key) for row in chunk.rows.values() if row.version < version]
        if below:
            await mirror.update_many({"_id": {"$in": below}, "_v": {"$lt": floor["_v"]}}, {"$set": self._grave(version)}, session=session)

    async def truncate(self, table: str, floor: Version, session: AsyncClientSession) -> AsyncIterator[list[tuple[Key, Row]]]:
        """Raise the table's floor and bury every row below it; yields the buried rows, a batch at a time.

        Rows that an interrupted call has buried are yielded again, so that nothing that shows them is forgotten. Buried rows
        keep their columns for that reason.
        """
        raised = [{"$set": {"_v": {"$max": ["$_v", floor.to_bson()]}}}]
        await self._db[FLOORS].update_one({"_id": table}, raised, upsert=True, session=session)
        mirror, below = self._db[mirror_name(table)], {"_v": {"$lte": floor.to_bson()}}
        last: dict[str, Any] = {}
        while rows := await mirror.find({**last, **below}, session=session).sort("_id").limit(BATCH).to_list():
            ids = [row["_id"] for row in rows]
            await mirror.update_many({"_id": {"$in": ids}, **below}, {"$set": self._grave(floor)}, session=session)
            yield [(row_key(row["_id"]), {k: v for k, v in row.items() if k not in RESERVED}) for row in rows]
            last = {"_id": {"$gt": ids[-1]}}

    def _grave(self, version: Version) -> dict[str, Any]:
        return {"_v": version.to_bson(), "_deleted": True, "_purge_at": self._purge_at()}

    def _purge_at(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + self._ttl

    def _documents(self, rows: Iterable[RowState]) -> list[dict[str, Any]]:
        purge_at = self._purge_at()
        return [mirror_document(row, purge_at) for row in rows]


def duplicates_only(error: BulkWriteError) -> list[dict[str, Any]]:
    """The errors of a bulk write when all of them are duplicate keys; otherwise the bulk error is raised again."""
    failed: list[dict[str, Any]] = error.details["writeErrors"]
    if error.details["writeConcernErrors"] or any(e["code"] != DUPLICATE_KEY for e in failed):
        raise error
    return failed


def _without(document: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    left_out = set(names)
    return {k: v for k, v in document.items() if k not in left_out}


def _places(stored: dict[str, Any], columns: Sequence[str]) -> list[dict[str, Any]]:
    """Where a stored row is, and was, among its parents: its routing columns, distinct."""
    places = [{c: stored.get(c) for c in columns}] if not stored.get("_deleted") else []
    return places + [place for place in stored.get("_was", ()) if place not in places]
