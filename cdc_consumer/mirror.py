"""Step 1: the rows of a chunk, written to `mirror_<table>` if they are newer than what is there.

Three ways, from the quickest to the most careful:

- insert: rows first seen as an insert or a snapshot row go through one insert_many (4 to 5 times faster than upserts);
- guard: updates and deletes that carry all they need replace what is older (`_v` below theirs), or insert: a few in one command, many in a
  transaction that reads the stored versions first;
- merge: rows that collided on insert, that came without a before image or with values the source left out. What they replace is
  read and replaced in one transaction: its values fill the gaps, and its image tells which documents it was part of. That image is kept
  in the row (`_was`) until those documents are written, so that a crash in between does not lose it. A snapshot row that says what is
  there already only gets its newer version (docs/decisions/0018-unchanged.md).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import bson
from pymongo import InsertOne, ReplaceOne, UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import BulkWriteError

from cdc_consumer.coalesce import Chunk, RowState
from cdc_consumer.envelope import Key, Row
from cdc_consumer.floors import Floors
from cdc_consumer.mongo import DUPLICATE_KEY, Database, transaction
from cdc_consumer.readmodel.codec import CODEC, PLAIN
from cdc_consumer.readmodel.declare import mirror_name
from cdc_consumer.rows import BATCH, mirror_document, mongo_id, row_key
from cdc_consumer.version import Version

MANY: Final = 50  # rows from which on two more commands for a transaction cost less than a guard for each


@dataclass(slots=True)
class Written:
    """What mirroring a chunk did: rows written, rows not newer, images of rows replaced unseen, keys of rows that only got a version."""

    rows: int = 0
    stale: int = 0
    images: list[tuple[Key, Row]] = field(default_factory=list)
    marked: list[tuple[Any, dict[str, int]]] = field(default_factory=list)  # (_id, _v) of rows that keep the image of what they replaced
    same: set[Key] = field(default_factory=set)


class Mirrors:
    """Writes chunks into the mirrors of one database."""

    def __init__(self, db: Database, tombstone_ttl: dt.timedelta, routing: Mapping[str, Sequence[str]]) -> None:
        """`routing` gives the columns of each table that lead to its parents."""
        self._db = db
        self._routing = routing
        self._ttl = tombstone_ttl
        self.floors = Floors(db, tombstone_ttl)

    async def write(self, chunk: Chunk, session: AsyncClientSession) -> Written:
        """Write every row of the chunk that is newer, majority-acknowledged. Idempotent and independent of order."""
        mirror, written = self._db[mirror_name(chunk.table)], Written()
        merge = [row for row in chunk.rows.values() if row.missing or row.blind]
        simple = [row for row in chunk.rows.values() if not (row.missing or row.blind)]
        merge += await self._insert(mirror, [row for row in simple if row.fresh], written, session)
        changed = [row for row in simple if not row.fresh]
        await (self._guard if len(changed) < MANY else self._compare)(mirror, changed, written, session)
        for i in range(0, len(merge), BATCH):
            await self._merge(chunk.table, merge[i : i + BATCH], written, session)
        await self.floors.bury(chunk, session)
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

    async def _compare(self, mirror: AsyncCollection[Any], rows: Sequence[RowState], written: Written, session: AsyncClientSession) -> None:
        """As `_guard`, in one transaction: the stored versions are read and compared here.

        The server replaces a row found by key alone for a third of what key and version together cost it (docs/decisions/0014-speed.md).
        Whoever changes one of these rows meanwhile makes a conflict, and the retry reads again.
        """
        documents = self._documents(rows)
        versions = mirror.with_options(codec_options=PLAIN)

        async def replace() -> int:
            asked = {"_id": {"$in": [document["_id"] for document in documents]}}
            found = await versions.find(asked, {"_v": 1}, session=session, batch_size=len(documents) + 1).to_list()
            stored = {row_key(one["_id"]): Version.from_bson(one["_v"]) for one in found}
            writes: list[InsertOne[Any] | ReplaceOne[Any]] = []
            for row, document in zip(rows, documents, strict=True):
                old = stored.get(row.key)
                if old is None:
                    writes.append(InsertOne(document))
                elif old < row.version:
                    writes.append(ReplaceOne({"_id": document["_id"]}, document))
            if writes:
                await mirror.bulk_write(writes, ordered=False, session=session)
            return len(writes)

        count = await transaction(session, replace)
        written.rows += count
        written.stale += len(rows) - count

    async def _merge(self, table: str, rows: Sequence[RowState], written: Written, session: AsyncClientSession) -> None:
        mirror, columns = self._db[mirror_name(table)], self._routing.get(table, ())

        async def replace() -> tuple[int, list[tuple[Key, Row]], list[tuple[Any, dict[str, int]]], set[Key]]:
            ids = [mongo_id(row.key) for row in rows]
            found = mirror.find({"_id": {"$in": ids}}, session=session, batch_size=len(ids) + 1)
            stored = {row_key(d["_id"]): d async for d in found}
            writes: list[InsertOne[Any] | ReplaceOne[Any]] = []
            images: list[tuple[Key, Row]] = []
            marked: list[tuple[Any, dict[str, int]]] = []
            same: set[Key] = set()
            for state, document in zip(rows, self._documents(rows), strict=True):
                old = stored.get(state.key)
                if old is None:
                    writes.append(InsertOne(_without(document, state.missing)))
                    continue
                newer = Version.from_bson(old["_v"]) < state.version
                if newer and state.read and _same(old, document):
                    same.add(state.key)
                    writes.append(ReplaceOne({"_id": document["_id"]}, document))
                    continue
                was = _places(old, columns)
                images += [(state.key, place) for place in was]
                if columns:
                    marked.append((old["_id"], document["_v"] if newer else old["_v"]))
                if newer:
                    document.update({name: old[name] for name in state.missing if name in old})
                    kept = _without(document, state.missing - old.keys())
                    writes.append(ReplaceOne({"_id": document["_id"]}, {**kept, "_was": was} if columns else kept))
            if writes:
                await mirror.bulk_write(writes, ordered=False, session=session)
            return len(writes), images, marked, same

        count, images, marked, same = await transaction(session, replace)
        written.rows += count
        written.stale += len(rows) - count
        written.images += images
        written.marked += marked
        written.same |= same

    async def settle(self, table: str, written: Written, session: AsyncClientSession) -> None:
        """Forget the images of replaced rows: every document they were part of is written.

        Only of the versions seen: another worker may have replaced a row since, and not be as far.
        """
        for i in range(0, len(written.marked), BATCH):
            some = written.marked[i : i + BATCH]
            forget = [UpdateOne({"_id": _id, "_v": _v, "_was": {"$exists": True}}, {"$unset": {"_was": ""}}) for _id, _v in some]
            await self._db[mirror_name(table)].bulk_write(forget, ordered=False, session=session)

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


def _same(stored: dict[str, Any], document: dict[str, Any]) -> bool:
    """Whether two live rows have the same columns with the same values, byte by byte: 1.0 is not 1.00 to a reader."""
    if stored.keys() != document.keys():  # a tombstone and a row that keeps a place have a key more
        return False
    old = {name: stored[name] for name in document if name != "_v"}
    new = {name: value for name, value in document.items() if name != "_v"}
    return bson.encode(old, codec_options=CODEC) == bson.encode(new, codec_options=CODEC)


def _places(stored: dict[str, Any], columns: Sequence[str]) -> list[dict[str, Any]]:
    """Where a stored row is, and was, among its parents: its routing columns, distinct."""
    places = [{c: stored.get(c) for c in columns}] if not stored.get("_deleted") else []
    return places + [place for place in stored.get("_was", ()) if place not in places]
