"""The parked keys of partitions that this process owns.

Only the owner of a partition is given its records and parks its keys, so a topic without a parked key stays one until this process parks
one or the partitions are shared anew. An owner that has lost a partition and parks a key late has not committed that record: the new one
meets it too.
"""

from __future__ import annotations

from collections.abc import Iterable

from cdc_consumer.dead_letters.letter import DeadLetter
from cdc_consumer.dead_letters.parked import Parked
from cdc_consumer.mongo import Database


class Owned(Parked):
    """As `Parked`, and asks about a topic without any parked key once for each assignment."""

    def __init__(self, db: Database) -> None:
        super().__init__(db)
        self._generation: int | None = None
        self._clear: set[str] = set()  # topics without a parked key
        self._moves = 0  # grows with whatever makes an older answer worthless

    def enter(self, generation: int) -> None:
        """Work of this assignment begins; what others have parked before it is not known."""
        if generation != self._generation:
            self._generation = generation
            self._moves += 1
            self._clear.clear()

    def clear(self, topic: str, generation: int) -> bool:
        """Whether it is known, without asking, that no key of this topic is parked."""
        return generation == self._generation and topic in self._clear

    async def lanes(self, *topics: str) -> set[str]:
        """See Parked."""
        asked, moves = [topic for topic in topics if topic not in self._clear], self._moves
        if not asked:
            return set()
        found = await super().lanes(*asked)
        if moves == self._moves:  # else the answer may be older than what has become known meanwhile
            self._clear.update(set(asked) - {lane.partition(" ")[0] for lane in found})
        return found

    async def add(self, letters: Iterable[DeadLetter]) -> None:
        """See Parked."""
        letters = list(letters)
        try:
            await super().add(letters)
        finally:  # also when nobody knows whether it was done; who asked in between has no key of these
            self._moves += 1
            self._clear.difference_update(letter.topic for letter in letters)
