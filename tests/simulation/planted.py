"""The product with one guard removed. A test that cannot tell these from the product proves nothing.

Each is a context manager that patches the code in this process; `BUGS` names them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

from bson import ObjectId
from pymongo import ReplaceOne

from cdc_consumer import chunks, materialise, mirror, written
from cdc_consumer.chunks import ChunkApplier
from cdc_consumer.drafts import held
from cdc_consumer.drafts.drafting import Drafts
from cdc_consumer.floors import Floors
from cdc_consumer.ledger import Ledger
from cdc_consumer.materialise import Materialiser
from cdc_consumer.mirror import Mirrors, Written
from cdc_consumer.mongo import transaction
from cdc_consumer.readmodel.declare import mirror_name
from cdc_consumer.rows import mongo_id, row_key


@contextlib.contextmanager
def no_version_guard() -> Iterator[None]:
    """Whatever arrives last wins."""

    async def write(self: Any, chunk: Any, session: Any) -> Written:
        documents = self._documents(chunk.rows.values())
        if documents:
            blind = [ReplaceOne({"_id": d["_id"]}, d, upsert=True) for d in documents]
            await self._db[mirror_name(chunk.table)].bulk_write(blind, ordered=False, session=session)
        await self.floors.bury(chunk, session)
        return Written(len(documents))

    with mock.patch.object(Mirrors, "write", write):
        yield


@contextlib.contextmanager
def no_comparison() -> Iterator[None]:
    """On the way of large chunks, where versions are compared in a transaction, they are not."""

    async def compare(self: Any, mirror: Any, rows: Any, written: Written, session: Any) -> None:
        if documents := self._documents(rows):
            blind = [ReplaceOne({"_id": d["_id"]}, d, upsert=True) for d in documents]
            await mirror.bulk_write(blind, ordered=False, session=session)
        written.rows += len(documents)

    with mock.patch.object(Mirrors, "_compare", compare), mock.patch.object(mirror, "MANY", 1):
        yield


@contextlib.contextmanager
def no_tombstone() -> Iterator[None]:
    """A deleted row leaves nothing behind that an old record could meet."""
    original = Mirrors.write

    async def write(self: Any, chunk: Any, session: Any) -> Written:
        written = await original(self, chunk, session)
        gone = [mongo_id(row.key) for row in chunk.rows.values() if row.columns is None]
        await self._db[mirror_name(chunk.table)].delete_many({"_id": {"$in": gone}, "_deleted": True}, session=session)
        return written

    with mock.patch.object(Mirrors, "write", write), _removes_for_good():
        yield


@contextlib.contextmanager
def _removes_for_good() -> Iterator[None]:
    """The document of a root row that is not there is deleted."""
    original = Materialiser.unit

    async def unit(self: Any, document: Any, ids: Any, session: Any, rows: Any = materialise.NO_ROWS) -> int:
        count = await original(self, document, ids, session, rows)
        found = {
            d["_id"] async for d in self._db[mirror_name(document.root)].find({"_id": {"$in": list(ids)}}, {"_id": 1}, session=session)
        }
        await self._db[document.collection].delete_many({"_id": {"$in": [i for i in ids if i not in found]}}, session=session)
        return count

    with mock.patch.object(Materialiser, "unit", unit):
        yield


@contextlib.contextmanager
def no_order_of_acknowledgements() -> Iterator[None]:
    """A later chunk lets an earlier one be committed unwritten."""
    original = Ledger.acknowledge

    def acknowledge(self: Any, partition: Any, last: int) -> bool:
        known = original(self, partition, last)
        if known:
            self._ready[partition] = max(self._ready.get(partition, 0), last + 1)
        return known

    with mock.patch.object(Ledger, "acknowledge", acknowledge):
        yield


@contextlib.contextmanager
def mirror_inside_transaction() -> Iterator[None]:
    """Rows and documents are written in one transaction: its snapshot cannot see what others write meanwhile."""

    async def apply_chunks(self: ChunkApplier, every: Any, session: Any, _: Any = None) -> None:
        for chunk in every:
            await apply_chunk(self, chunk, session)

    async def apply_chunk(self: ChunkApplier, chunk: Any, session: Any) -> None:
        mirrors, fan_out, materialiser = self._mirrors, self._fan_out, self._materialiser

        async def work() -> None:
            collection = mirrors._db[mirror_name(chunk.table)]
            for row in mirrors._documents(chunk.rows.values()):
                stored = await collection.find_one({"_id": row["_id"]}, session=session)
                if stored is None or _older(stored["_v"], row["_v"]):
                    await collection.replace_one({"_id": row["_id"]}, row, upsert=True, session=session)
            touched = await fan_out.touched(chunk.table, chunk.images, session)
            for document, ids in touched.values():
                await materialiser.unit(document, ids, session)

        await transaction(session, work)

    async def one_only(session: Any, inner: Callable[[], Any]) -> Any:
        return await (inner() if session.in_transaction else transaction(session, inner))

    with mock.patch.object(chunks.ChunkApplier, "_apply", apply_chunks), mock.patch.object(materialise, "transaction", one_only):
        yield


def _older(stored: dict[str, int], new: dict[str, int]) -> bool:
    return tuple(stored.values()) < tuple(new.values())


@contextlib.contextmanager
def no_always_write() -> Iterator[None]:
    """An equal document is not written again, so a slower transaction does not conflict."""
    same = ObjectId()
    with mock.patch.object(written, "ObjectId", return_value=same):
        yield


@contextlib.contextmanager
def no_sweep() -> Iterator[None]:
    """A snapshot only adds and replaces."""

    async def nothing(*_: Any) -> int:
        return 0

    with mock.patch.object(ChunkApplier, "sweep", nothing):
        yield


@contextlib.contextmanager
def no_floor() -> Iterator[None]:
    """Rows are not compared with the floor when they are written."""

    async def nothing(*_: Any) -> None:
        """Nobody looks."""

    with mock.patch.object(Floors, "bury", nothing):
        yield


@contextlib.contextmanager
def what_was_mirrored_is_unchanged() -> Iterator[None]:
    """A snapshot row that meets itself in the mirror says nothing new, although nobody has written what shows it."""
    original = Mirrors._merge

    async def merge(self: Any, table: str, rows: Any, written: Written, session: Any) -> None:
        found = self._db[mirror_name(table)].find({"_id": {"$in": [mongo_id(row.key) for row in rows]}}, {"_v": 1}, session=session)
        stored = {row_key(one["_id"]): one["_v"] async for one in found}
        await original(self, table, rows, written, session)
        written.same |= {row.key for row in rows if row.read and stored.get(row.key) == row.version.to_bson()}

    with mock.patch.object(Mirrors, "_merge", merge):
        yield


@contextlib.contextmanager
def drafts_over_anything() -> Iterator[None]:
    """A draft replaces whatever is there."""
    with _conditions(lambda statement: {"_id": statement["q"]["_id"]}):
        yield


@contextlib.contextmanager
def drafts_over_what_is_confirmed() -> Iterator[None]:
    """A draft that is made again replaces the document of its record, also when that was materialised since."""
    with _conditions(lambda statement: {"_id": statement["q"]["_id"], "_v": {"$lte": _version(statement)}}):
        yield


def _version(statement: dict[str, Any]) -> Any:
    return statement["u"].get("$set", statement["u"])["_v"]


@contextlib.contextmanager
def _conditions(of: Callable[[dict[str, Any]], dict[str, Any]]) -> Iterator[None]:
    original = Drafts.take

    def take(self: Any, chunks: Any, now: float, at: int) -> Any:
        taken = original(self, chunks, now, at)
        for statement in (one for some in taken.writes.values() for one in some):
            statement["q"] = of(statement)
        return taken

    with mock.patch.object(Drafts, "take", take):
        yield


@contextlib.contextmanager
def drafts_are_kept() -> Iterator[None]:
    """A draft is left as it is, also when all it shows is applied."""
    with mock.patch.object(held, "held", return_value=True):
        yield


BUGS: dict[str, Callable[[], AbstractContextManager[None]]] = {
    bug.__name__: bug
    for bug in (
        no_version_guard,
        no_comparison,
        no_tombstone,
        no_order_of_acknowledgements,
        mirror_inside_transaction,
        no_always_write,
        what_was_mirrored_is_unchanged,
        no_sweep,
        no_floor,
        drafts_over_anything,
        drafts_over_what_is_confirmed,
        drafts_are_kept,
    )
}
