"""Applying a chunk that may hold records which can never be applied.

What cannot be applied is found by halving: the chunk's keys are applied together, and only while that fails in ever smaller parts. Its
records are parked, and so is every later record of the same key, until `dead-letters replay` has brought the key up to date.
When most of a chunk would be parked the fault is not in the records: the worker stops taking them and says so.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Protocol

import structlog

from cdc_consumer import metrics
from cdc_consumer.chunks import TooWide
from cdc_consumer.dead_letters.letter import BEHIND, DeadLetter, lane_of
from cdc_consumer.dead_letters.parked import Parked
from cdc_consumer.envelope import Change, Record, decode
from cdc_consumer.lag import Decoded
from cdc_consumer.poison import Poison
from cdc_consumer.retry import data_cause

WIDE: Final = 2000  # documents, or two a record, are what many records touch; a fan-out of more does not keep other partitions waiting
MANY: Final = 20  # records: in a smaller chunk a few bad ones say nothing about the rest
log = structlog.get_logger()

Observe = Callable[[Sequence[Decoded], float], None]
Fetched = tuple[Sequence[Record], Sequence[tuple[int, float]]]  # records of one partition; up to which offset, and when, they came


class CircuitOpen(Exception):  # noqa: N818 - the field's word
    """More than half of a chunk cannot be applied."""


class Applier(Protocol):
    """`ChunkApplier`."""

    async def apply(self, changes: Sequence[Change], most: int | None = None, /) -> None:
        """Apply changes; raises TooWide when they show in more than `most` documents."""

    async def take_back(self, changes: Sequence[Change], /) -> None:
        """Show the documents of changes without them."""


class Letterbox(Protocol):
    """Where dead letters go."""

    async def send(self, letters: Sequence[DeadLetter]) -> None:
        """Write them, acknowledged."""


class Parking:
    """Applies chunks of records and parks what cannot be applied."""

    def __init__(self, applier: Applier, parked: Parked, outbox: Letterbox, observers: Sequence[Observe] = ()) -> None:
        """`observers` are told the records of a chunk that were applied, not those parked, and when they were fetched."""
        self.apply_changes = applier.apply
        self._take_back = applier.take_back
        self._parked = parked
        self._outbox = outbox
        self._observers = observers

    async def apply(self, records: Sequence[Record], fetched: Sequence[tuple[int, float]] = ()) -> None:
        """Apply the records of one partition in order, or park them.

        `fetched`: up to which offset, and when (seconds since 1970), they came from Kafka; what it does not cover came now.

        Raises CircuitOpen, NotParked, and whatever passes by itself; then nothing is lost and the chunk can come again.
        """
        if not records:
            return
        fetched = (*fetched, (records[-1].offset, time.time()))
        closed = await self._parked.lanes(records[0].topic)
        letters, decoded = _sort(records, closed)
        behind = sum(letter.cause == BEHIND for letter in letters)
        letters += await self._apply_all(decoded)
        letters.sort(key=lambda letter: letter.offset)
        if len(records) >= MANY and (len(letters) - behind) * 2 > len(records):
            raise CircuitOpen(
                f"{len(letters)} of {len(records)} records cannot be applied, the first: {letters[0].cause}: {letters[0].message}"
            )
        if letters:
            await self._park(letters)
        parked = {letter.offset for letter in letters}
        self._observe([one for one in decoded if one[0].offset not in parked] if parked else decoded, fetched)

    async def apply_jointly(self, parts: Sequence[Fetched]) -> Sequence[int]:
        """Apply the records of several partitions at once; which parts were not and are to be applied alone.

        Those are the parts with a record to be parked; all of them, if the rest cannot be applied, or shows in so many documents that each
        part would wait for all of them.

        Raises what passes by itself.
        """
        closed = await self._parked.lanes(*{records[0].topic for records, _ in parts})
        sorted_out = [_sort(records, closed) for records, _ in parts]
        left = [number for number, (letters, _) in enumerate(sorted_out) if letters]
        together = [(decoded, fetched) for (letters, decoded), (_, fetched) in zip(sorted_out, parts, strict=True) if not letters]
        changes = [change for decoded, _ in together for _, change in decoded]
        try:
            await self.apply_changes(changes, max(WIDE, 2 * len(changes)))
        except Exception as error:
            if data_cause(error) is None and not isinstance(error, TooWide):
                raise
            return range(len(parts))
        for decoded, fetched in together:
            self._observe(decoded, fetched)
        return left

    def _observe(self, applied: list[Decoded], fetched: Sequence[tuple[int, float]]) -> None:
        for some, at in _by_fetch(applied, fetched):
            for observe in self._observers:
                observe(some, at)

    async def _apply_all(self, decoded: list[Decoded]) -> list[DeadLetter]:
        if not decoded:
            return []
        try:
            await self.apply_changes([change for _, change in decoded])
        except Exception as error:
            if data_cause(error) is None:
                raise
            return await self._halve(_by_key(decoded), error, attempt=1)
        return []

    async def _apply_groups(self, groups: list[list[Decoded]], attempt: int) -> list[DeadLetter]:
        try:
            # In the order of their offsets again: a TRUNCATE among them is no key's own.
            await self.apply_changes([change for _, change in sorted((one for g in groups for one in g), key=lambda one: one[0].offset)])
        except Exception as error:
            if data_cause(error) is None:
                raise
            return await self._halve(groups, error, attempt)
        return []

    async def _halve(self, groups: list[list[Decoded]], error: Exception, attempt: int) -> list[DeadLetter]:
        """The letters of groups that failed together with this data error."""
        if len(groups) == 1:
            cause = data_cause(error) or ""
            return [DeadLetter.of(record, cause, str(error), attempt) for record, _ in groups[0]]
        half = len(groups) // 2
        return [
            *await self._apply_groups(groups[:half], attempt + 1),
            *await self._apply_groups(groups[half:], attempt + 1),
        ]

    async def _park(self, letters: Sequence[DeadLetter]) -> None:
        # In this order: a key is closed only once its letters are on the topic, so that `replay` sees every letter it lets a key go for,
        # and a worker that dies between the two meets the record as a bad one again, not as one behind itself. What it dies before is done
        # when it meets the record again.
        await self._outbox.send(letters)
        await self._parked.add(letters)
        await self._take_back([change for letter in letters if (change := _readable(letter))])
        for letter in letters:
            metrics.DEAD_LETTERS.labels(letter.cause).inc()
        first = letters[0]
        log.error("parked", records=len(letters), topic=first.topic, offset=first.offset, cause=first.cause, error=first.message[:300])


def _readable(letter: DeadLetter) -> Change | None:
    try:
        return decode(letter)
    except Poison:
        return None  # and no draft has shown it


def _by_fetch(applied: list[Decoded], fetched: Sequence[tuple[int, float]]) -> Iterator[tuple[list[Decoded], float]]:
    start = 0
    for upto, at in fetched:
        end = bisect_right(applied, upto, start, key=lambda one: one[0].offset)
        if end > start:
            yield applied[start:end], at
        start = end


def _by_key(decoded: Sequence[Decoded]) -> list[list[Decoded]]:
    groups: dict[bytes | None, list[Decoded]] = {}
    for one in decoded:
        groups.setdefault(one[0].key, []).append(one)
    return list(groups.values())


def _sort(records: Sequence[Record], closed: set[str]) -> tuple[list[DeadLetter], list[Decoded]]:
    """Letters for what cannot be decoded or waits behind a parked key; the rest in order."""
    closed = set(closed)
    letters: list[DeadLetter] = []
    decoded: list[Decoded] = []
    for record in records:
        if closed and lane_of(record.topic, record.key) in closed:
            letters.append(DeadLetter.of(record, BEHIND, "an earlier record of this key is parked", 0))
            continue
        try:
            change = decode(record)
        except Poison as poison:
            letters.append(DeadLetter.of(record, poison.cause, str(poison), 1))
            if (lane := lane_of(record.topic, record.key)) is not None:
                closed.add(lane)
        else:
            if change is not None:
                decoded.append((record, change))
    return letters, decoded
