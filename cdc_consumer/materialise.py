"""Step 2, second half: documents built from the mirrors and written, in one snapshot transaction a unit.

Why this converges, whatever runs at the same time (shared design, section 4): let W be the last mirror write that affects a
document. Whoever made W materialises the document after W, in a transaction whose snapshot includes W. A transaction with
an older snapshot that commits later would have to write the document too, which has changed since that snapshot, so MongoDB
aborts it, and its retry reads a newer one. That holds because
- the mirror write is committed before the transaction starts (never inside it: snapshots allow write skew);
- every write changes the document: `_rev` is fresh. MongoDB skips replacing a document by an equal one, and no write is no conflict;
- removing a document is a write, a tombstone with a TTL: deleting what is not there yet conflicts with nothing;
- a document is left out only while it shows a row that the snapshot does not have (`drafts.held`): whoever applies that row makes a later
  mirror write and comes to the document, so this one was not W.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import structlog
from pymongo import InsertOne, ReplaceOne
from pymongo.asynchronous.client_session import AsyncClientSession

from cdc_consumer import metrics
from cdc_consumer.coalesce import RowState
from cdc_consumer.crash_points import reach
from cdc_consumer.envelope import Key
from cdc_consumer.mongo import Database, transaction
from cdc_consumer.poison import Poison
from cdc_consumer.readmodel.build import MirrorRow, Related
from cdc_consumer.readmodel.codec import PLAIN
from cdc_consumer.readmodel.declare import Document, Embed, Many, One, mirror_name
from cdc_consumer.retry import data_cause, explain
from cdc_consumer.rows import at_least, mongo_id, row_key, text_of
from cdc_consumer.schemas import agree
from cdc_consumer.version import Version
from cdc_consumer.written import check, current, removed

UNIT: Final = 1000  # documents written in one transaction
UNIT_BYTES: Final = 16 * 1024 * 1024  # of text in their root rows: a transaction's writes stay in MongoDB's cache until it commits
ASKED: Final = 50  # documents in a unit from which on it is asked which are there
MOST: Final = 10_000  # keys asked for in one query: far below the limit of a message
log = structlog.get_logger()


class TooMuch(Exception):  # noqa: N818 - says what it is
    """More than one transaction should write."""


@dataclass(frozen=True)
class Chosen:
    """Which of some documents are not written, and the lowest versions that others get; without a root row, as removed."""

    left: Collection[Key] = ()
    least: Mapping[Key, Version] = field(default_factory=dict)


EVERYTHING: Final = Chosen()
Rows: TypeAlias = Mapping[str, Mapping[Key, RowState]]  # by table: mirrored by now, or something newer is
NO_ROWS: Final[Rows] = {}
Choose: TypeAlias = Callable[[Document, Collection[Key], AsyncClientSession, Rows], Awaitable[Chosen]]


async def everything(*_: object) -> Chosen:
    """Write all that have a root row."""
    return EVERYTHING


class Materialiser:
    """Writes documents of one database from its mirrors."""

    def __init__(self, db: Database, tombstone_ttl: dt.timedelta, choose: Choose = everything) -> None:
        self._db = db
        self._ttl = tombstone_ttl
        self._choose = choose

    async def unit(self, document: Document, ids: Sequence[Any], session: AsyncClientSession, rows: Rows = NO_ROWS) -> int:
        """Build and write the documents with these ids (at most UNIT); returns how many were written.

        An id without a mirrored root row is left out: whoever mirrors that row later writes the document. So is, counted and logged, a
        document that cannot be written because of another row than the roots among `rows`: that row's record is parked, and its
        cure writes the document.

        Raises Poison when the document of a changed root cannot be written, NewerSchema when the collection is a newer worker's.
        """
        try:
            return await self._whole(document, ids, session, rows)
        except TooMuch:
            half = len(ids) // 2
            return await self.unit(document, ids[:half], session, rows) + await self.unit(document, ids[half:], session, rows)

    async def _whole(self, document: Document, ids: Sequence[Any], session: AsyncClientSession, rows: Rows) -> int:
        try:
            return await self._unit(document, ids, session, rows, None)
        except Exception as error:
            if data_cause(error) is None:
                raise
        return await self._carefully(document, ids, session, rows)

    async def _carefully(self, document: Document, ids: Sequence[Any], session: AsyncClientSession, rows: Rows) -> int:
        """As `unit`, after it was refused. What only the server can tell is found by halving."""
        changed = rows.get(document.root, {})
        try:
            return await self._unit(document, ids, session, rows, changed)
        except Exception as error:
            cause = data_cause(error)
            if cause is None or isinstance(error, Poison):
                raise
            reason = explain(error)
        if cause == "schema" and await agree(self._db, document):
            return await self._unit(document, ids, session, rows, changed)  # it was another worker's validator that refused
        if len(ids) > 1:
            half = len(ids) // 2
            first = await self._carefully(document, ids[:half], session, rows)
            return first + await self._carefully(document, ids[half:], session, rows)
        self._skip(document, ids[0], changed, Poison(cause, f"{document.collection} {ids[0]!r} was refused: {reason}"))
        return 0

    @staticmethod
    def _skip(document: Document, key: Key, changed: Container[Key] | None, poison: Poison) -> None:
        """Leave out a document that cannot be written, unless it is a changed root's: then raise the poison."""
        if changed is None or key in changed:
            raise poison
        metrics.SKIPPED.labels(document.collection).inc()
        log.warning("document_skipped", collection=document.collection, id=key, cause=poison.cause, error=str(poison)[:300])

    async def _unit(
        self, document: Document, ids: Sequence[Any], session: AsyncClientSession, rows: Rows, checked: Container[Key] | None
    ) -> int:
        async def write() -> int:
            chosen = await self._choose(document, ids, session, rows)
            wanted = [key for key in ids if key not in chosen.left] if chosen.left else ids
            roots = await self._rows(document.root, wanted, session)
            roots |= {key: at_least(roots.get(key), key, chosen.least[key]) for key in ids if key in chosen.least}
            if len(ids) > 1 and sum(map(text_of, roots.values())) > UNIT_BYTES:
                raise TooMuch
            live = [row for row in roots.values() if not row.get("_deleted")]
            related = await self._related(document.embeds, live, session)
            absent = await self._absent(document, roots, session)
            await reach("inside_materialise")
            purge_at = dt.datetime.now(dt.UTC) + self._ttl
            writes: list[InsertOne[Any] | ReplaceOne[Any]] = []
            for key, row in roots.items():
                try:
                    built = removed(row, purge_at) if row.get("_deleted") else current(document, row, related)
                    if checked is not None:
                        check(built)
                except Poison as poison:
                    self._skip(document, key, checked, poison)
                else:
                    writes.append(InsertOne(built) if key in absent else ReplaceOne({"_id": row["_id"]}, built, upsert=True))
            if writes:
                await self._db[document.collection].bulk_write(writes, ordered=False, session=session)
            return len(writes)

        count = await transaction(session, write)
        metrics.DOCUMENTS.labels(document.collection).inc(count)
        return count

    async def _absent(self, document: Document, roots: Mapping[Key, MirrorRow], session: AsyncClientSession) -> set[Key]:
        """Which documents the snapshot does not have: inserting is a quarter of the work of an upsert (docs/decisions/0014-speed.md).

        Whoever writes one of them meanwhile makes a conflict, as with an upsert. Few documents are not worth the question.
        """
        if len(roots) < ASKED:
            return set()
        asked = {"_id": {"$in": [row["_id"] for row in roots.values()]}}
        there = self._db[document.collection].find(asked, {"_id": 1}, session=session, batch_size=MOST)
        return roots.keys() - {row_key(found["_id"]) for found in await there.to_list()}

    async def _rows(self, table: str, keys: Iterable[Any], session: AsyncClientSession) -> dict[Any, MirrorRow]:
        return await self._find(table, "_id", [mongo_id(key) for key in keys], session)

    async def _find(
        self, table: str, column: str, values: Sequence[Any], session: AsyncClientSession, wanted: Sequence[str] = ()
    ) -> dict[Any, MirrorRow]:
        """Rows by key; of their columns only those `wanted`, if any are named."""
        found: dict[Any, MirrorRow] = {}
        mirror = self._db.get_collection(mirror_name(table), codec_options=PLAIN)
        columns = dict.fromkeys((*wanted, "_deleted"), 1) if wanted else None
        for i in range(0, len(values), MOST):
            some = {column: {"$in": list(values[i : i + MOST])}}
            cursor = mirror.find(some, columns, session=session, batch_size=100_000)
            found.update({row_key(row["_id"]): row for row in await cursor.to_list()})
        return found

    async def _related(self, embeds: Mapping[str, Embed], parents: Sequence[MirrorRow], session: AsyncClientSession) -> dict[str, Related]:
        found = {}
        for name, embed in embeds.items():
            if not parents:
                found[name] = Related()
                continue
            children: dict[Any, list[Any]] = {}
            if isinstance(embed, One):
                keys = {row[embed.key] for row in parents if row.get(embed.key) is not None}
                rows = await self._rows(embed.table, keys, session)
            else:
                rows, children = await self._many(embed, [row["_id"] for row in parents], session)
            live = [row for row in rows.values() if not row.get("_deleted")]
            found[name] = Related(rows, children, await self._related(embed.embeds, live, session))
        return found

    async def _many(
        self, embed: Many, parents: Sequence[Any], session: AsyncClientSession
    ) -> tuple[dict[Any, MirrorRow], dict[Any, list[Any]]]:
        children: dict[Any, list[Any]] = {}
        if embed.through:
            link = embed.through
            links = await self._find(link.table, link.parent, parents, session, (link.parent, link.child))
            for row in links.values():
                if not row.get("_deleted") and row.get(link.child) is not None:
                    children.setdefault(row[link.parent], []).append(row[link.child])
            return await self._rows(embed.table, {key for keys in children.values() for key in keys}, session), children
        rows = await self._find(embed.table, str(embed.foreign), parents, session)
        for key, row in rows.items():
            if not row.get("_deleted"):
                children.setdefault(row[str(embed.foreign)], []).append(key)
        return rows, children
