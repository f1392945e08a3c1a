"""Floors: below a table's floor every row is dead.

TRUNCATE sets one, because it travels on one partition while rows of the table travel on others; so does the sweep after a snapshot
(`sweep`), because what the snapshot did not read is gone; and the clean-up before a new epoch (scripts/clean_mongo.py), because records
of the old one may still be under way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Container
from typing import Any, Final

from pymongo.asynchronous.client_session import AsyncClientSession

from cdc_consumer.coalesce import Chunk
from cdc_consumer.envelope import Key, Row
from cdc_consumer.mongo import Database
from cdc_consumer.readmodel.declare import mirror_name
from cdc_consumer.rows import BATCH, RESERVED, mongo_id, row_key
from cdc_consumer.version import Version

FLOORS: Final = "cdc_floors"  # {_id: table, _v: the floor, swept: the floor up to which the sweep is done}


class Floors:
    """The floors of one database."""

    def __init__(self, db: Database, tombstone_ttl: dt.timedelta) -> None:
        self._db = db
        self._ttl = tombstone_ttl

    async def bury(self, chunk: Chunk, session: AsyncClientSession) -> None:
        """Make tombstones of the chunk's rows that are below the floor.

        To be called after the rows were written, never before: a floor set meanwhile either is seen here, or its sweep sees these rows.
        """
        floor = await self._db[FLOORS].find_one({"_id": chunk.table}, session=session)
        if floor is None:
            return
        version = Version.from_bson(floor["_v"])
        below = [mongo_id(row.key) for row in chunk.rows.values() if row.version < version]
        if below:
            dead = {"_id": {"$in": below}, "_v": {"$lt": floor["_v"]}}
            await self._db[mirror_name(chunk.table)].update_many(dead, {"$set": self._grave(version)}, session=session)

    async def sink(
        self, table: str, floor: Version, session: AsyncClientSession, spare: Container[Key] = ()
    ) -> AsyncIterator[tuple[list[tuple[Key, Row]], int]]:
        """Raise the table's floor and bury every row below it but those with the keys to `spare`.

        Yields the buried rows, a batch at a time, and how many of them were alive.

        Rows that an interrupted call has buried are yielded again, so that nothing that shows them is forgotten. Buried rows
        keep their columns for that reason.
        """
        raised = [{"$set": {"_v": {"$max": ["$_v", floor.to_bson()]}}}]
        await self._db[FLOORS].update_one({"_id": table}, raised, upsert=True, session=session)
        mirror, below = self._db[mirror_name(table)], {"_v": {"$lte": floor.to_bson()}}
        last: dict[str, Any] = {}
        while rows := await mirror.find({**last, **below}, session=session).sort("_id").limit(BATCH).to_list():
            last = {"_id": {"$gt": rows[-1]["_id"]}}
            dead = [row for row in rows if row_key(row["_id"]) not in spare]
            some = {"_id": {"$in": [row["_id"] for row in dead]}, **below}
            await mirror.update_many(some, {"$set": self._grave(floor)}, session=session)
            images: list[tuple[Key, Row]] = [(row_key(row["_id"]), {k: v for k, v in row.items() if k not in RESERVED}) for row in dead]
            yield images, sum(not row.get("_deleted") for row in dead)

    async def mark_swept(self, table: str, floor: Version, session: AsyncClientSession) -> None:
        """Note that nothing below this floor is alive any more."""
        swept = [{"$set": {"swept": {"$max": ["$swept", floor.to_bson()]}}}]
        await self._db[FLOORS].update_one({"_id": table}, swept, session=session)

    async def swept(self) -> dict[str, Version]:
        """For each table the floor below which nothing is alive."""
        return {str(d["_id"]): Version.from_bson(d["swept"]) async for d in self._db[FLOORS].find({"swept": {"$exists": True}})}

    def _grave(self, version: Version) -> dict[str, Any]:
        return {"_v": version.to_bson(), "_deleted": True, "_purge_at": dt.datetime.now(dt.UTC) + self._ttl}
