"""Which keys are parked, and which letters are settled: kept in MongoDB, because every worker has to know.

cdc_parked:        {_id: "<topic> <key>", topic, parked: how many records were ever set aside, since, cause}
cdc_dead_letters:  {_id: offset on the dead-letter topic, state: "replayed" or "discarded", at}
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from typing import Final

from pymongo import IndexModel, UpdateOne

from cdc_consumer.dead_letters.letter import DeadLetter
from cdc_consumer.mongo import Database

PARKED: Final = "cdc_parked"
SETTLED: Final = "cdc_dead_letters"


class Parked:
    """The parked keys of one database."""

    def __init__(self, db: Database) -> None:
        self._keys = db[PARKED]
        self._settled = db[SETTLED]

    async def prepare(self) -> None:
        """Create the index that the check of every chunk uses."""
        await self._keys.create_indexes([IndexModel("topic", name="by_topic")])

    async def lanes(self, *topics: str) -> set[str]:
        """The parked keys of these topics, as `lane_of` names them."""
        return {str(d["_id"]) async for d in self._keys.find({"topic": {"$in": topics}}, {"_id": 1})}

    async def add(self, letters: Iterable[DeadLetter]) -> None:
        """Note that these letters' keys are parked."""
        now = dt.datetime.now(dt.UTC)
        first: dict[str, DeadLetter] = {}
        counts = Counter[str]()
        for letter in letters:
            if letter.lane is not None:
                first.setdefault(letter.lane, letter)
                counts[letter.lane] += 1
        writes = [
            UpdateOne(
                {"_id": lane},
                {"$inc": {"parked": counts[lane]}, "$setOnInsert": {"topic": letter.topic, "since": now, "cause": letter.cause}},
                upsert=True,
            )
            for lane, letter in first.items()
        ]
        if writes:
            await self._keys.bulk_write(writes, ordered=False)

    async def count(self, lane: str) -> int:
        """How many records of a key were ever set aside since it was parked; 0 when it is not."""
        found = await self._keys.find_one({"_id": lane})
        return int(found["parked"]) if found else 0

    async def release(self, lane: str, count: int) -> bool:
        """Let a key go, if nothing was set aside since `count` was read."""
        return bool((await self._keys.delete_one({"_id": lane, "parked": count})).deleted_count)

    async def settle(self, letters: Iterable[DeadLetter], state: str) -> None:
        """Note that letters need nothing more."""
        now = dt.datetime.now(dt.UTC)
        writes = [UpdateOne({"_id": letter.place}, {"$set": {"state": state, "at": now}}, upsert=True) for letter in letters]
        if writes:
            await self._settled.bulk_write(writes, ordered=False)

    async def settled(self) -> set[int]:
        """The offsets of the letters that need nothing more."""
        return {int(d["_id"]) async for d in self._settled.find({}, {"_id": 1})}
