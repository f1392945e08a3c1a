"""Which documents a transaction leaves to whoever applies the rows that they show already (see `marks`)."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pymongo.asynchronous.client_session import AsyncClientSession

from cdc_consumer import metrics
from cdc_consumer.coalesce import RowState
from cdc_consumer.dead_letters.parked import PARKED
from cdc_consumer.drafts.marks import FIELD, Mark, Row, held, row, rows
from cdc_consumer.envelope import Key
from cdc_consumer.materialise import EVERYTHING, Chosen, Rows
from cdc_consumer.mongo import Database
from cdc_consumer.readmodel.codec import PLAIN
from cdc_consumer.readmodel.declare import Document, mirror_name
from cdc_consumer.rows import mongo_id, row_key
from cdc_consumer.version import Version


class Held:
    """Chooses from drafts as a transaction's snapshot has them."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def choose(self, document: Document, ids: Collection[Key], session: AsyncClientSession, applied: Rows) -> Chosen:
        """Leave out documents that show a row which this snapshot does not have. It has those that are being `applied`.

        None while a key is parked, of whichever table: its row may be shown, and nobody applies it. None whose root row is being applied
        and newer than what was drafted: whether it can be shown is to be found out before its record is acknowledged.
        """
        drafts = await self._marked(document, ids, session)
        marked = {key: rows(marks) for key, marks in drafts.items()}
        mirrored, asked = dict[Row, Version](), set[Row]()
        for one, version in (one for shown in marked.values() for one in shown.items()):
            state = applied.get(one[0], {}).get(one[1])
            if state and state.version >= version:
                mirrored[one] = state.version
            else:
                asked.add(one)
        if not asked:  # nearly always
            return EVERYTHING
        # What is applied here is mirrored, or something newer is: a link that was removed since no longer leads to its tag.
        asked |= {row(one["by"]) for marks in drafts.values() for one in marks if "by" in one and row(one) in asked}
        mirrored |= await self._mirrored(asked, session)
        now, roots = time.time_ns() // 1_000_000, applied.get(document.root, {})
        found = {
            key
            for key, marks in drafts.items()
            if held(marks, mirrored, now) and not _unproven(roots.get(key), marked[key].get((document.root, key)))
        }
        if found and await self._db[PARKED].find_one({}, {"_id": 1}, session=session):
            return EVERYTHING
        metrics.DRAFTS.labels("kept").inc(len(found))
        return Chosen(found)

    async def _marked(self, document: Document, ids: Collection[Key], session: AsyncClientSession) -> dict[Key, list[Mark]]:
        """Those of these documents that are drafts, and what they show."""
        asked = {"_id": {"$in": [mongo_id(key) for key in ids]}, FIELD: {"$exists": True}}
        found = self._db.get_collection(document.collection, codec_options=PLAIN).find(asked, {FIELD: 1}, session=session)
        return {row_key(one["_id"]): one[FIELD] for one in await found.to_list()}

    async def _mirrored(self, wanted: Collection[Row], session: AsyncClientSession) -> Mapping[Row, Version]:
        tables: dict[str, list[Any]] = {}
        for table, key in wanted:
            tables.setdefault(table, []).append(mongo_id(key))
        found: dict[Row, Version] = {}
        for table, ids in tables.items():
            mirror = self._db.get_collection(mirror_name(table), codec_options=PLAIN)
            stored: Sequence[Any] = await mirror.find({"_id": {"$in": ids}}, {"_v": 1}, session=session).to_list()
            found.update({(table, row_key(row["_id"])): Version.from_bson(row["_v"]) for row in stored})
        return found


def _unproven(applied: RowState | None, shown: Version | None) -> bool:
    return applied is not None and (shown is None or applied.version > shown)
