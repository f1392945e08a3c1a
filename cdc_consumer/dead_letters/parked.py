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
        self._clear: set[str] = set()  # topics without a parked key
        self._moves = 0  # grows with whatever makes an older answer worthless

    async def prepare(self) -> None:
        """Create the index that the check of every chunk uses."""
        await self._keys.create_indexes([IndexModel("topic", name="by_topic")])

    def forget(self) -> None:
        """Partitions were shared anew: ask again about topics that had no parked key."""
        self._clear.clear()
        self._moves += 1

    async def lanes(self, *topics: str) -> set[str]:
        """The parked keys of these topics, as `lane_of` names them.

        A topic without any, which is nearly always so, is not asked about again until this process parks one of its keys or `forget` is
        called: until then nobody else is given records of these partitions.
        """
        asked, moves = [topic for topic in topics if topic not in self._clear], self._moves
        if not asked:
            return set()
        found = [d async for d in self._keys.find({"topic": {"$in": asked}}, {"topic": 1})]
        if moves == self._moves:  # else the answer may be older than what has become known meanwhile
            self._clear.update(set(asked) - {d["topic"] for d in found})
        return {str(d["_id"]) for d in found}

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
            self._closed(first.values())
            await self._keys.bulk_write(writes, ordered=False)
            self._closed(first.values())  # again, for whoever asked in between

    def _closed(self, letters: Iterable[DeadLetter]) -> None:
        self._clear.difference_update(letter.topic for letter in letters)
        self._moves += 1

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
