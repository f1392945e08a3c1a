"""Parked records, applied again in order, until their key is up to date and goes free."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from cdc_consumer.dead_letters.letter import DeadLetter
from cdc_consumer.dead_letters.parked import Parked
from cdc_consumer.envelope import Change, decode
from cdc_consumer.poison import Poison
from cdc_consumer.retry import data_cause

Apply: TypeAlias = Callable[[Sequence[Change]], Awaitable[None]]
ROUNDS: Final = 10  # times that new records may park behind a key while it is replayed


@dataclass(frozen=True)
class Outcome:
    """What became of one key."""

    lane: str
    done: int  # letters settled
    left: int  # letters that still wait
    free: bool  # later records of the key are applied again
    error: str = ""  # why the first letter left could not be applied


def waiting(letters: Iterable[DeadLetter], settled: set[int]) -> dict[str, list[DeadLetter]]:
    """Letters that need something, oldest first, by key; one without key stands alone under its own place."""
    lanes: dict[str, list[DeadLetter]] = {}
    for letter in letters:
        if letter.place not in settled:
            lanes.setdefault(letter.lane or f"{letter.topic} (no key, letter {letter.place})", []).append(letter)
    return lanes


async def replay(lane: str, read: Callable[[], Awaitable[Sequence[DeadLetter]]], apply: Apply, parked: Parked) -> Outcome:
    """Apply the letters of one key in order, each settled before the next; then let the key go.

    Idempotent and resumable: applying again changes nothing, and a settled letter is not applied again. Stops at the first that still
    cannot be applied.
    """
    done = 0
    for _ in range(ROUNDS):
        count = await parked.count(lane)
        letters = waiting(await read(), await parked.settled()).get(lane, [])
        for number, letter in enumerate(letters):
            try:
                change = decode(letter)
                await apply([change] if change else [])
            except Exception as error:
                if data_cause(error) is None:
                    raise
                return Outcome(lane, done, len(letters) - number, free=False, error=f"{data_cause(error)}: {error}"[:500])
            await parked.settle([letter], "replayed")
            done += 1
        if count == 0 or await parked.release(lane, count):
            return Outcome(lane, done, 0, free=True)
    return Outcome(lane, done, 0, free=False, error="new records keep parking behind it; replay again")


def changes_of(letters: Iterable[DeadLetter]) -> list[Change]:
    """What letters say, of those that can be decoded."""
    found = []
    for letter in letters:
        with contextlib.suppress(Poison):
            if change := decode(letter):
                found.append(change)
    return found


async def discard(lane: str, letters: Sequence[DeadLetter], parked: Parked, let_go: Apply) -> Outcome:
    """Settle the letters of one key without applying them, and let the key go.

    `let_go` is told what they say when nobody can be told to wait for it any more, and ends the waiting for it.
    """
    count = await parked.count(lane)
    await parked.settle(letters, "discarded")
    free = count == 0 or await parked.release(lane, count)
    await let_go(changes_of(letters))
    return Outcome(lane, len(letters), 0, free, "" if free else "a record parked behind it meanwhile; list again")
